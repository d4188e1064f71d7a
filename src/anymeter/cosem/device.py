"""Devices: the physical device, its logical devices, and the objects in them. Source: EN 13757-1:2014, 6.4, 6.5."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from typing import Any, Final, Protocol, cast

from anymeter.cosem.associations import CURRENT, MANAGEMENT_DEVICE, AssociationProfile
from anymeter.cosem.enums import DataAccessResult
from anymeter.cosem.model import InterfaceClass, refuse
from anymeter.cosem.schema import LONG_UNSIGNED
from anymeter.cosem.short_names import ShortNames
from anymeter.cosem.surroundings import LocalTime, Outgoing
from anymeter.errors import AccessError, AnymeterError, LocalError
from anymeter.obis import Obis

CLOCK: Final = Obis("0-0:1.0.0*255")
_SCRIPT_TABLE: Final = 9
FAULTS: Final = (
    AnymeterError,
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
)
"""What an object may raise when it is at fault itself: one object does not take the others down."""
_MOST_INSTANTS: Final = 100_000
"""How many instants one call of :meth:`LogicalDevice.advance` goes through; a device left alone for long catches up
in several calls."""
_MOST_AT_ONCE: Final = 1000
"""How often objects may be due again at one and the same instant."""


class Watcher(Protocol):
    """Who wants to know that an attribute has a new value."""

    def noticed(self, obj: InterfaceClass, number: int, value: Any, now: float) -> None:
        """The attribute *number* of *obj* has become *value*."""


class LogicalDevice:
    """A set of objects behind one SAP, and the associations through which they are reached.

    *name* is the logical device name, at most 16 octets, the maker's three letters first.
    """

    def __init__(
        self,
        sap: int,
        name: bytes,
        objects: Iterable[InterfaceClass] = (),
        associations: Iterable[AssociationProfile] = (),
        base_names: Mapping[Obis, int] | None = None,
    ) -> None:
        if not 1 <= len(name) <= 16:
            raise LocalError(f"a logical device name has 1 to 16 octets, not {len(name)}")
        self.sap, self.name = sap, name
        self.objects: dict[Obis, InterfaceClass] = {}
        self.associations = {a.client: a for a in associations}
        self.outbox: list[Outgoing] = []
        self.short_names = ShortNames(base_names or {})
        self.physical: PhysicalDevice | None = None
        self._watchers: dict[tuple[Obis, int], list[Watcher]] = {}
        self._dues: dict[InterfaceClass, float | None] = {}
        self._stale: set[InterfaceClass] = set()
        self._fresh: list[InterfaceClass] = []
        self._next: float | None = None
        for obj in objects:
            self.add(obj)

    def add(self, obj: InterfaceClass) -> None:
        """Put an object into the device; LocalError when its name is taken."""
        if obj.logical_name in self.objects:
            raise LocalError(f"two objects are named {obj.logical_name}")
        self.objects[obj.logical_name] = obj
        obj.device = self
        self.short_names.forget()
        if type(obj).next_due is not InterfaceClass.next_due:
            self._dues[obj] = None
            self._stale.add(obj)
            self._fresh.append(obj)

    def remove(self, name: Obis) -> None:
        """Take an object out; AccessError when there is none of this name."""
        obj = self.objects.pop(name, None)
        if obj is None:
            raise refuse(DataAccessResult.object_undefined, str(name))
        obj.device = None
        self._dues.pop(obj, None)
        self._stale.discard(obj)
        self._fresh = [fresh for fresh in self._fresh if fresh is not obj]
        self.short_names.forget()

    # --- finding ---

    @property
    def clock(self) -> LocalTime | None:
        """The Clock object, where there is one."""
        found: Any = self.objects.get(CLOCK)
        return cast("LocalTime | None", found)

    def find(self, class_id: int, name: Obis, association: AssociationProfile | None = None) -> InterfaceClass:
        """The object of this class and name; 0-0:40.0.0*255 is the object of the *association* that asks.

        AccessError object-undefined or object-class-inconsistent.
        """
        obj = self.objects.get(name)
        if obj is None and name == CURRENT and association is not None:
            obj = self.objects.get(association.object_name)
        if obj is None:
            raise refuse(DataAccessResult.object_undefined, str(name))
        if obj.class_id != class_id:
            raise refuse(DataAccessResult.object_class_inconsistent, f"{name} is of class {obj.class_id}")
        return obj

    def named(self, name: Obis) -> InterfaceClass | None:
        """The object of this name, of whatever class."""
        return self.objects.get(name)

    def everything(self) -> list[InterfaceClass]:
        """Every object, in the order they were put in."""
        return list(self.objects.values())

    # --- what happens in it ---

    def watch(self, name: Obis, number: int, watcher: Watcher) -> None:
        """Let *watcher* be told whenever this attribute changes."""
        watchers = self._watchers.setdefault((name, number), [])
        if watcher not in watchers:
            watchers.append(watcher)

    def unwatch(self, watcher: Watcher) -> None:
        """Tell *watcher* nothing any more."""
        for of in [key for key, watchers in self._watchers.items() if watcher in watchers]:
            self._watchers[of].remove(watcher)
            if not self._watchers[of]:
                del self._watchers[of]

    def changed(self, obj: InterfaceClass, number: int, value: Any, now: float) -> None:
        """An attribute has a new value: tell those that watch it."""
        if self._watchers:
            for watcher in list(self._watchers.get((obj.logical_name, number), ())):
                watcher.noticed(obj, number, value, now)
        if obj in self._dues:
            self.touched(obj)

    def execute(self, script_table: Obis, selector: int, now: float) -> bool:
        """Run a script; whether every action succeeded. Selector 0 and a table that is not there do nothing."""
        table = self.objects.get(script_table)
        if not selector or table is None or table.class_id != _SCRIPT_TABLE:
            return selector == 0
        try:
            table.invoke(1, LONG_UNSIGNED.encode(selector), now)
        except AccessError:
            return False
        return True

    def clock_set(self, old: float, new: float, now: float) -> None:
        """The clock showed *old* and shows *new*: every object is told."""
        for obj in self._in_order(self.objects.values()):
            obj.clock_changed(old, new, now)
        self._stale.update(self._dues)
        self._next = None

    # --- time ---

    def touched(self, obj: InterfaceClass) -> None:
        """When *obj* is due next may have changed."""
        if obj in self._dues:
            self._stale.add(obj)

    def next_due(self) -> float | None:
        """When something is due, None for never."""
        if self._stale:
            for obj in self._stale:
                self._dues[obj] = obj.next_due()
            self._stale.clear()
            self._next = min((due for due in self._dues.values() if due is not None), default=None)
        return self._next

    def advance(self, now: float) -> None:
        """Run everything that is due until *now*, in the order of time, then of their run_order.

        At most 100,000 instants are gone through, the rest with the next call. An object that fails goes on at its next
        instant, or rests until it is touched; the others go on, and the first failure is raised at the end. LocalError
        when an object is due again and again at one instant, which is a mistake of its class.
        """
        if not self._stale and not self._fresh and (self._next is None or self._next > now):
            return
        if self._fresh:
            fresh, self._fresh = self._in_order(self._fresh), []
            for obj in fresh:
                obj.started(now)
                self._stale.add(obj)
        last, again = float("-inf"), 0
        failure: Exception | None = None
        for _ in range(_MOST_INSTANTS):
            due = self.next_due()
            if due is None or due > now:
                break
            again = again + 1 if due <= last else 0
            if again > _MOST_AT_ONCE:
                raise LocalError(f"objects of {self.name!r} are due for ever at {due}")
            last = due
            for obj in self._in_order([o for o, at in self._dues.items() if at is not None and at <= due]):
                try:
                    obj.run(due)
                    self._stale.add(obj)
                except FAULTS as error:
                    failure = failure or error
                    self._after_failure(obj, due)
        if failure is not None:
            raise failure

    def _after_failure(self, obj: InterfaceClass, due: float) -> None:
        """Go on with *obj* at its next instant; where it is due at the same one still, not until it is touched."""
        following = obj.next_due()
        if following is None or following > due:
            self._stale.add(obj)
            return
        self._dues[obj] = None
        self._stale.discard(obj)
        self._next = min((at for at in self._dues.values() if at is not None), default=None)

    @staticmethod
    def _in_order(objects: Iterable[InterfaceClass]) -> list[InterfaceClass]:
        return sorted(objects, key=lambda obj: obj.run_order)

    def __repr__(self) -> str:
        return f"LogicalDevice({self.sap}, {self.name!r}, {len(self.objects)} objects)"


class PhysicalDevice:
    """One communicating box: its logical devices by SAP. The one at SAP 1 manages it.

    *system_title* has 8 octets, the maker's three letters first.
    """

    def __init__(self, logical: Iterable[LogicalDevice], system_title: bytes = bytes(8)) -> None:
        self.logical = {device.sap: device for device in logical}
        if MANAGEMENT_DEVICE not in self.logical:
            raise LocalError("a physical device has a management logical device at SAP 1")
        if len(system_title) != 8:
            raise LocalError(f"a system title has 8 octets, not {len(system_title)}")
        self.system_title = system_title
        for device in self.logical.values():
            device.physical = self

    @property
    def management(self) -> LogicalDevice:
        """The management logical device."""
        return self.logical[MANAGEMENT_DEVICE]

    def saps(self) -> list[tuple[int, bytes]]:
        """SAP and logical device name of every logical device, as SAP assignment lists them."""
        return [(sap, device.name) for sap, device in sorted(self.logical.items())]

    def next_due(self) -> float | None:
        """When something in it is due, None for never."""
        dues = [due for device in self.logical.values() if (due := device.next_due()) is not None]
        return min(dues, default=None)

    def advance(self, now: float) -> None:
        """Run everything that is due until *now*."""
        for device in self.logical.values():
            device.advance(now)

    def __repr__(self) -> str:
        return f"PhysicalDevice({self.management.name!r}, {len(self.logical)} logical devices)"
