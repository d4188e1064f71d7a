"""COSEM data: the general decoder over mixed profile rows, and rows of a fixed layout to typed columns."""

from __future__ import annotations

import struct

import cases
from timing import measure

from anymeter.cosem import data
from anymeter.cosem.columns import columns
from anymeter.cosem.schema import (
    DOUBLE_LONG_UNSIGNED,
    LONG_UNSIGNED,
    OCTET_STRING_DATE_TIME,
    UNSIGNED,
    structure,
)

NUMBERS = 60_000


def profile_rows():
    """One item: a row."""
    rows = cases.mixed_rows()

    def work():
        return len(data.parse(rows))

    return work, cases.ROWS, cases.ROWS


def repeated_times():
    """Two layouts by turns: every second row has null-data for its time."""
    rows = []
    for i in range(cases.ROWS):
        time = b"\x00" if i % 2 else b"\x09\x0c" + cases.date_time(i)
        rows.append(b"\x02\x04" + time + struct.pack(">BBBIBH", 0x11, i % 256, 6, 100_000 + i, 0x12, i % 500))
    octets = b"\x01\x82" + struct.pack(">H", len(rows)) + b"".join(rows)

    def work():
        return len(data.parse(octets))

    return work, cases.ROWS, cases.ROWS


def profile_columns():
    """One item: a row with its date-time, to datetime64."""
    rows = cases.fixed_rows()
    row = structure(OCTET_STRING_DATE_TIME, DOUBLE_LONG_UNSIGNED, DOUBLE_LONG_UNSIGNED, LONG_UNSIGNED, UNSIGNED)

    def work():
        made = columns(rows, schema=row)
        return made["c0"].dtype.str, int(made["c1"][-1])

    return work, ("<M8[ms]", 100_000 + cases.ROWS - 1), cases.ROWS


def number_columns():
    """One item: a row of three numbers."""
    layout = struct.Struct(">BBBIBIBB")
    body = b"".join(layout.pack(2, 3, 6, i, 6, 7 * i, 0x11, i % 4) for i in range(NUMBERS))
    rows = b"\x01\x82" + struct.pack(">H", NUMBERS) + body

    def work():
        return int(columns(rows)["c1"][-1])

    return work, 7 * (NUMBERS - 1), NUMBERS


def small_value():
    """One item: a double-long-unsigned."""
    value = bytes.fromhex("0600001234")

    def work():
        return data.decode(value)[0]

    return work, 0x1234, 1


measure(
    {
        "profile-rows": profile_rows,
        "profile-columns": profile_columns,
        "profile rows, null-data for every second time": repeated_times,
        "rows of three numbers to columns": number_columns,
        "one small value": small_value,
    }
)
