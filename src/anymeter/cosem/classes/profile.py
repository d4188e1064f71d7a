"""Profile generic: values captured over time or ranked by size.

Source: EN 13757-1:2014, 6.4 and Annex B; DLMS UA 1000-1 Ed. 16, Part 2, 4.3.6.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final

from anymeter.cosem import data
from anymeter.cosem.cells import RowEncoder, array_of, compressed, picked, row_of
from anymeter.cosem.classes import capturing
from anymeter.cosem.classes.parts import blue_book
from anymeter.cosem.classes.profile_buffer import FIFO, LIFO, SORT_METHODS, Buffer
from anymeter.cosem.classes.profile_reading import RowSource, bound, place_of, rank_of, times_within, values_within
from anymeter.cosem.classes.profile_times import StatusBits, Timing, clock_of, with_bits, zone_of
from anymeter.cosem.enums import DataAccessResult
from anymeter.cosem.model import InterfaceClass, attribute, method, reads, writes
from anymeter.cosem.schema import CHOICE, DOUBLE_LONG_UNSIGNED, ENUM, INTEGER, array, compact_array, one_of
from anymeter.cosem.selection import (
    CAPTURE_OBJECT,
    CAPTURE_OBJECTS,
    ENTRY_DESCRIPTOR,
    RANGE_DESCRIPTOR,
    CaptureObject,
    EntryDescriptor,
    RangeDescriptor,
    capture_objects,
)
from anymeter.errors import LocalError

MOST_ENTRIES: Final = 1_000_000
MOST_COLUMNS: Final = 255
_BUFFER: Final = one_of(array(CHOICE), compact_array(CHOICE))
_BY_RANGE, _BY_ENTRY = 1, 2
_STATUS: Final = (96, 10)
"""Value groups C and D of the status of a profile."""


class ProfileGeneric(InterfaceClass, class_id=7, version=1, methods_at=0x58, clause=blue_book("4.3.6")):
    """Profile generic: the values of its capture objects, row by row.

    With a ``capture_period`` rows are captured at multiples of it by the clock, else by the method ``capture``.
    """

    run_order: ClassVar[int] = -20

    buffer = attribute(2, _BUFFER, dynamic=True)
    capture_objects = attribute(3, CAPTURE_OBJECTS)
    capture_period = attribute(4, DOUBLE_LONG_UNSIGNED)
    sort_method = attribute(5, ENUM, default=FIFO, words=SORT_METHODS)
    sort_object = attribute(6, CAPTURE_OBJECT, default=(0, bytes(6), 0, 0))
    entries_in_use = attribute(7, DOUBLE_LONG_UNSIGNED, dynamic=True)
    profile_entries = attribute(8, DOUBLE_LONG_UNSIGNED, default=1)

    def set_up(self) -> None:
        """Plain attributes of every profile; set them as the meter needs.

        *rows*: computes the entries instead of capturing them. *null_compression*: null-data for what repeats.
        *status_bits*: what is added to captured profile statuses. *missing*: what stands for periods that the clock or
        a power failure jumped over: a row for ``each``, one row for all (``once``) or ``none``; *missing_values* are as
        they stand then (``held``), or null-data (``null``, and where no status tells that the row is not valid).
        *repeats*: whether rows of a time that comes twice all stay (``keep``) or the newest wins (``replace``).
        *most_entries* is the largest profile_entries that a client may set.
        """
        self.rows: RowSource | None = None
        self.null_compression = False
        self.status_bits = StatusBits()
        self.missing, self.missing_values = "each", "held"
        self.repeats = "keep"
        self.most_entries = MOST_ENTRIES
        self._timing = Timing()
        self._entries: Buffer | None = None
        self._columns: tuple[CaptureObject, ...] | None = None
        self._statuses: tuple[int, ...] = ()
        self._pending = 0
        self._found: list[InterfaceClass | None] | None = None
        self._encoder: Callable[[Sequence[Any]], bytes] | None = None

    def store(self, number: int, value: Any) -> None:
        """Change the value of an attribute and tell nobody."""
        super().store(number, value)
        if number in (3, 5, 8):
            self._columns = self._found = self._encoder = self._entries = None

    # --- the columns ---

    @property
    def columns(self) -> tuple[CaptureObject, ...]:
        """What is captured."""
        if self._columns is None:
            self._columns = capture_objects(self.capture_objects)
            self._statuses = tuple(i for i, column in enumerate(self._columns) if _is_status(column))
        return self._columns

    def _objects(self) -> list[InterfaceClass | None]:
        """The objects of the columns, None for those the device has not."""
        device = self.device
        if self._found is None or any(obj is None or obj.device is not device for obj in self._found):
            self._found = [capturing.found(device, column) for column in self.columns]
            self._encoder = None
        return self._found

    def _encoded_row(self, row: Sequence[Any]) -> bytes:
        objects = self._objects()
        if self._encoder is None:
            pairs = zip(objects, self.columns, strict=True)
            self._encoder = RowEncoder([capturing.type_of(obj, column) for obj, column in pairs])
        return self._encoder(row)

    @property
    def stored_entries(self) -> Buffer:
        """The entries that were captured."""
        if self._entries is None:
            self._entries = Buffer(self.profile_entries, self.sort_method)
        return self._entries

    # --- capturing ---

    def _cells(self, now: float) -> list[bytes]:
        pairs = zip(self._objects(), self.columns, strict=True)
        return [capturing.captured(obj, column, now) for obj, column in pairs]

    def _marked(self, cells: list[bytes], bits: int) -> list[bytes]:
        """The cells of a row with *bits* set in its statuses."""
        for place in self._statuses if bits else ():
            cells[place] = with_bits(cells[place], bits)
        return cells

    def _take(self, now: float, bits: int) -> None:
        """Capture one entry at *now*."""
        clock = clock_of(self.device)
        utc = now if clock is None else clock.utc(now)
        cells = self._cells(now)
        if self._statuses:
            cells = self._marked(cells, bits | self.status_bits.of_clock(clock, now))
        key = self._sort_key(cells, now) if self.stored_entries.sort_method > LIFO else None
        if self.repeats == "replace" and self._timing.repeated is not None:
            self.stored_entries.drop(utc)
        self.stored_entries.add(row_of(cells), utc, key)

    def _sort_key(self, cells: list[bytes], now: float) -> Any:
        """By what entries are ranked."""
        wanted = CaptureObject.parse(self.sort_object)
        if wanted in self.columns:
            cell = cells[self.columns.index(wanted)]
        else:
            cell = capturing.captured(capturing.found(self.device, wanted), wanted, now)
        return rank_of(cell, zone_of(clock_of(self.device)))

    def _disturbance(self) -> int:
        timing, bits = self._timing, self.status_bits
        again = timing.repeated is not None and timing.due is not None and timing.due <= timing.repeated
        return self._pending | (bits.clock_adjusted if timing.disturbed or again else 0)

    @method(1, INTEGER)
    def reset(self, data: int, now: float) -> None:
        """Clear the buffer."""
        if self.rows is not None:
            self.rows.reset(now)
        self._entries = None

    @method(2, INTEGER)
    def capture(self, data: int, now: float) -> None:
        """Copy the values of the capture objects into the buffer."""
        if self.rows is not None:
            self.rows.capture(now)
        else:
            self._take(now, 0)

    # --- time ---

    def started(self, now: float) -> None:
        """Begin at *now*: the first entry is captured with the next multiple of the capture period."""
        clock = clock_of(self.device)
        self._timing.start(now if clock is None else clock.utc(now), self.capture_period, clock)

    def next_due(self) -> float | None:
        """When the next entry is captured."""
        return None if self.rows is not None else self._timing.next_due(clock_of(self.device))

    def run(self, now: float) -> None:
        """Capture the entry that is due."""
        due = self.next_due()
        if due is not None and due <= now:
            self._take(now, self._disturbance())
            self._pending = 0
            self._timing.passed(self.capture_period, clock_of(self.device))

    def clock_changed(self, old: float, new: float, now: float) -> None:
        """The clock was changed: when it was set, periods that it jumped over are marked, and the running one too."""
        clock = clock_of(self.device)
        if self._timing.moved(old, new, self.capture_period, clock) and new > old and self.rows is None:
            self._fill(new, now, self.status_bits.not_valid | self.status_bits.clock_adjusted)

    def power_returned(self, now: float) -> None:
        """The power is back: periods that ended while it was off are marked, and so is the running one."""
        clock, bits = clock_of(self.device), self.status_bits
        if self._timing.due is not None and self.rows is None:
            self._fill(now if clock is None else clock.utc(now), now, bits.not_valid | bits.power_down)
            self._pending = bits.power_down

    def _fill(self, until: float, now: float, bits: int) -> None:
        """An entry for every period that ended before *until* and was not captured."""
        clock, entries = clock_of(self.device), self.stored_entries
        ends = list(self._timing.missed(until, self.capture_period, clock, entries.capacity))
        if self.missing == "none" or entries.sort_method > LIFO:
            return
        cells = self._cells(now)
        nulls = not self.null_compression and (self.missing_values == "null" or not self._statuses)
        for place, column in enumerate(self.columns):
            if nulls and not column.is_clock and place not in self._statuses:
                cells[place] = capturing.NULL
        for utc in ends[-1:] if self.missing == "once" else ends:
            at = utc if clock is None else clock.at(utc)
            row = self._marked(list(cells), bits | self.status_bits.of_clock(clock, at))
            for place, column in enumerate(self.columns):
                if column.is_clock and clock is not None:
                    row[place] = b"\x09\x0c" + clock.date_time(at).octets
            entries.add(row_of(row), utc)

    # --- reading ---

    def get(self, number: int, now: float) -> Any:
        """The value of an attribute at *now*."""
        return data.parse(self.encoded(2, now)) if number == 2 else super().get(number, now)

    def encoded(self, number: int, now: float) -> bytes:
        """The octets of an attribute's value at *now*."""
        return self._answer(self._all(1, None, now)) if number == 2 else super().encoded(number, now)

    @reads(entries_in_use)
    def _entries_in_use(self, now: float) -> int:
        return self.rows.entries(now) if self.rows is not None else len(self.stored_entries)

    def _all(self, first: int, last: int | None, now: float) -> list[bytes]:
        """The encoded entries *first* to *last*."""
        source = self.rows
        if source is None:
            return self.stored_entries.rows(first, last)
        count = source.entries(now)
        last = count if last is None else min(last, count)
        if self.sort_method == LIFO:
            first, last = count - last + 1, count - first + 1
        return self._computed(source, first, last, now)

    def _computed(self, source: RowSource, first: int, last: int, now: float) -> list[bytes]:
        """The encoded entries *first* to *last* of *source*, which counts from the oldest."""
        rows = [self._encoded_row(row) for row in source.read(first, last, now)] if first <= last else []
        return rows[::-1] if self.sort_method == LIFO else rows

    def select(self, number: int, selector: int, parameters: bytes, now: float) -> bytes:
        """The octets of the entries that a range_descriptor (1) or an entry_descriptor (2) chooses."""
        if number != 2 or selector not in (_BY_RANGE, _BY_ENTRY):
            return super().select(number, selector, parameters, now)
        if selector == _BY_ENTRY:
            return self._by_entry(EntryDescriptor.parse(parameters, self._label(2)), now)
        return self._by_range(RangeDescriptor.parse(parameters, self._label(2)), now)

    def _by_entry(self, wanted: EntryDescriptor, now: float) -> bytes:
        try:
            places = wanted.columns(len(self.columns))
        except LocalError as error:
            raise self.refusal(DataAccessResult.scope_of_access_violated, f"{self._label(2)} {error}") from None
        return self._answer(self._all(*wanted.entries(self._entries_in_use(now)), now), tuple(places))

    def _by_range(self, wanted: RangeDescriptor, now: float) -> bytes:
        what, columns = self._label(2), self.columns
        restricting = wanted.restricting
        places = tuple(place_of(columns, column, what) for column in wanted.columns) or tuple(range(len(columns)))
        place = place_of(columns, restricting, what)
        if not restricting.is_time:
            start, end = wanted.start, wanted.end
            return self._answer(values_within(self._all(1, None, now), place, start, end, what), places)
        clock = clock_of(self.device)
        zone = zone_of(clock)
        low, high = bound(wanted.start, zone, what, upper=False), bound(wanted.end, zone, what, upper=True)
        if not restricting.is_clock:
            rows = times_within(self._all(1, None, now), place, low, high, zone)
        elif self.rows is None:
            rows = self.stored_entries.captured(low, high)
        else:
            limits = [t if t is None or clock is None else clock.at(t) for t in (low, high)]
            rows = self._computed(self.rows, *self.rows.between(limits[0], limits[1], now), now)
        return self._answer(rows, places)

    def _answer(self, rows: list[bytes], places: tuple[int, ...] | None = None) -> bytes:
        """The encoded array of *rows* with the columns at *places*."""
        everything = tuple(range(len(self.columns)))
        if places is not None and places != everything:
            rows = picked(rows, places)
        if self.null_compression:
            clock = next((i for i, place in enumerate(places or everything) if self.columns[place].is_clock), None)
            rows = compressed(rows, clock, -self.capture_period if self.sort_method == LIFO else self.capture_period)
        return array_of(rows)

    # --- setting ---

    @writes(buffer, entries_in_use)
    def _deny(self, value: Any, now: float) -> None:
        raise self.refusal(DataAccessResult.read_write_denied, f"{self.logical_name} buffer")

    @writes(capture_objects)
    def _set_columns(self, value: list[tuple[Any, ...]], now: float) -> None:
        if len(value) > MOST_COLUMNS:
            raise self.refusal(DataAccessResult.other_reason, f"{self.logical_name} with {len(value)} columns")
        for column in capture_objects(value):
            capturing.checked(self.device, column)
        self._changed(3, value, now)

    @writes(capture_period)
    def _set_period(self, value: int, now: float) -> None:
        self.put(4, value, now)
        self.started(now)

    @writes(sort_method)
    def _set_sort_method(self, value: int, now: float) -> None:
        if int(value) not in SORT_METHODS:
            raise self.refusal(DataAccessResult.other_reason, f"{self.logical_name} sort method {int(value)}")
        self._changed(5, value, now)

    @writes(sort_object)
    def _set_sort_object(self, value: tuple[Any, ...], now: float) -> None:
        column = CaptureObject.parse(value)
        if column.class_id:
            capturing.checked(self.device, column)
        self._changed(6, value, now)

    @writes(profile_entries)
    def _set_entries(self, value: int, now: float) -> None:
        if value > self.most_entries:
            raise self.refusal(DataAccessResult.other_reason, f"{self.logical_name} with {value} entries")
        self._changed(8, value, now)

    def _changed(self, number: int, value: Any, now: float) -> None:
        """Take a value that changes what the buffer is: it is empty then."""
        self.put(number, value, now)
        self.reset(0, now)


class ProfileGenericV0(ProfileGeneric, class_id=7, version=0, methods_at=0x58):
    """Profile generic, version 0: its entries are also read by methods."""

    @method(3, RANGE_DESCRIPTOR, returns=_BUFFER)
    def get_buffer_by_range(self, data: tuple[Any, ...], now: float) -> list[Any]:
        """The entries that a range_descriptor chooses."""
        restricting, start, end, columns = data
        wanted = RangeDescriptor(
            restricting=CaptureObject.parse(restricting), start=start, end=end, columns=capture_objects(columns)
        )
        return _parsed(self._by_range(wanted, now))

    @method(4, ENTRY_DESCRIPTOR, returns=_BUFFER)
    def get_buffer_by_index(self, data: tuple[int, int, int, int], now: float) -> list[Any]:
        """The entries that an entry_descriptor chooses."""
        return _parsed(self.select(2, _BY_ENTRY, ENTRY_DESCRIPTOR.encode(data), now))

    def invoke(self, number: int, octets: bytes | None, now: float) -> bytes | None:
        """Invoke a method; rows are answered as they were captured."""
        if number in (3, 4) and octets is not None:
            return self.select(2, number - 2, octets, now)
        return super().invoke(number, octets, now)


def _is_status(column: CaptureObject) -> bool:
    return column.attribute == 2 and (column.logical_name.c, column.logical_name.d) == _STATUS


def _parsed(octets: bytes) -> list[Any]:
    rows: list[Any] = data.parse(octets)
    return rows
