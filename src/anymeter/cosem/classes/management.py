"""Management of a device: its logical devices, its functions and the protection of its ports. Classes 17, 122, 124.

Source: EN 13757-1:2014, 6.4, 6.5, Annex B (B.23); DLMS UA 1000-1 Ed. 16, Part 2, 4.4.5, 4.4.10, 4.4.12.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from anymeter.cosem.classes.parts import LN, blue_book, declined
from anymeter.cosem.model import InterfaceClass, attribute, method, reads, writes
from anymeter.cosem.schema import (
    BOOLEAN,
    DOUBLE_LONG_UNSIGNED,
    ENUM,
    INTEGER,
    LONG_UNSIGNED,
    OCTET_STRING,
    UNSIGNED,
    array,
    structure,
)

_SAP: Final = structure(SAP=LONG_UNSIGNED, logical_device_name=OCTET_STRING)
_FUNCTION: Final = structure(
    function_name=OCTET_STRING, objects=array(structure(class_id=LONG_UNSIGNED, logical_name=LN))
)
_MOST: Final = 1000


class SapAssignment(InterfaceClass, class_id=17, methods_at=0x20, clause=blue_book("4.4.5")):
    """SAP assignment: the logical devices of the physical device, and the SAPs they are reached by."""

    SAP_assignment_list = attribute(2, array(_SAP))

    def set_up(self) -> None:
        """The logical devices that were disconnected, by their names."""
        self._disconnected: dict[bytes, Any] = {}

    @property
    def _physical(self) -> Any:
        return getattr(self.device, "physical", None)

    @reads(SAP_assignment_list)
    def _list(self, now: float) -> list[tuple[int, bytes]]:
        if self._physical is None:
            own: Any = self.device
            return [(own.sap, own.name)] if own is not None else self.SAP_assignment_list
        found: list[tuple[int, bytes]] = self._physical.saps()
        return found + [(0, name) for name in sorted(self._disconnected)]

    @method(1, _SAP)
    def connect_logical_device(self, data: tuple[int, bytes], now: float) -> None:
        """Move a logical device to another SAP; SAP 0 disconnects it. The management logical device stays at 1."""
        sap, name = data
        physical = self._physical
        if physical is None:
            raise declined(self, "is in no physical device")
        known = {device.name: device for device in physical.logical.values()} | self._disconnected
        device = known.get(name)
        if device is None or device is physical.management or (sap and sap in physical.logical):
            raise declined(self, f"SAP {sap} for {name!r}")
        physical.logical.pop(device.sap, None)
        self._disconnected.pop(name, None)
        device.sap = sap
        if sap == 0:
            self._disconnected[name] = device
        else:
            physical.logical[sap] = device


class FunctionControl(InterfaceClass, class_id=122, methods_at=0x20, clause=blue_book("4.4.10")):
    """Function control: functions of the device, the objects they consist of, and whether they are active."""

    activation_status = attribute(
        2, array(structure(function_name=OCTET_STRING, function_status=BOOLEAN)), dynamic=True
    )
    function_list = attribute(3, array(_FUNCTION))

    def set_up(self) -> None:
        """*switched* is told when a function is activated or deactivated: its name, whether, and when."""
        self.switched: Callable[[bytes, bool, float], None] = lambda name, active, now: None

    @method(1, array(structure(function_name=OCTET_STRING, function_status=BOOLEAN)))
    def set_function_status(self, data: list[tuple[bytes, bool]], now: float) -> None:
        """Activate and deactivate functions; refused as a whole where one is not known."""
        known = dict(self.activation_status)
        unknown = [name for name, _ in data if name not in known]
        if unknown:
            raise declined(self, f"has no function {unknown[0]!r}")
        changed = [(name, active) for name, active in dict(data).items() if known[name] is not active]
        self.put(2, list((known | dict(data)).items()), now)
        for name, active in changed:
            self.switched(name, active, now)

    @method(2, _FUNCTION)
    def add_function(self, data: tuple[bytes, list[Any]], now: float) -> None:
        """Add a function, inactive at first, or give one that is known other objects."""
        kept = [function for function in self.function_list if function[0] != data[0]]
        if len(kept) >= _MOST:
            raise declined(self, f"takes {_MOST} functions")
        self.put(3, [*kept, data], now)
        if data[0] not in dict(self.activation_status):
            self.put(2, [*self.activation_status, (data[0], False)], now)

    @method(3, _FUNCTION)
    def remove_function(self, data: tuple[bytes, list[Any]], now: float) -> None:
        """Remove the function of this name."""
        kept = [function for function in self.function_list if function[0] != data[0]]
        if len(kept) == len(self.function_list):
            raise declined(self, f"has no function {data[0]!r}")
        self.put(3, kept, now)
        self.put(2, [one for one in self.activation_status if one[0] != data[0]], now)


LOCKED, LOCKED_ON_FAILED_ATTEMPTS, UNLOCKED = range(3)
_MODES: Final = {0: "locked", 1: "locked on failed attempts", 2: "unlocked"}
_STATUS_UNLOCKED, _STATUS_TEMPORARILY, _STATUS_LOCKED = range(3)


class CommunicationPortProtection(InterfaceClass, class_id=124, methods_at=0x50, clause=blue_book("4.4.12")):
    """Communication port protection: after too many failed attempts a port is locked, longer each time.

    The first lockout, after one more than allowed_failed_attempts, takes initial_lockout_time seconds; each further one
    steepness_factor times as long, at most max_lockout_time.
    """

    protection_mode = attribute(2, ENUM, default=LOCKED_ON_FAILED_ATTEMPTS, words=_MODES)
    allowed_failed_attempts = attribute(3, LONG_UNSIGNED)
    initial_lockout_time = attribute(4, DOUBLE_LONG_UNSIGNED)
    steepness_factor = attribute(5, UNSIGNED, default=1)
    max_lockout_time = attribute(6, DOUBLE_LONG_UNSIGNED)
    port_reference = attribute(7, OCTET_STRING)
    protection_status = attribute(8, ENUM, dynamic=True, words={0: "unlocked", 1: "temporarily locked", 2: "locked"})
    failed_attempts = attribute(9, DOUBLE_LONG_UNSIGNED, dynamic=True)
    cumulative_failed_attempts = attribute(10, DOUBLE_LONG_UNSIGNED, dynamic=True)

    def set_up(self) -> None:
        """Until when the port is locked."""
        self._until: float | None = None

    @method(1, INTEGER)
    def reset(self, data: int, now: float) -> None:
        """Forget the failed attempts and unlock the port; all that ever failed stay counted."""
        self.put(9, 0, now)
        self._until = None

    @writes(protection_mode)
    def _set_protection_mode(self, value: int, now: float) -> None:
        if value not in _MODES:
            raise declined(self, f"protection_mode {value}")
        self._until = None
        self.put(2, value, now)

    @reads(protection_status)
    def _status(self, now: float) -> int:
        if self.protection_mode == LOCKED:
            return _STATUS_LOCKED
        return _STATUS_TEMPORARILY if self._until is not None and now < self._until else _STATUS_UNLOCKED

    def locked(self, now: float) -> bool:
        """Whether the port takes no attempts at *now*."""
        return self._status(now) != _STATUS_UNLOCKED

    def failed(self, now: float) -> None:
        """An attempt to open an association has failed."""
        self.put(9, min(self.failed_attempts + 1, 0xFFFFFFFF), now)
        self.put(10, min(self.cumulative_failed_attempts + 1, 0xFFFFFFFF), now)
        too_many = self.failed_attempts - self.allowed_failed_attempts
        if self.protection_mode == LOCKED_ON_FAILED_ATTEMPTS and too_many > 0:
            self._until = now + self.lockout_time(too_many)

    def succeeded(self, now: float) -> None:
        """An attempt has succeeded: those that failed before it do not count any more."""
        self.put(9, 0, now)
        self._until = None

    def lockout_time(self, too_many: int) -> int:
        """Seconds for which the port is locked after so many attempts too many."""
        seconds, factor = self.initial_lockout_time, self.steepness_factor
        for _ in range(min(too_many - 1, 64) if factor > 1 else 0):
            seconds = min(seconds * factor, self.max_lockout_time)
        return min(seconds, self.max_lockout_time)
