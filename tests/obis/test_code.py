"""OBIS codes as they are written: every form, what it leaves out, and what is none."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import LocalError
from anymeter.obis import Obis, read

SIX = st.binary(min_size=6, max_size=6)
UP_TO_99 = st.integers(0, 99)


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("1-0:1.8.0*255", "1-0:1.8.0*255"),
        ("1-0:1.8.0", "1-0:1.8.0*255"),
        ("1-0:1.8.0.255", "1-0:1.8.0*255"),
        ("1-0:1.8.0&3", "1-0:1.8.0*3"),
        ("1-0:1.8.0*03", "1-0:1.8.0*3"),
        ("1-0:1.8", "1-0:1.8.0*255"),
        ("1-0:1.8*7", "1-0:1.8.0*7"),
        ("1.8.1*03", "1-0:1.8.1*3"),
        ("1.8.0.255", "1-0:1.8.0*255"),
        ("1.8", "1-0:1.8.0*255"),
        ("1.8&03", "1-0:1.8.0*3"),
        ("2:1.8.0", "1-2:1.8.0*255"),
        ("6-0:1.0.0*255", "6-0:1.0.0*255"),
        ("8-1:1.2.0*0", "8-1:1.2.0*0"),
        ("7-0:13.2.1", "7-0:13.2.1*255"),
        ("001-000:001.008.000*255", "1-0:1.8.0*255"),
        ("C.1.0", "0-0:96.1.0*255"),
        ("c.1.0", "0-0:96.1.0*255"),
        ("96.1.0", "0-0:96.1.0*255"),
        ("F.F", "0-0:97.97.0*255"),
        ("F.F.0", "0-0:97.97.0*255"),
        ("1-1:F.F", "1-1:97.97.0*255"),
        ("L.1", "1-0:98.1.0*255"),
        ("P.01", "1-0:99.1.0*255"),
        ("P.98", "1-0:99.98.0*255"),
        ("P.P", "1-0:99.99.0*255"),
        ("4-0:3.0", "4-0:3.0.255*255"),
        ("4-0:1.0", "4-0:1.0.0*255"),
        ("6-0:1.6", "6-0:1.6.255*255"),
        ("1.0.1.8.0.255", "1-0:1.8.0*255"),
        ("129.129.199.130.3.255", "129-129:199.130.3*255"),
        ("0100010800FF", "1-0:1.8.0*255"),
        ("0100010800ff", "1-0:1.8.0*255"),
        ("010001080012", "1-0:1.8.0*18"),
        ("01.00.01.08.00.FF", "1-0:1.8.0*255"),
        ("01.00.01.08.00.05", "1-0:1.8.0*5"),
        ("01:00:01:08:00:10", "1-0:1.8.0*16"),
        ("01-00-01-08-00-FF", "1-0:1.8.0*255"),
        ("01 00 01 08 00 FF", "1-0:1.8.0*255"),
        ("  1-0:1.8.0 ", "1-0:1.8.0*255"),
    ],
)
def test_every_written_form(text: str, full: str) -> None:
    assert str(Obis(text)) == full
    assert str(read(text).obis) == full


@pytest.mark.parametrize(
    ("text", "medium", "full"),
    [
        ("1.2.0", 6, "6-0:1.2.0*255"),
        ("0.9.1", 8, "8-0:0.9.1*255"),
        ("3.0", 4, "4-0:3.0.255*255"),
        ("2:3.0.0", 7, "7-2:3.0.0*255"),
        ("P.1", 7, "7-0:99.1.0*255"),
        ("C.1.0", 7, "0-0:96.1.0*255"),
        ("F.F", 7, "0-0:97.97.0*255"),
        ("1-0:1.8.0", 7, "1-0:1.8.0*255"),
    ],
)
def test_the_medium_fills_value_group_a(text: str, medium: int, full: str) -> None:
    assert str(read(text, medium).obis) == full


@pytest.mark.parametrize(
    ("text", "given_groups", "manual"),
    [
        ("1.8", "CD", False),
        ("1.8.1&03", "CDEF", True),
        ("1.8&3", "CDF", True),
        ("1.8.1*03", "CDEF", False),
        ("2:1.8.0", "BCDE", False),
        ("1-0:1.8.0.255", "ABCDEF", False),
        ("0100010800FF", "ABCDEF", False),
        ("1.0.1.8.0.255", "ABCDEF", False),
    ],
)
def test_what_stood_there_is_told(text: str, given_groups: str, manual: bool) -> None:
    written = read(text)
    assert (written.given, written.manual_reset) == (given_groups, manual)


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("256-0:1.8.0", "A"),
        ("1-300:1.8.0", "B"),
        ("7-0:300.0.0", "C"),
        ("1.999.0", "D"),
        ("1.8.256", "E"),
        ("1.8.0*300", "F"),
        ("1.8.0&256", "F"),
        ("1.0.1.8.0.256", "F"),
    ],
)
def test_a_group_out_of_range_is_named(text: str, group: str) -> None:
    with pytest.raises(LocalError, match=f"value group {group} is"):
        Obis(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "1",
        "1.",
        ".8",
        "1-1.8.0",
        "1-:1.8.0",
        "-0:1.8.0",
        "1-0:1.8.0*",
        "1-0:1.8.0&&3",
        "1.8.0.255.1",
        "1-0:L1.7.0",
        "G.1.0",
        "X.F",
        "1-0:1.8.F",
        "1-0-1:8.0.0",
        "0100010800F",
        "0100010800FFF",
        "01-00:01-08-00-FF",
        "0100010800GG",
        "1.8.0 *3",
        "١.٨.٠",
        "1-0:1.8.0\n1",
        "1,8,0",
        "1-0:1..0",
        "²-0:1.8.0",
    ],
)
def test_what_is_no_code(text: str) -> None:
    with pytest.raises(LocalError, match="not an OBIS code"):
        Obis(text)


def test_octets_that_may_be_decimal_or_hexadecimal_are_refused() -> None:
    with pytest.raises(LocalError, match="decimal or six hexadecimal"):
        Obis("01.00.15.08.00.10")


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"12345",
        b"1234567",
        [1, 0, 1, 8, 0],
        (1, 0, 1, 8, 0, 256),
        (1, 0, 1, 8, 0, -1),
        6,
        None,
        1.5,
        "6",
        [1, 0, 1, 8, 0, "F"],
    ],
)
def test_what_is_not_six_octets(value: object) -> None:
    with pytest.raises(LocalError):
        Obis(value)  # type: ignore[arg-type]


def test_a_code_is_its_octets() -> None:
    code = Obis("1-0:1.8.0")
    octets = bytes((1, 0, 1, 8, 0, 255))
    assert code == octets
    assert hash(code) == hash(octets)
    assert {octets: "x"}[code] == "x"
    assert type(code.octets) is bytes
    assert Obis([1, 0, 1, 8, 0, 255]) == Obis(bytearray(octets)) == Obis(memoryview(octets)) == Obis(code) == code
    assert (code.a, code.b, code.c, code.d, code.e, code.f) == (1, 0, 1, 8, 0, 255)
    assert repr(code) == "Obis('1-0:1.8.0*255')"


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda code: pickle.loads(pickle.dumps(code))])
def test_a_code_is_copied_as_a_code(again) -> None:
    code = again(Obis("7-0:3.2.0"))
    assert type(code) is Obis
    assert str(code) == "7-0:3.2.0*255"


@pytest.mark.parametrize(
    ("code", "how", "text"),
    [
        ("1-0:1.8.0", {}, "1-0:1.8.0"),
        ("1-0:1.8.1*3", {}, "1-0:1.8.1*03"),
        ("1-0:1.8.1*3", {"manual_reset": True}, "1-0:1.8.1&03"),
        ("1-0:1.8.1*3", {"medium": 1}, "1.8.1*03"),
        ("1-2:1.8.1", {"medium": 1}, "2:1.8.1"),
        ("6-0:1.0.0", {"medium": 1}, "6-0:1.0.0"),
        ("0-0:96.1.0", {"medium": 0, "letters": True}, "C.1.0"),
        ("0-0:97.97.255", {"medium": 0, "letters": True}, "F.F"),
        ("1-0:99.98.0", {"letters": True}, "1-0:P.L.0"),
        ("4-0:3.0.255", {"medium": 4}, "3.0"),
    ],
)
def test_the_reduced_id(code: str, how: dict, text: str) -> None:
    assert Obis(code).reduced(**how) == text


@pytest.mark.parametrize(
    ("code", "group"),
    [
        ("129-0:1.8.0", "A"),
        ("1-100:1.8.0", "B"),
        ("1-0:240.8.0", "C"),
        ("1-0:1.255.0", "D"),
        ("1-0:1.8.100", "E"),
        ("1-0:1.8.0*101", "F"),
    ],
)
def test_a_reduced_id_holds_0_to_99(code: str, group: str) -> None:
    with pytest.raises(LocalError, match=f"but {group} is"):
        Obis(code).reduced()


@given(SIX)
def test_full_and_hexadecimal_forms_read_back(octets: bytes) -> None:
    code = Obis(octets)
    assert Obis(str(code)) == code
    assert Obis(octets.hex()) == code
    assert Obis(octets.hex(":")) == Obis(octets.hex("-").upper()) == Obis(octets.hex(" ")) == code
    assert Obis(str(code).replace("*", "&")) == code
    assert read(str(code)).given == "ABCDEF"


@given(SIX)
def test_six_numbers_with_dots_read_back_or_are_refused_as_ambiguous(octets: bytes) -> None:
    text = ".".join(map(str, octets))
    if all(10 <= octet <= 99 for octet in octets):
        with pytest.raises(LocalError):
            Obis(text)
    else:
        assert Obis(text) == octets


@given(
    st.tuples(UP_TO_99, UP_TO_99, UP_TO_99, UP_TO_99, UP_TO_99, UP_TO_99 | st.just(255)),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_reduced_forms_read_back(groups, letters: bool, manual: bool, short: bool) -> None:
    code = Obis(groups)
    medium = code.a if short else None
    text = code.reduced(medium=medium, letters=letters, manual_reset=manual)
    written = read(text, medium)
    if "A" not in written.given and code.c in (96, 97):
        assert written.obis[1:] == code[1:]
    else:
        assert written.obis == code
    assert written.manual_reset == (manual and code.f != 255)


@given(st.text(max_size=30) | st.from_regex(r"[0-9CFLP.:*&-]{1,20}", fullmatch=True))
def test_any_text_is_a_code_or_a_local_error(text: str) -> None:
    try:
        code = Obis(text)
    except LocalError:
        return
    assert len(code) == 6
