"""Register activation: which registers count, tariff by tariff.

Source: EN 13757-1:2014, 6.4 and Annex B (activation mask, tariffication); DLMS UA 1000-1 Ed. 16, Part 2, 4.3.5.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar, Final

from anymeter.cosem.classes.parts import LN, blue_book, declined
from anymeter.cosem.enums import DataAccessResult
from anymeter.cosem.model import InterfaceClass, attribute, method, writes
from anymeter.cosem.schema import LONG_UNSIGNED, OCTET_STRING, UNSIGNED, array, structure
from anymeter.obis import Obis

Amount = int | Decimal

ASSIGNMENT: Final = structure(class_id=LONG_UNSIGNED, logical_name=LN)
MASK: Final = structure(mask_name=OCTET_STRING, index_list=array(UNSIGNED))
MOST_REGISTERS: Final = 255
_DEMAND_REGISTER: Final = 5


class RegisterActivation(InterfaceClass, class_id=6, version=0, methods_at=0x30, clause=blue_book("4.3.5")):
    """Register activation: of the assigned registers those count whose index is in the active mask.

    Indexes count from 1. What is counted comes from :meth:`add` or from a counter that :meth:`measure` names; at a
    change of the mask every unit goes to the registers of one of the two masks, never to both or neither.
    """

    run_order: ClassVar[int] = -10

    register_assignment = attribute(2, array(ASSIGNMENT))
    mask_list = attribute(3, array(MASK))
    active_mask = attribute(4, OCTET_STRING)

    def set_up(self) -> None:
        """Nothing is measured yet."""
        self._source: Callable[[float], Amount] | None = None
        self._reading: Amount = 0
        self._bound: set[Obis] = set()

    # --- counting ---

    def active(self) -> list[InterfaceClass]:
        """The registers that count now; those the device has not are left out."""
        if self.device is None:
            return []
        indexes: list[int] = next((indexes for name, indexes in self.mask_list if name == self.active_mask), [])
        assigned = self.register_assignment
        named = [self.device.named(Obis(assigned[i - 1][1])) for i in indexes if 1 <= i <= len(assigned)]
        return [obj for obj in named if obj is not None]

    def add(self, amount: Amount, now: float) -> None:
        """Let the active registers count *amount*."""
        for obj in self.active() if amount else ():
            if obj.class_id == _DEMAND_REGISTER:
                obj.add(amount, now)  # type: ignore[attr-defined]
            else:
                obj.put(2, obj.stored(2) + amount, now)

    def measure(self, source: Callable[[float], Amount], now: float) -> None:
        """Take what is counted from a counter: *source* says what it shows at any time.

        The value of an assigned register then stands at any time for all that went by while it was active.
        """
        self._source, self._reading = source, source(now)
        for obj in self._assigned():
            self._bind(obj)

    def settle(self, now: float) -> None:
        """Let the active registers count what went by until *now*."""
        if self._source is not None:
            reading = self._source(now)
            amount, self._reading = reading - self._reading, reading
            self.add(amount, now)

    def _assigned(self) -> list[InterfaceClass]:
        if self.device is None:
            return []
        found = [self.device.named(Obis(name)) for _, name in self.register_assignment]
        return [obj for obj in found if obj is not None]

    def _bind(self, obj: InterfaceClass) -> None:
        if obj.class_id != _DEMAND_REGISTER and obj.logical_name not in self._bound:
            self._bound.add(obj.logical_name)
            obj.bind(2, lambda now: self._settled(obj, now))

    def _settled(self, obj: InterfaceClass, now: float) -> Any:
        self.settle(now)
        return obj.stored(2)

    # --- changing it ---

    @writes(active_mask)
    def activate(self, mask: bytes, now: float) -> None:
        """Switch to another mask; a name that no mask has lets none of the assigned registers count."""
        self.settle(now)
        self.put(4, mask, now)

    @writes(register_assignment)
    def _assign(self, value: list[tuple[int, bytes]], now: float) -> None:
        if len(value) > MOST_REGISTERS:
            raise self.refusal(DataAccessResult.other_reason, f"{self.logical_name} with {len(value)} registers")
        self.settle(now)
        self.put(2, value, now)
        if self._source is not None:
            self.measure(self._source, now)

    @writes(mask_list)
    def _set_masks(self, value: list[tuple[bytes, list[int]]], now: float) -> None:
        self.settle(now)
        self.put(3, value, now)

    @method(1, ASSIGNMENT)
    def add_register(self, data: tuple[int, bytes], now: float) -> None:
        """Assign one more register; refused when it is assigned already or the device has none such."""
        if data in self.register_assignment:
            raise declined(self, f"{Obis(data[1])} is assigned already")
        if self.device is not None:
            self.device.find(data[0], Obis(data[1]))
        self._assign([*self.register_assignment, data], now)

    @method(2, MASK)
    def add_mask(self, data: tuple[bytes, list[int]], now: float) -> None:
        """Add a mask; one of the same name is replaced. Refused when it names registers that are not assigned."""
        name, indexes = data
        if any(not 1 <= index <= len(self.register_assignment) for index in indexes):
            raise declined(self, f"mask {name!r} names a register that is not assigned")
        if len(self.mask_list) >= MOST_REGISTERS:
            raise declined(self, f"mask {name!r} is one too many")
        self._set_masks([mask for mask in self.mask_list if mask[0] != name] + [(name, indexes)], now)

    @method(3, OCTET_STRING)
    def delete_mask(self, data: bytes, now: float) -> None:
        """Delete a mask; refused when there is none of this name, or while it is active."""
        if data == self.active_mask or all(name != data for name, _ in self.mask_list):
            raise declined(self, f"mask {data!r} is active or not there")
        self._set_masks([mask for mask in self.mask_list if mask[0] != data], now)
