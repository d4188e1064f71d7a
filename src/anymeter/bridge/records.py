"""M-Bus data records to readings: named by OBIS, with the date a stored value belongs to.

What stays the same from telegram to telegram (a :class:`Meaning` for each record, which record dates which) is worked
out once for a layout and a device type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Final

import msgspec

from anymeter.bridge.mbus_obis import MappingRules, obis_for
from anymeter.bridge.reading import Meaning, Reading
from anymeter.cosem.datetimes import DateTime
from anymeter.mbus.profiles import ProfileValue
from anymeter.mbus.records import Number, Plan, RecordHeader, Records

DATES: Final = ("date", "date-time")
DEFAULT_RULES: Final = MappingRules()
SHEETS: Final = 1024


class _Sheet(msgspec.Struct, frozen=True, gc=False):
    """What one layout means: the meaning of each record, what cuts out its octets, and the records to look at closer.

    *dated* are (record, record that holds its date); *stated* are records whose header reports an error; *clock* is the
    record that holds the meter's own time.
    """

    meanings: tuple[Meaning, ...]
    cut: Callable[[bytes], tuple[bytes, ...]]
    dated: tuple[tuple[int, int], ...]
    stated: tuple[int, ...]
    clock: int | None


class Translator:
    """Turns records into readings by one set of mapping rules; what it works out for a layout it keeps, bounded."""

    def __init__(self, rules: MappingRules = DEFAULT_RULES) -> None:
        self._rules = rules
        self._sheets: dict[tuple[Plan, int], _Sheet] = {}

    def sheet(self, plan: Plan, device_type: int) -> _Sheet:
        """What the records of this layout mean from a device of this type."""
        found = self._sheets.get((plan, device_type))
        if found is None:
            if len(self._sheets) >= SHEETS:
                self._sheets.clear()
            found = self._sheets[plan, device_type] = _sheet(plan, device_type, self._rules)
        return found

    def readings(self, records: Records, device_type: int) -> tuple[list[Reading], DateTime | None]:
        """One reading a record, in order, and the meter's own date and time where the message has it."""
        sheet = self.sheet(records.plan, device_type)
        octets, numbers = records.octets, records.numbers
        raws = sheet.cut(octets)
        if sheet.dated:
            out = list(map(Reading, sheet.meanings, numbers, raws, _times(numbers, sheet)))
        else:
            out = list(map(Reading, sheet.meanings, numbers, raws))
        if sheet.stated or None in numbers:
            _state(out, records, sheet)
        clock = None if sheet.clock is None else numbers[sheet.clock]
        return out, clock if isinstance(clock, DateTime) else None

    def profile_readings(self, values: Iterable[ProfileValue], device_type: int) -> list[Reading]:
        """One reading for each value of a compact profile, with the time it belongs to."""
        rules = self._rules
        return [Reading(_meaning(v.header, device_type, rules), v.number, v.raw, v.time, v.status) for v in values]


def _times(numbers: Sequence[Number], sheet: _Sheet) -> list[DateTime | None]:
    """The date that each stored value belongs to, None for all others."""
    times: list[DateTime | None] = [None] * len(numbers)
    for i, source in sheet.dated:
        time = numbers[source]
        if isinstance(time, DateTime):
            times[i] = time
    return times


def _state(out: list[Reading], records: Records, sheet: _Sheet) -> None:
    """Say why a reading has no number, and what error its record reports."""
    for i, number in enumerate(records.numbers):
        if number is None or i in sheet.stated:
            r = out[i]
            out[i] = Reading(r.meaning, r.number, r.raw, r.time, records.status(i))


def _sheet(plan: Plan, device_type: int, rules: MappingRules) -> _Sheet:
    headers = plan.headers
    dates = {_place(h): i for i, h in enumerate(headers) if h.quantity in DATES and not h.modifiers and h.storage}
    dated = tuple(
        (i, dates[_place(h)]) for i, h in enumerate(headers) if dates.get(_place(h), i) != i and h.quantity not in DATES
    )
    clocks = [i for i, h in enumerate(headers) if h.quantity == "date-time" and _is_current(h)]
    return _Sheet(
        meanings=tuple(_meaning(h, device_type, rules) for h in headers),
        cut=_cutter(plan),
        dated=dated,
        stated=tuple(i for i, h in enumerate(headers) if h.status is not None),
        clock=clocks[0] if clocks else None,
    )


def _cutter(plan: Plan) -> Callable[[bytes], tuple[bytes, ...]]:
    """What cuts a message into the octets of its records."""
    spans = list(map(slice, plan.starts, plan.ends))
    if len(spans) > 1:
        return itemgetter(*spans)
    return lambda octets: tuple(octets[span] for span in spans)


def _place(head: RecordHeader) -> tuple[int, str]:
    return head.storage, head.function


def _is_current(head: RecordHeader) -> bool:
    plain = not (head.storage or head.tariff or head.subunit or head.modifiers)
    return plain and head.function == "instantaneous"


@lru_cache(maxsize=4096)
def _meaning(head: RecordHeader, device_type: int, rules: MappingRules) -> Meaning:
    """What a record of a device of this type means."""
    obis = obis_for(
        device_type,
        dib_function=head.function,
        storage=head.storage,
        tariff=head.tariff,
        subunit=head.subunit,
        vib=head.vib,
        quantity=head.quantity,
        rules=rules,
    )
    return Meaning(
        obis=obis,
        name=head.name,
        unit=head.unit,
        quantity=head.quantity,
        function=head.function,
        storage=head.storage,
        tariff=head.tariff,
        subunit=head.subunit,
        exponent=head.exponent,
    )
