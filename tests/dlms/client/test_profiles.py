"""Profiles: layout, buffer, selections, chunks."""

import datetime as dt

import pytest

from anymeter.cosem import data
from anymeter.cosem.schema import DOUBLE_LONG_UNSIGNED, UNSIGNED, array, structure
from anymeter.cosem.selection import CLOCK_TIME, CaptureObject, EntryDescriptor, RangeDescriptor
from anymeter.cosem.units import ScalerUnit
from anymeter.dlms.client.profiles import (
    Buffer,
    Layout,
    between,
    entries_in_use,
    joined,
    read_buffer,
    read_chunks,
    read_layout,
    read_scaler_units,
)
from anymeter.errors import AccessError, DecodeError, LocalError
from anymeter.obis import Obis
from client_talk import ENERGY, answered, session, talk, without

PROFILE = Obis("1-0:99.1.0*255")
ASK = "C001{} 0007 0100630100FF {}"
COLUMN = CaptureObject(3, ENERGY)
LAYOUT = Layout((CLOCK_TIME, COLUMN), 900, 1)
CLOCK = "0204 120008 09060000010000FF 0F02 120000"
VALUE = "0204 120003 09060100010800FF 0F02 120000"


def ask_layout():
    return "C003C1 03" + "".join(f"0007 0100630100FF {number:02X} 00" for number in (3, 4, 5))


def test_a_layout_is_read_at_once():
    answer = f"C403C1 03 00 0102 {VALUE} {CLOCK} 00 0600000384 00 1602"
    layout = talk(read_layout(session(), PROFILE), (ask_layout(), answer))
    assert layout == Layout((COLUMN, CLOCK_TIME), 900, 2)
    assert (layout.newest_first, LAYOUT.newest_first) == (True, False)


def test_a_period_that_may_not_be_read_counts_as_none():
    layout = talk(read_layout(session(), PROFILE), (None, f"C403C1 03 00 0101 {CLOCK} 01 03 01 03"))
    assert layout == Layout((CLOCK_TIME,), 0, 1)


def test_units_of_what_is_captured():
    """Those of registers and demand registers; an extended register's that may not be read is left out."""
    demand, extended = CaptureObject(5, Obis("1-0:1.4.0"), 3), CaptureObject(4, Obis("1-0:1.6.0"))
    columns = (CLOCK_TIME, demand, COLUMN, extended, CaptureObject(4, Obis("1-0:1.6.0"), 5))
    request = "C003C1 03 0005 0100010400FF 04 00 0003 0100010800FF 03 00 0004 0100010600FF 03 00"
    answer = "C403C1 03 00 0202 0F01 161B 00 0202 0FFF 161E 01 03"
    units = talk(read_scaler_units(session(), columns), (request, answer))
    assert units == {demand: ScalerUnit.parse((1, 27)), COLUMN: ScalerUnit.parse((-1, 30))}
    with pytest.raises(DecodeError):
        talk(read_scaler_units(session(), [COLUMN]), (None, "C401C1 00 1105"))


def test_a_layout_with_units_makes_a_profile_of_its_buffer():
    turns = [(None, f"C403C1 03 00 0102 {VALUE} {CLOCK} 00 0600000384 00 1601"), (None, "C401C2 00 0202 0FFF 161E")]
    layout = talk(read_layout(session(), PROFILE, units=True), *turns)
    rows = "0102 0202 1105 090C 07EA0301FF000000FFFFC400 0202 1107 00"
    buffer = talk(read_buffer(session(), PROFILE, layout=layout), (None, "C401C1 00" + rows))
    profile = buffer.profile(deviation_sign=-1)
    assert (profile.names, profile.units) == (("1-0:1.8.0*255", "0-0:1.0.0*255"), ("Wh", ""))
    assert [str(energy) for energy, _ in profile.scaled()] == ["0.5", "0.7"]
    assert (profile.capture_period, profile.newest_first, profile.deviation_sign) == (900, False, -1)
    part = EntryDescriptor(last_column=1)
    short = talk(read_buffer(session(), PROFILE, part, layout=layout), (None, "C401C1 00 0101 0201 1105"))
    assert short.profile().units == ("Wh",)


def test_columns_must_be_there():
    with pytest.raises(AccessError, match="read-write-denied"):
        talk(read_layout(session(), PROFILE), (None, "C403C1 03 01 03 00 0600000384 00 1602"))


@pytest.mark.parametrize(
    "answer", ["00 1105 00 0600000384 00 1602", "00 0101 1105 00 0600000384 00 1602", "00 0100 00 0900 00 1602"]
)
def test_a_layout_of_another_form_is_an_error(answer):
    with pytest.raises(DecodeError):
        talk(read_layout(session(), PROFILE), (None, "C403C1 03" + answer))


def test_the_whole_buffer():
    turns = [(None, f"C403C1 03 00 0101 {VALUE} 00 0600000384 00 1601")]
    turns += [(ASK.format("C2", "02 00"), "C401C2 00 0101 0201 1105")]
    buffer = talk(read_buffer(session(), PROFILE), *turns)
    assert buffer == Buffer(bytes.fromhex("010102011105"), (COLUMN,), Layout((COLUMN,), 900, 1))


def test_a_layout_that_is_known_is_not_read_again():
    turn = (ASK.format("C1", "02 00"), "C401C1 00 0100")
    assert talk(read_buffer(session(), PROFILE, layout=LAYOUT), turn).layout is LAYOUT


def test_entries_by_number():
    selection = EntryDescriptor(first=3, last=7, first_column=2)
    turn = (ASK.format("C1", "02 01 02 0204 0600000003 0600000007 120002 120000"), "C401C1 00 0100")
    assert talk(read_buffer(session(), PROFILE, selection, layout=LAYOUT), turn).columns == (COLUMN,)
    with pytest.raises(LocalError, match="columns 3 to 2 of 2"):
        next(read_buffer(session(), PROFILE, EntryDescriptor(first_column=3), layout=LAYOUT))


def test_entries_by_time_with_the_habit_of_the_meter():
    """The range descriptor of the worked example: clock, from, to, no columns."""
    zone = dt.timezone(dt.timedelta(hours=1))
    since, until = dt.datetime(2026, 3, 1, tzinfo=zone), dt.datetime(2026, 3, 2, tzinfo=zone)
    for sign, deviation in ((1, "FFC4"), (-1, "003C"), (0, "8000")):
        one = session(deviation_sign=sign)
        selection = between(one, LAYOUT, since, until)
        request = (
            f"02 01 01 0204 {CLOCK} 090C 07EA0301 07 00000000 {deviation} 00"
            f" 090C 07EA0302 01 00000000 {deviation} 00 0100"
        )
        turn = (ASK.format("C1", request), "C401C1 00 0100")
        assert talk(read_buffer(one, PROFILE, selection, layout=LAYOUT), turn).columns == LAYOUT.columns


def test_the_clock_need_not_be_the_first_column_nor_the_usual_one():
    other = CaptureObject(8, Obis("0-1:1.0.0*255"))
    moment = dt.datetime(2026, 3, 1)
    assert between(session(), Layout((COLUMN, other)), moment, moment).restricting == other
    assert between(session(), Layout((COLUMN,)), moment, moment).restricting == CLOCK_TIME


def test_columns_of_a_range():
    moment = dt.datetime(2026, 3, 1)
    selection = between(session(), LAYOUT, moment, moment, (COLUMN,))
    assert isinstance(selection, RangeDescriptor)
    assert LAYOUT.chosen(selection) == (COLUMN,)
    assert LAYOUT.chosen(None) == LAYOUT.columns


def test_a_selection_needs_to_be_negotiated():
    with pytest.raises(LocalError, match="selective-access was not negotiated"):
        next(read_buffer(session(without("selective_access")), PROFILE, EntryDescriptor(), layout=LAYOUT))


def test_entries_in_use():
    assert talk(entries_in_use(session(), PROFILE), (ASK.format("C1", "07 00"), "C401C1 00 0600000BA0")) == 2976
    for value in ("0900", "0FFF", "00"):
        with pytest.raises(DecodeError, match="entries_in_use"):
            talk(entries_in_use(session(), PROFILE), (None, "C401C1 00" + value))


ROWS = array(structure(UNSIGNED))


def meter(count):
    """Answers for entries by number: each entry holds its number."""

    def reply(sent):
        head = b"\xc4\x01" + sent[2:3] + b"\x00"
        if sent[11] == 7:
            return head + DOUBLE_LONG_UNSIGNED.encode(count)
        first, last, _, _ = data.parse(sent[14:])
        return head + ROWS.encode([(n % 256,) for n in range(first, last + 1)])

    return reply


@pytest.mark.parametrize(
    ("first", "last", "chunk", "wanted", "parts"),
    [(1, 0, 10, range(1, 26), 3), (1, 0, 25, range(1, 26), 1), (20, 0, 4, range(20, 26), 2), (3, 5, 2, range(3, 6), 2)],
)
def test_a_profile_in_chunks(first, last, chunk, wanted, parts):
    seen = []
    conversation = read_chunks(
        session(), PROFILE, first=first, last=last, chunk=chunk, layout=LAYOUT, progress=lambda *d: seen.append(d)
    )
    buffer = answered(conversation, meter(25))
    assert [row[0] for row in data.parse(buffer.octets)] == list(wanted)
    assert (len(seen), seen[-1]) == (parts, (len(wanted), len(wanted)))


@pytest.mark.parametrize(("count", "first"), [(0, 1), (5, 6)])
def test_chunks_of_nothing(count, first):
    assert answered(read_chunks(session(), PROFILE, first=first, layout=LAYOUT), meter(count)).octets == b"\x01\x00"


def test_chunks_end_where_the_meter_has_no_more():
    """It told of four thousand million entries and has five."""
    told = iter(range(100))

    def reply(sent):
        next(told)
        if sent[11] == 7:
            return b"\xc4\x01" + sent[2:3] + b"\x00" + DOUBLE_LONG_UNSIGNED.encode(0xFFFFFFFF)
        first = data.parse(sent[14:])[0]
        return b"\xc4\x01" + sent[2:3] + b"\x00" + ROWS.encode([(n,) for n in range(first, min(first + 2, 6))])

    buffer = answered(read_chunks(session(), PROFILE, chunk=2, layout=LAYOUT), reply)
    assert [row[0] for row in data.parse(buffer.octets)] == [1, 2, 3, 4, 5]


def test_a_profile_that_captures_nothing_has_no_columns():
    assert Layout(()).chosen(EntryDescriptor()) == ()
    assert Layout(()).chosen(None) == ()


def test_chunks_of_impossible_numbers_are_our_mistake():
    for numbers in ({"first": 0}, {"chunk": 0}):
        with pytest.raises(LocalError, match="entries count from 1"):
            next(read_chunks(session(), PROFILE, layout=LAYOUT, **numbers))


def test_chunks_have_a_limit():
    with pytest.raises(DecodeError, match="more than 100 octets"):
        answered(read_chunks(session(most_octets=100), PROFILE, chunk=10, layout=LAYOUT), meter(200))


def test_chunks_make_one_array():
    parts = [ROWS.encode([(1,)] * n) for n in (100, 0, 100)]
    assert data.parse(joined(parts)) == [(1,)] * 200
    assert joined(parts)[:3].hex() == "0181c8"
    assert joined([]) == b"\x01\x00"
    with pytest.raises(DecodeError, match="no array"):
        joined([b"\x01\x00", b"\x13\x00"])
