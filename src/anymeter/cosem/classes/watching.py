"""What monitors, limiters and sensors share: an attribute of another object that is watched, and thresholds.

Source: EN 13757-1:2014, 6.4; DLMS UA 1000-1 Ed. 16, Part 2, 4.5.6, 4.5.9, 4.5.11.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from anymeter.cosem.classes.parts import LN
from anymeter.cosem.classes.scripts import REFERENCE
from anymeter.cosem.model import InterfaceClass
from anymeter.cosem.schema import CHOICE, INTEGER, LONG_UNSIGNED, array, structure
from anymeter.errors import AccessError
from anymeter.obis import Obis

VALUE_DEFINITION: Final = structure(class_id=LONG_UNSIGNED, logical_name=LN, attribute_index=INTEGER)
"""An attribute of another object."""

CROSSINGS: Final = array(structure(action_up=REFERENCE, action_down=REFERENCE))
"""For each threshold the scripts to execute when it is crossed."""

THRESHOLDS: Final = array(CHOICE)

Script: TypeAlias = tuple[bytes, int]
Reference: TypeAlias = tuple[int, bytes, int]


def execute(obj: InterfaceClass, script: Script, now: float) -> None:
    """Execute a script of the device that *obj* lives in; selector 0 is none."""
    if obj.device is not None and script[1]:
        obj.device.execute(Obis(script[0]), script[1], now)


def target_of(obj: InterfaceClass, reference: Reference) -> InterfaceClass | None:
    """The object a reference names, None when it or its attribute is not there."""
    class_id, name, number = reference
    if obj.device is None or len(name) != 6:
        return None
    try:
        found: InterfaceClass = obj.device.find(class_id, Obis(name))
    except AccessError:
        return None
    return found if number in found.attributes else None


class Watched:
    """An attribute of another object that *owner* watches.

    The owner's ``noticed(obj, number, value, now)`` is called when it changes. What is worked out only when it is read
    changes unseen: that is looked at every *period* seconds, in the owner's ``run``.
    """

    def __init__(self, owner: InterfaceClass) -> None:
        self.owner, self.period = owner, 60.0
        self.reference: Reference = (0, b"", 0)
        self.looked_at: float | None = None

    def watch(self, reference: Reference, now: float) -> None:
        """Watch this attribute, and no other one any more."""
        self.reference, self.looked_at = reference, now
        device = self.owner.device
        if device is not None:
            device.unwatch(self.owner)
            if len(reference[1]) == 6:
                device.watch(Obis(reference[1]), reference[2], self.owner)

    def meant(self, obj: InterfaceClass, number: int) -> bool:
        """Whether this is the attribute that is watched."""
        return (obj.class_id, obj.logical_name, number) == self.reference

    def value(self, now: float) -> Any:
        """The value at *now*; None where there is none."""
        target = target_of(self.owner, self.reference)
        return None if target is None else target.get(self.reference[2], now)

    def next_due(self) -> float | None:
        """When to look again, None where changes are told."""
        target = target_of(self.owner, self.reference)
        if target is None or self.looked_at is None or not target.computed(self.reference[2]):
            return None
        return self.looked_at + self.period

    def looked(self, now: float) -> None:
        """It was looked at *now*."""
        self.looked_at = now


class Thresholds:
    """Which thresholds a value lies above, and which it crosses. A value equal to a threshold is not above it."""

    def __init__(self) -> None:
        self._above: list[bool] | None = None

    def forget(self) -> None:
        """The next value is the first: nothing is crossed by it."""
        self._above = None

    def crossed(self, value: Any, thresholds: list[Any]) -> list[tuple[int, bool]]:
        """The thresholds that are crossed, by place, and whether upwards."""
        if not is_number(value):
            return []
        above = [is_number(t) and value > t for t in thresholds]
        before, self._above = self._above, above
        if before is None or len(before) != len(above):
            return []
        return [(n, now) for n, (was, now) in enumerate(zip(before, above, strict=True)) if was is not now]


def is_number(value: Any) -> bool:
    """Whether a value can be compared with a threshold."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def act(obj: InterfaceClass, crossed: list[tuple[int, bool]], actions: list[tuple[Script, Script]], now: float) -> None:
    """Execute the scripts of the thresholds that are crossed."""
    for place, upwards in crossed:
        if place < len(actions):
            execute(obj, actions[place][0 if upwards else 1], now)
