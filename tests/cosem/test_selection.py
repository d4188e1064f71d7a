"""Capture objects and selective access, as they stand on the wire."""

import datetime as dt
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.data import parse
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.schema import LONG64_UNSIGNED, UNSIGNED
from anymeter.cosem.selection import (
    CLOCK_TIME,
    CaptureObject,
    EntryDescriptor,
    RangeDescriptor,
    capture_objects,
)
from anymeter.errors import AccessError, DecodeError, LocalError
from anymeter.obis import Obis

ENERGY = CaptureObject(3, Obis("1-0:1.8.0*255"))
COLUMNS = st.builds(
    CaptureObject,
    st.integers(0, 0xFFFF),
    st.binary(min_size=6, max_size=6).map(Obis),
    st.integers(-128, 127),
    st.integers(0, 0xFFFF),
)
U32, U16 = st.integers(0, 2**32 - 1), st.integers(0, 0xFFFF)


def test_a_range_by_the_clock_on_the_wire():
    since, until = DateTime.of(2026, 3, 1, 7, 0, 0, 0, 0, -60, 0), DateTime.of(2026, 4, 1, 3, 0, 0, 0, 0, -120, 0x80)
    wanted = RangeDescriptor(start=since, end=until)
    assert wanted.encode().hex(" ") == (
        "02 04 02 04 12 00 08 09 06 00 00 01 00 00 ff 0f 02 12 00 00 "
        "09 0c 07 ea 03 01 07 00 00 00 00 ff c4 00 09 0c 07 ea 04 01 03 00 00 00 00 ff 88 80 01 00"
    )
    assert wanted.selector == 1


def test_a_range_between_python_times():
    berlin = dt.timezone(dt.timedelta(hours=1))
    made = RangeDescriptor.between(dt.datetime(2026, 3, 1, tzinfo=berlin), dt.datetime(2026, 3, 2, 12), (ENERGY,))
    assert (made.start.iso(), made.end.iso()) == ("2026-03-01T00:00:00+01:00", "2026-03-02T12:00:00")
    assert made.columns == (ENERGY,)
    assert made.encode()[-20:].hex() == "0101020412000309060100010800ff0f02120000"


@pytest.mark.parametrize(
    ("value", "kind", "octets"),
    [
        (5, None, "0600000005"),
        (5, UNSIGNED, "1105"),
        (2**40, LONG64_UNSIGNED, "150000010000000000"),
        (None, None, "00"),
        (b"abc", None, "0903616263"),
        (bytes(12), None, "090c" + "00" * 12),
        (True, None, "0301"),
    ],
)
def test_limits_of_other_kinds(value, kind, octets):
    encoded = RangeDescriptor(start=value, end=value, restricting=ENERGY, kind=kind).encode()
    assert encoded.hex().endswith(octets + octets + "0100")


@pytest.mark.parametrize(("value", "kind"), [(-1, None), (1.5, None), (300, UNSIGNED)])
def test_limits_that_do_not_fit(value, kind):
    with pytest.raises(LocalError):
        RangeDescriptor(start=value, end=None, kind=kind).encode()


@given(COLUMNS, st.lists(COLUMNS, max_size=5), U32, U32)
def test_ranges_come_back(restricting, columns, start, end):
    wanted = RangeDescriptor(restricting=restricting, start=start, end=end, columns=tuple(columns))
    assert RangeDescriptor.parse(wanted.encode()) == wanted


@given(U32, U32, U16, U16)
def test_entries_come_back(first, last, first_column, last_column):
    wanted = EntryDescriptor(first=first, last=last, first_column=first_column, last_column=last_column)
    assert EntryDescriptor.parse(wanted.encode()) == wanted


@given(st.binary(max_size=60).filter(lambda octets: octets[:2] != b"\x02\x04"))
def test_what_is_not_of_the_type_is_refused(octets):
    for kind in (RangeDescriptor, EntryDescriptor):
        with pytest.raises(AccessError) as refused:
            kind.parse(octets)
        assert refused.value.result == 12


@given(st.binary(max_size=60))
def test_garbage_behind_a_good_head_raises_nothing_else(octets):
    head = RangeDescriptor(start=1, end=2).encode()
    for cut in (3, 22, 27, 32, len(head)):
        with suppress(AccessError):
            assert RangeDescriptor.parse(head[:cut] + octets).restricting is not None


def test_the_entries_and_columns_that_are_meant():
    assert EntryDescriptor().entries(10) == (1, 10)
    assert EntryDescriptor(first=3, last=99).entries(10) == (3, 10)
    assert EntryDescriptor(first=0, last=2).entries(10) == (1, 2)
    assert EntryDescriptor(first_column=2).columns(4) == range(1, 4)
    assert EntryDescriptor(last_column=1).columns(4) == range(1)
    for first, last in ((5, 0), (3, 2), (1, 5)):
        with pytest.raises(LocalError):
            EntryDescriptor(first_column=first, last_column=last).columns(4)


def test_labels():
    assert ENERGY.label == "1-0:1.8.0*255"
    assert CaptureObject(3, ENERGY.logical_name, 3, 2).label == "1-0:1.8.0*255#3[2]"
    assert CaptureObject(3, ENERGY.logical_name, 0).label == "1-0:1.8.0*255#0"


def test_which_columns_are_times():
    assert (CLOCK_TIME.is_clock, CLOCK_TIME.is_time, ENERGY.is_time) == (True, True, False)
    captured = CaptureObject(4, Obis("1-0:1.6.0*255"), 5)
    assert (captured.is_time, captured.is_clock) == (True, False)
    assert CaptureObject(8, CLOCK_TIME.logical_name, 3).is_time is False


def test_capture_objects_from_what_a_meter_sends():
    octets = bytes.fromhex("0102 0204 120004 09060600010000ff 0f05 120000 0204 120008 09060001010000ff 0f02 120000")
    assert capture_objects(parse(octets)) == (
        CaptureObject(4, Obis("6-0:1.0.0*255"), 5),
        CaptureObject(8, Obis("0-1:1.0.0*255")),
    )
    assert capture_objects([ENERGY.value]) == (ENERGY,)


@pytest.mark.parametrize("value", [None, 5, [5], [(3, b"short", 2, 0)], [(3, bytes(6), 2)], [("3", bytes(6), 2, 0)]])
def test_what_are_no_capture_objects(value):
    with pytest.raises(DecodeError):
        capture_objects(value)
