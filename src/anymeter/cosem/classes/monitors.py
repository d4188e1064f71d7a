"""Register monitor and Parameter monitor: what happens when a value crosses a threshold, or changes. Classes 21, 65.

Source: EN 13757-1:2014, 6.4, Annex B (B.62); DLMS UA 1000-1 Ed. 16, Part 2, 4.5.6, 4.5.10.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from anymeter.cosem.classes.parts import UNSPECIFIED, blue_book, declined, shown
from anymeter.cosem.classes.watching import (
    CROSSINGS,
    THRESHOLDS,
    VALUE_DEFINITION,
    Reference,
    Script,
    Thresholds,
    Watched,
    act,
    target_of,
)
from anymeter.cosem.data import parse
from anymeter.cosem.enums import DataAccessResult
from anymeter.cosem.model import InterfaceClass, attribute, method, reads, refuse, writes
from anymeter.cosem.schema import (
    CHOICE,
    ENUM,
    INTEGER,
    LONG_UNSIGNED,
    OCTET_STRING,
    OCTET_STRING_DATE_TIME,
    STRUCTURE,
    array,
    octets,
    structure,
)
from anymeter.wire.lengths import length_of

HASHES: Final = {0: "sha256", 1: "sha384", 2: "sha512"}
"""hash_algorithm_id; the numbers are not certain."""
_MOST_PARAMETERS: Final = 1000


def _is_secret(target: InterfaceClass | None, number: int) -> bool:
    return target is not None and target.attributes[number].secret


class RegisterMonitor(InterfaceClass, class_id=21, clause=blue_book("4.5.6")):
    """Register monitor: executes scripts when a value rises above a threshold, or falls to it or below.

    The first value that is seen crosses nothing, and so does the first one after a change of the thresholds.
    """

    thresholds = attribute(2, THRESHOLDS)
    monitored_value = attribute(3, VALUE_DEFINITION)
    actions = attribute(4, CROSSINGS)

    def set_up(self) -> None:
        """*watched* looks at values that change unseen every ``watched.period`` seconds."""
        self.watched, self._thresholds = Watched(self), Thresholds()

    @writes(thresholds)
    def _set_thresholds(self, value: list[Any], now: float) -> None:
        self.put(2, value, now)
        self._begin(now)

    @writes(monitored_value)
    def _set_monitored_value(self, value: Reference, now: float) -> None:
        self.put(3, value, now)
        self._begin(now)

    @writes(actions)
    def _set_actions(self, value: list[tuple[Script, Script]], now: float) -> None:
        if len(value) != len(self.thresholds):
            raise declined(self, f"has {len(self.thresholds)} thresholds, not {len(value)}")
        self.put(4, value, now)

    def started(self, now: float) -> None:
        """Begin to watch."""
        self._begin(now)

    def _begin(self, now: float) -> None:
        self.watched.watch(self.monitored_value, now)
        self._thresholds.forget()
        self._look(self.watched.value(now), now)

    def noticed(self, obj: InterfaceClass, number: int, value: Any, now: float) -> None:
        """The monitored attribute has changed."""
        if self.watched.meant(obj, number):
            self._look(value, now)

    def _look(self, value: Any, now: float) -> None:
        act(self, self._thresholds.crossed(value, self.thresholds), self.actions, now)

    def next_due(self) -> float | None:
        """When to look at a value that changes unseen."""
        return self.watched.next_due()

    def run(self, now: float) -> None:
        """Look at the value."""
        self.watched.looked(now)
        self._look(self.watched.value(now), now)


_CHANGED: Final = structure(class_id=LONG_UNSIGNED, logical_name=octets(6), attribute_index=INTEGER, value=CHOICE)


class ParameterMonitor(InterfaceClass, class_id=65, clause=blue_book("4.5.10")):
    """Parameter monitor: which of its parameters changed last, when, and to what."""

    changed_parameter = attribute(2, _CHANGED, dynamic=True)
    capture_time = attribute(3, OCTET_STRING_DATE_TIME, dynamic=True, default=UNSPECIFIED)
    parameter_list = attribute(4, array(VALUE_DEFINITION))

    def set_up(self) -> None:
        """The values as they were last seen."""
        self._seen: dict[Reference, bytes] = {}
        self._started = False

    @method(1, VALUE_DEFINITION)
    def add_parameter(self, data: Reference, now: float) -> None:
        """Add a parameter to the list; one that is there already changes nothing."""
        if data in self.parameter_list:
            return
        if _is_secret(target_of(self, data), data[2]):
            raise declined(self, f"does not show {data}")
        if len(self.parameter_list) >= _MOST_PARAMETERS:
            raise declined(self, f"takes {_MOST_PARAMETERS} parameters")
        self._set_list([*self.parameter_list, data], now)

    @method(2, VALUE_DEFINITION)
    def delete_parameter(self, data: Reference, now: float) -> None:
        """Delete a parameter from the list."""
        if data not in self.parameter_list:
            raise declined(self, f"does not list {data}")
        self._set_list([one for one in self.parameter_list if one != data], now)

    @writes(parameter_list)
    def _set_list(self, value: list[Reference], now: float) -> None:
        self.put(4, value, now)
        if self._started:
            self._watch(now)

    def started(self, now: float) -> None:
        """Begin to watch."""
        self._started = True
        self._watch(now)

    def next_due(self) -> float | None:
        """Never: changes are told."""
        return None

    def _watch(self, now: float) -> None:
        self._seen = {}
        if self.device is not None:
            self.device.unwatch(self)
        for one in self.parameter_list:
            target = target_of(self, one)
            if target is not None and self.device is not None and not _is_secret(target, one[2]):
                self._seen[one] = target.encoded(one[2], now)
                self.device.watch(target.logical_name, one[2], self)

    def noticed(self, obj: InterfaceClass, number: int, value: Any, now: float) -> None:
        """An attribute has been set: it is a change where it has another value than before."""
        one = (obj.class_id, bytes(obj.logical_name), number)
        if one not in self._seen:
            return
        octets_ = obj.encoded(number, now)
        if self._seen[one] == octets_:
            return
        self._seen[one] = octets_
        parts = (LONG_UNSIGNED, octets(6), INTEGER, obj.schema_of(number))
        self.types = {**self.types, 2: structure(*parts)}
        self.put(2, (*one, value), now)
        self.put(3, shown(self, now).octets, now)


class ParameterMonitorV1(ParameterMonitor, class_id=65, version=1):
    """Parameter monitor: the list has a name, and its values have a digest."""

    parameter_list_name = attribute(5, OCTET_STRING)
    hash_algorithm_id = attribute(6, ENUM, words=HASHES)
    parameter_value_digest = attribute(7, OCTET_STRING, dynamic=True)
    parameter_values = attribute(8, structure(), dynamic=True)

    @writes(hash_algorithm_id)
    def _set_hash(self, value: int, now: float) -> None:
        if value not in HASHES:
            raise declined(self, f"hash_algorithm_id {value}")
        self.put(6, value, now)

    @reads(parameter_value_digest)
    def _digest(self, now: float) -> bytes:
        """The hash of the encoded values, in the order of the list."""
        return hashlib.new(HASHES.get(self.hash_algorithm_id, HASHES[0]), b"".join(self._values(now))).digest()

    @reads(parameter_values)
    def _parameter_values(self, now: float) -> tuple[Any, ...]:
        return tuple(parse(octets_) for octets_ in self._values(now))

    @writes(parameter_value_digest, parameter_values)
    def _set_what_is_computed(self, value: Any, now: float) -> None:
        raise refuse(DataAccessResult.read_write_denied, f"{self.logical_name} follows from the parameters")

    def encoded(self, number: int, now: float) -> bytes:
        """The octets of an attribute's value; the types of parameter_values are those of the parameters."""
        if number != ParameterMonitorV1.parameter_values.number:
            return super().encoded(number, now)
        values = self._values(now)
        return bytes((STRUCTURE,)) + length_of(len(values)) + b"".join(values)

    def _values(self, now: float) -> list[bytes]:
        found = ((target_of(self, one), one[2]) for one in self.parameter_list)
        return [
            b"\x00" if target is None or _is_secret(target, number) else target.encoded(number, now)
            for target, number in found
        ]
