"""Tables and measurements in bulk: Utility tables, Register table, Status mapping, Measurement data monitoring.

Source: EN 13757-1:2014, 6.4; DLMS UA 1000-1 Ed. 16, Part 2, 4.3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from anymeter.cosem.classes import capturing
from anymeter.cosem.classes.parts import LN, blue_book, declined
from anymeter.cosem.classes.registers import NO_UNIT, SCALER_UNIT
from anymeter.cosem.data import parse as data_of
from anymeter.cosem.enums import DataAccessResult
from anymeter.cosem.model import InterfaceClass, attribute, method, reads, writes
from anymeter.cosem.schema import (
    BIT_STRING,
    CHOICE,
    DOUBLE_LONG_UNSIGNED,
    ENUM,
    INTEGER,
    LONG64_UNSIGNED,
    LONG_UNSIGNED,
    OCTET_STRING,
    UNSIGNED,
    VISIBLE_STRING,
    array,
    compact_array,
    initial_of,
    one_of,
    structure,
)
from anymeter.cosem.selection import CaptureObject
from anymeter.cosem.values import BitString
from anymeter.obis import Obis


class UtilityTables(InterfaceClass, class_id=26, version=0, clause=blue_book("4.3.7")):
    """Utility tables: one table of ANSI C12.19 as its octets."""

    table_id = attribute(2, LONG_UNSIGNED)
    length = attribute(3, DOUBLE_LONG_UNSIGNED)
    buffer = attribute(4, OCTET_STRING)

    @reads(length)
    def _length(self, now: float) -> int:
        return len(self.get(4, now))

    @writes(length)
    def _set_length(self, value: int, now: float) -> None:
        raise self.refusal(DataAccessResult.read_write_denied, f"{self.logical_name} length")


class RegisterTable(InterfaceClass, class_id=61, version=0, methods_at=0x28, clause=blue_book("4.3.8")):
    """Register table: the same attribute of objects whose names differ in value group E alone."""

    table_cell_values = attribute(2, one_of(array(CHOICE), compact_array(CHOICE)), dynamic=True)
    table_cell_definition = attribute(
        3, structure(class_id=LONG_UNSIGNED, logical_name=LN, group_e_values=array(UNSIGNED), attribute_index=INTEGER)
    )
    scaler_unit = attribute(4, SCALER_UNIT, default=NO_UNIT)

    def names(self) -> list[Obis]:
        """The names of the objects whose values stand in the cells, in order."""
        _, name, group_e, _ = self.table_cell_definition
        return [Obis(bytes(name[:4]) + bytes((e, name[5]))) for e in group_e]

    @method(1, INTEGER)
    def reset(self, data: int, now: float) -> None:
        """Set every cell to its default."""
        schema = self.types.get(2)
        parts = schema.parts if schema is not None else ()
        kinds = parts * len(self.table_cell_values) if len(parts) == 1 else parts
        self.put(2, [initial_of(kind) for kind in kinds], now)

    @method(2, INTEGER)
    def capture(self, data: int, now: float) -> None:
        """Copy the values into the cells; null-data for an object that the device has not."""
        class_id, _, _, number = self.table_cell_definition
        if self.device is None:
            raise declined(self, "is in no device")
        values, kinds = [], []
        for name in self.names():
            column = CaptureObject(class_id, name, number)
            obj = capturing.found(self.device, column)
            octets = capturing.captured(obj, column, now)
            values.append(data_of(octets))
            kinds.append(CHOICE if octets == capturing.NULL else capturing.type_of(obj, column))
        same = all(kind == kinds[0] for kind in kinds)
        self.types = {**self.types, 2: array(*kinds[:1]) if same else array(*kinds)}
        self.put(2, values, now)


class StatusMapping(InterfaceClass, class_id=63, version=0, clause=blue_book("4.3.9")):
    """Status mapping: a word of status bits, and which entries of a reference table the bits are."""

    status_word = attribute(
        2,
        one_of(
            UNSIGNED,
            LONG_UNSIGNED,
            DOUBLE_LONG_UNSIGNED,
            LONG64_UNSIGNED,
            BIT_STRING,
            OCTET_STRING,
            VISIBLE_STRING,
        ),
        dynamic=True,
    )
    mapping_table = attribute(
        3, structure(ref_table_id=UNSIGNED, ref_table_mapping=one_of(LONG_UNSIGNED, array(LONG_UNSIGNED)))
    )

    def entries(self, now: float) -> list[int]:
        """The entries of the reference table whose bits are set.

        The first bit of a bit-string, of an octet-string and of a text, and the lowest of a number, comes first; a
        mapping of one number is the entry of the first bit, the others follow it.
        """
        bits, mapping = _bits(self.get(2, now)), self.get(3, now)[1]
        if isinstance(mapping, list):
            return [entry for bit, entry in zip(bits, mapping, strict=False) if bit]
        return [mapping + place for place, bit in enumerate(bits) if bit]


class MeasurementDataMonitoring(InterfaceClass, class_id=66, version=0, clause=blue_book("4.3.11")):
    """Measurement data monitoring: samples of a waveform around the moment that triggered them."""

    waveform_data = attribute(2, one_of(array(CHOICE), compact_array(CHOICE)), dynamic=True)
    trigger_time = attribute(3, LONG64_UNSIGNED, dynamic=True)
    trigger_source = attribute(4, structure(trigger_type=ENUM, source=LONG_UNSIGNED))
    status = attribute(5, ENUM, dynamic=True)
    sampling_rate = attribute(6, DOUBLE_LONG_UNSIGNED)
    samples_before_trigger = attribute(7, DOUBLE_LONG_UNSIGNED)
    samples_after_trigger = attribute(8, DOUBLE_LONG_UNSIGNED)
    scaler_unit = attribute(9, SCALER_UNIT, default=NO_UNIT)

    def set_up(self) -> None:
        """*sampled*: gives the samples around an instant; None where nothing is sampled."""
        self.sampled: Callable[[float], list[Any]] | None = None

    @method(1, INTEGER)
    def reset(self, data: int, now: float) -> None:
        """Forget the samples."""
        self.put(2, [], now)
        self.put(3, 0, now)

    @method(2, INTEGER)
    def trigger(self, data: int, now: float) -> None:
        """Keep the samples around now, and the time in microseconds since 1970."""
        if self.sampled is None:
            raise declined(self, "samples nothing")
        self.put(2, self.sampled(now), now)
        self.put(3, int(now * _MICROSECONDS), now)


_MICROSECONDS: Final = 1_000_000


def _bits(word: Any) -> list[bool]:
    if isinstance(word, BitString):
        return [word[i] for i in range(len(word))]
    if isinstance(word, str):
        word = word.encode("utf-8", "surrogateescape")
    if isinstance(word, bytes):
        return [bool(octet & (0x80 >> bit)) for octet in word for bit in range(8)]
    return [bool(word >> bit & 1) for bit in range(int(word).bit_length())]
