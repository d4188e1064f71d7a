"""Values of data sets: exact, with their times, every octet in exactly one reading."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hostile
from anymeter.bridge.dataset_values import Found, unhexed
from anymeter.bridge.dataset_words import Words, words
from anymeter.errors import DecodeError
from anymeter.links.iec_text import tokens

NOISE = st.text("(()*)!\r\n1.80-:FCP&kWh2345", max_size=200).map(str.encode)
STAMP = st.sampled_from(["170102192002S", "1703100930", "632525252525W"])
NUMBER = st.decimals(0, 10**9, places=3).map(lambda d: f"{d:013.3f}")
GROUP = st.one_of(
    NUMBER, NUMBER.map("{}*kWh".format), STAMP, st.sampled_from(["", "1-0:1.8.0", "00", "2", "0-1:24.2.1"])
)
LINE = st.tuples(
    st.sampled_from(["1.8.0", "1.6.0*02", "P.01", "1-0:99.97.0", "", "0-0:98.1.0", "0.9.1", "C.1.0", "F.F"]),
    st.lists(GROUP, min_size=1, max_size=12),
).map(lambda t: t[0] + "".join(f"({g})" for g in t[1]))
TEXTS = st.lists(LINE, max_size=12).map(lambda lines: "\r\n".join(lines).encode())


def found(text, **options):
    return Found(words(**options), text).readings


def short(text, **options):
    return [
        (str(r.obis) if r.obis else None, r.value, r.unit, r.time and r.time.iso(), r.status)
        for r in found(text, **options)
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (b"1.8.0(000123.456*kWh)", ("1-0:1.8.0*255", 123456, "Wh", None, None)),
        (b"1.8.0(0.04088*kWh)", ("1-0:1.8.0*255", Decimal("40.88"), "Wh", None, None)),
        (b"16.7.0(-000142.30*W)", ("1-0:16.7.0*255", Decimal("-142.30"), "W", None, None)),
        (b"6-0:1.0.0(1.5*GJ)", ("6-0:1.0.0*255", 1500000000, "J", None, None)),
        (b"8-0:1.0.0(312*l)", ("8-0:1.0.0*255", Decimal("0.312"), "m3", None, None)),
        (b"81.7.1(  80*Deg)", ("1-0:81.7.1*255", 80, "deg", None, None)),
        (b"13.7.0(.98)", ("1-0:13.7.0*255", Decimal("0.98"), "", None, None)),
        (b"C.7.0(0004)", ("0-0:96.7.0*255", 4, "", None, None)),
        (b"0.0.0(00073600)", ("1-0:0.0.0*255", "00073600", "", None, None)),
        (b"1.2.0()", ("1-0:1.2.0*255", None, "", None, "empty")),
        (b"1.7.0(ERR*kW)", ("1-0:1.7.0*255", None, "W", None, "not-a-number")),
        (b"1.8.0(1_0*kWh)", ("1-0:1.8.0*255", None, "Wh", None, "not-a-number")),
        (b"C.1.0()", ("0-0:96.1.0*255", "", "", None, None)),
        (b"0.1.2*01(1703010000)", ("1-0:0.1.2*1", None, "", None, None)),
    ],
)
def test_single_values(text, wanted):
    (got,) = short(text)
    if "0.1.2" in wanted[0]:
        assert got[1].iso() == "2017-03-01T00:00"
    else:
        assert got == wanted


def test_a_time_stamp_in_front_or_behind():
    assert short(b"1.6.0(02.468*kW)(1703100930)") == [("1-0:1.6.0*255", 2468, "W", "2017-03-10T09:30", None)]
    assert short(b"0-1:24.2.1(190314203007W)(00042.618*m3)") == [
        ("0-1:24.2.1*255", Decimal("42.618"), "m3", "2019-03-14T20:30:07", None)
    ]
    assert short(b"0-2:24.2.1(990099009900S)(00000.000)") == [("0-2:24.2.1*255", Decimal("0.000"), "", None, None)]


def test_a_time_stamp_on_the_next_line_belongs_to_the_value_whatever_was_seen_before():
    known, text = Words(), b"1.6.0(02.468*kW)\r\n(1703100930)"
    first = Found(known, text).readings
    Found(known, b"1.6.0(02.468*kW)")
    assert Found(known, text).readings == first
    assert [r.time.iso() for r in first] == ["2017-03-10T09:30"]


def test_a_list_of_one_time_and_many_values():
    got = short(b"0-0:98.1.0(230701000000S)(000040.777*kWh)(000008.950*kWh)")
    assert got == [
        ("0-0:98.1.0*255", 40777, "Wh", "2023-07-01T00:00:00", None),
        ("0-0:98.1.0*255", 8950, "Wh", "2023-07-01T00:00:00", None),
    ]


@pytest.mark.parametrize("text", [b"1-0:99.97.0(0)(0-0:96.7.19)", b"1-0:99.97.0()"])
def test_an_empty_log(text):
    (got,) = short(text)
    assert got[0] == "1-0:99.97.0*255"
    assert got[1] in (0, None)


def test_a_list_that_ends_in_a_time_stamp():
    assert short(b"1-0:99.97.0(1)(0-0:96.7.19)(101208152415W)") == [
        ("1-0:99.97.0*255", 1, "", "2010-12-08T15:24:15", None)
    ]
    got = found(b"1-0:99.97.0(1)(0-0:96.7.19)(101208152415W)(7*s)(101208152415W)")
    assert [str(r.value) for r in got] == ["7", "2010-12-08T15:24:15"]


def test_a_log_book_entry_with_columns():
    got = short(b"P.98(1220906234904)(20)()(2)(0-0:C.11.0)()(0-0:C.11.10)()(4)(0)")
    assert got == [
        ("0-0:96.11.0*255", "4", "", "2022-09-06T23:49:04", "20"),
        ("0-0:96.11.10*255", "0", "", "2022-09-06T23:49:04", "20"),
    ]


def test_a_profile_goes_on_past_midnight_and_after_a_new_header():
    text = (
        b"P.01(0231113233000)(80)(15)(1)(1-0:1.5.0)(kW)\r\n(1.0)\r\n(2.0)\r\n(3.0)\r\n"
        b"P.01(0231114001500)(00)(15)(1)(1-0:1.5.0)(kW)\r\n(4.0)\r\n"
    )
    assert [(v, t[5:16], s) for _, v, _, t, s in short(text)] == [
        (1000, "11-13T23:30", "80"),
        (2000, "11-13T23:45", "80"),
        (3000, "11-14T00:00", "80"),
        (4000, "11-14T00:15", None),
    ]


def test_values_joined_in_one_group_share_its_octets():
    got = found(b"9.4(098.5*C&096.1*C)", heat=True)
    assert [(r.value, r.unit, r.raw) for r in got] == [
        (Decimal("98.5"), "Cel", b"9.4(098.5*C&096.1*C)"),
        (Decimal("96.1"), "Cel", b"9.4(098.5*C&096.1*C)"),
    ]


def test_hex_texts_are_read_in_p1_only():
    text = b"0-0:96.1.0(" + b"METER01".hex().encode() + b")"
    assert [r.value for r in found(text, p1=True)] == ["METER01"]
    assert [r.value for r in found(text)] == ["4d455445523031"]


@pytest.mark.parametrize(
    ("digits", "text"),
    [
        (b"4D455445523031", "METER01"),
        (b"4D4554455230310000", "METER01"),
        (b"12345678901234567890", "12345678901234567890"),
        (b"621848012D2C0B0C", "621848012D2C0B0C"),
        (b"3031", "3031"),
        (b"xxxx", "xxxx"),
        (b"", ""),
    ],
)
def test_unhexed(digits, text):
    assert unhexed(digits) == text


def test_what_is_no_data_set_is_kept():
    made = Found(words(), b"??\r\n1.8.0(1*kWh)\r\n)(x\r\n")
    assert b"".join(made.undecoded) == b"??)(x"
    assert len(made.readings) == 1


@given(st.one_of(TEXTS, NOISE))
def test_every_octet_is_in_one_reading_or_kept(text):
    made = Found(words(), text)
    if b"&" not in text:
        raws = b"".join(r.raw for r in made.readings)
        assert raws == b"".join(t[0] for t in tokens(text))
    assert len(made.readings) + len(made.undecoded) <= len(text)


@given(TEXTS, TEXTS)
def test_what_was_read_before_changes_nothing(before, text):
    known = Words()
    fresh = Found(Words(), text)
    Found(known, before)
    again = Found(known, text)
    assert (again.readings, again.undecoded, again.marks) == (fresh.readings, fresh.undecoded, fresh.marks)
    assert Found(known, text).readings == fresh.readings


@given(st.integers(-(10**12), 10**12), st.integers(0, 6), st.sampled_from(["kWh", "m3", "MW", "mA"]))
def test_numbers_stay_exact(number, decimals, unit):
    digits = f"{abs(number):0{decimals + 1}d}"
    cut = len(digits) - decimals
    text = f"{'-' * (number < 0)}{digits[:cut]}.{digits[cut:]}" if decimals else f"{'-' * (number < 0)}{digits}"
    (got,) = found(f"1.8.0({text}*{unit})".encode())
    factor = {"kWh": 3, "m3": 0, "MW": 6, "mA": -3}[unit]
    assert got.value == Decimal(text).scaleb(factor)


@pytest.mark.parametrize("digits", [41, 5000])
def test_numbers_too_long_to_be_any_are_not_read(digits):
    (got,) = found(b"1.8.0(" + b"9" * digits + b"*kWh)")
    assert (got.value, got.status) == (None, "not-a-number")
    (plain,) = found(b"1.8.0(" + b"9" * digits + b")")
    assert plain.value == "9" * digits


def big(line):
    """10 kB of one line, or of lines that *line* makes of their number."""
    make = line if callable(line) else lambda place: line
    text = b""
    place = 0
    while len(text) < hostile.SIZE:
        text += make(place)
        place += 1
    return text


@pytest.mark.parametrize("line", [b"a()", b"()", b"(1)", b"1(1)", b"?(", b")", b"(", b"a(1)(2)", b"x)y)"])
def test_parentheses_with_hardly_anything_between_are_refused(line):
    """A thousand values may be as short as they like; of more, each takes eight octets."""
    few = line * 400
    assert Found(Words(), few).readings or b"".join(Found(Words(), few).undecoded) == few
    with pytest.raises(DecodeError, match="more than 1250 values in 10"):
        Found(Words(), big(line))
    assert hostile.peak(lambda text: Found(Words(), text), big(line)) < 1


# What readings of Python take, an address and a value for each line: a real one has some 30 octets.
@pytest.mark.parametrize(
    ("line", "times"),
    [
        (b"1-0:1.8.0(000123.456*kWh)\r\n", 10),
        (lambda n: b"1.8.0*%02d(%06d.%03d*kWh)\r\n" % (n % 99, n, n % 999), 20),
        (lambda n: b"1-0:%d.8.%d(%06d.1*kWh)\r\n" % (n % 80 + 1, n // 80 % 64, n), 20),
        (b"1.6.0(02.468*kW)(1703100930)\r\n", 20),
        (b"0.0.0(12345678901234567890)\r\n", 10),
        (b"?????????\r\n", 11),
        (b"1.8.0(1)", 22),
    ],
)
def test_readouts_of_10_kb_take_some_times_their_size(line, times):
    assert hostile.peak(lambda text: tuple(Found(words(), text).readings), big(line)) <= times


def test_values_are_the_same_however_long_the_text_is():
    """Long texts are read in pieces: no data set is cut apart, and none loses its unit."""
    line = b"1.8.0(5*kWh)\r\n1.8.0*01(3)\r\n1.6.0(2*kW)(1703100930)\r\n"
    line += b"P.01(1703100930)(0)(15)(1)(1.5)(kW)\r\n(1)\r\n(2)\r\n"
    one, many = found(line), found(line * 100)
    assert len(one) == 5
    assert many == one * 100
    assert [(r.value, r.unit) for r in one[:2]] == [(5000, "Wh"), (3000, "Wh")]


def test_the_unit_of_a_historical_value_may_stand_far_away():
    text = b"1.8.0*01(3)\r\n" + b"0.0.0(12345678)\r\n" * 300 + b"1.8.0(5*kWh)\r\n2.8.0*01(4)\r\n"
    got = found(text)
    assert (got[0].value, got[0].unit) == (3000, "Wh")
    assert (got[-1].value, got[-1].unit) == (4, "")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (b"1.8.0()", [(None, "empty")]),
        (b"1.8.0( *kWh)", [(None, "empty")]),
        (b"1.8.0(x*kWh)", [(None, "not-a-number")]),
        (b"1.8.0(-5*kWh)", [(-5000, None)]),
        (b"1.8.0(+5*kWh)", [(5000, None)]),
        (b"1.8.0(.5*kWh)", [(500, None)]),
        (b"1.8.0(5.*kWh)", [(5000, None)]),
        (b"1.8.0(--5*kWh)", [(None, "not-a-number")]),
        (b"0.9.1(12:30:00)", [("12:30:00", None)]),
    ],
)
def test_numbers_and_what_is_none(text, wanted):
    assert [(r.value, r.status) for r in found(text)] == wanted


def test_a_profile_with_minutes_that_are_none_is_a_row_of_values():
    """The third group of a profile is its period in minutes, of five digits at most."""
    got = found(b"P.01(1703100930)(00)(123456)(1)(1.5)(kW)(7)")
    assert [r.time.iso() for r in got] == ["2017-03-10T09:30"] * 6
    assert {r.value for r in got} >= {"00", "123456"}
