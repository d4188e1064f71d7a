"""Register and Extended register: a value with its scaler and unit.

Source: EN 13757-1:2014, 6.4 and Annex B (resets, maxima and minima); DLMS UA 1000-1 Ed. 16, Part 2, 4.3.2 and 4.3.3.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from anymeter.cosem.classes.parts import UNSPECIFIED, blue_book, declined, shown
from anymeter.cosem.model import InterfaceClass, attribute, method
from anymeter.cosem.schema import CHOICE, ENUM, INTEGER, OCTET_STRING_DATE_TIME, structure
from anymeter.cosem.units import ScalerUnit
from anymeter.obis import Obis

SCALER_UNIT: Final = structure(scaler=INTEGER, unit=ENUM)
NO_UNIT: Final = (0, 255)


class Register(InterfaceClass, class_id=3, version=0, methods_at=0x28, clause=blue_book("4.3.2")):
    """Register: a process value or a status; the quantity is ``value`` times ten to the scaler, in the unit."""

    value = attribute(2, CHOICE, dynamic=True)
    scaler_unit = attribute(3, SCALER_UNIT, default=NO_UNIT)

    def set_up(self) -> None:
        """*counts*: whether what is bound to the value is a counter, which can be reset."""
        self.counts = True

    def quantity(self, now: float) -> Any:
        """The value in the unit, exactly."""
        return ScalerUnit.parse(self.get(3, now)).apply(self.get(2, now))

    def _default(self) -> Any:
        return self.attributes[2].initial(self.types.get(2))

    def _clear(self, now: float) -> None:
        """Set the value to its default; a value that is bound counts from there on."""
        source = None if self.sources is None else self.sources.get(2)
        if source is None:
            self.put(2, self._default(), now)
            return
        before = source(now)
        if not self.counts or isinstance(before, bool) or not isinstance(before, int | Decimal):
            raise declined(self, "value is measured and is no count: it cannot be reset")
        self.bind(2, _counted_from(source, before))

    @method(1, INTEGER)
    def reset(self, data: int, now: float) -> None:
        """Set the value to its default."""
        self._clear(now)


class ExtendedRegister(Register, class_id=4, version=0, methods_at=0x38, clause=blue_book("4.3.3")):
    """Extended register: a value with its scaler and unit, its status, and when it was captured."""

    status = attribute(4, CHOICE, dynamic=True)
    capture_time = attribute(5, OCTET_STRING_DATE_TIME, dynamic=True, default=UNSPECIFIED)

    def set_up(self) -> None:
        """Nothing is followed yet."""
        super().set_up()
        self._better: Callable[[Any, Any], bool] | None = None
        self._followed: tuple[Obis, int] | None = None
        self._empty = True

    def capture(self, value: Any, now: float, status: Any = None) -> None:
        """Take a value with its time, and its status where there is one: all three together."""
        self.store(5, shown(self, now).octets)
        if status is not None:
            self.put(4, status, now)
        self.put(2, value, now)
        self._empty = False

    def keep_maximum(self, name: Obis | str, attribute: int = 3) -> None:
        """Hold the largest value that this attribute takes (3: a Demand register's last average), the first of equals.

        The object must be in a device already.
        """
        self._follow(name, attribute, lambda new, held: new > held)

    def keep_minimum(self, name: Obis | str, attribute: int = 3) -> None:
        """Hold the smallest value that this attribute takes, the first of equals."""
        self._follow(name, attribute, lambda new, held: new < held)

    def _follow(self, name: Obis | str, attribute: int, better: Callable[[Any, Any], bool]) -> None:
        if self.device is None:
            raise declined(self, "is in no device yet")
        self._better, self._followed = better, (Obis(name), attribute)
        self.device.watch(Obis(name), attribute, self)

    def noticed(self, obj: InterfaceClass, number: int, value: Any, now: float) -> None:
        """A followed attribute has a new value."""
        followed = self._followed == (obj.logical_name, number)
        if followed and self._better is not None and (self._empty or self._better(value, self.value)):
            self.capture(value, now)

    @method(1, INTEGER)
    def reset(self, data: int, now: float) -> None:
        """Set the value to its default, captured now."""
        self._clear(now)
        self._empty = True
        self.store(5, shown(self, now).octets)


def _counted_from(source: Callable[[float], Any], before: Any) -> Callable[[float], Any]:
    """What a counter has counted since it showed *before*; one that shows less has begun anew itself."""

    def counted(now: float) -> Any:
        count = source(now)
        return count - before if count >= before else count

    return counted
