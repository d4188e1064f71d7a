"""Written messages to octets: every form of hex that people paste, readouts, and what is neither."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.decoding.inputs import Written, join_pasted, octets_of, odd, written
from anymeter.errors import DecodeError
from message_cases import attempt

HEX = "68030368080172"
OCTETS = bytes.fromhex(HEX)
PAIRS = [HEX[i : i + 2] for i in range(0, len(HEX), 2)]


@pytest.mark.parametrize(
    "text",
    [
        HEX,
        HEX.lower(),
        f"0x{HEX}",
        f"0X{HEX}",
        " ".join(PAIRS),
        "\n".join(PAIRS),
        "\t".join(PAIRS) + "\r\n",
        ":".join(PAIRS),
        "-".join(PAIRS),
        ".".join(PAIRS),
        ", ".join(f"0x{p}" for p in PAIRS),
        "[" + ", ".join(f"0x{p}" for p in PAIRS) + "]",
        "{" + ",".join(f"0x{p}" for p in PAIRS) + "};",
        "".join(rf"\x{p}" for p in PAIRS),
        f'"{HEX}"',
        f"<{HEX}>",
        "\n".join(["68 03 03 68", "08 01 72"]),
        f"|{HEX[:6]}_{HEX[6:]}|",
    ],
)
def test_hex_in_every_form(text):
    assert octets_of(text) == OCTETS


@pytest.mark.parametrize(
    "line",
    [
        f"T1;1;1;2026-11-22 19:00:42.000;97;148;88888888;0x{HEX}",
        f"C1;1;1;2026-11-22 19:00:42.000;97;148;88888888;0x{HEX};",
        f"telegram=|{HEX}|+32",
        f"telegram=|{HEX[:4]}_{HEX[4:]}|",
        f"telegram=|{HEX}+7",
        json.dumps({"time": "2026-11-22 19:00:42", "model": "Wireless-MBus", "mode": "T", "data": HEX}),
        json.dumps({"telegram": HEX.lower(), "rssi": -70}),
        ' {"raw" : "0x' + HEX + '"}',
    ],
)
def test_lines_of_receivers(line):
    assert octets_of(line) == OCTETS


@pytest.mark.parametrize(
    "text", ["/ABC5 X\r\n1.8.0(1*kWh)\r\n!\r\n", "1.8.0(000123.4*kWh)", "\n/ABC5\\X", "\x021-0:1.8.0(1)\x03\x10"]
)
def test_the_text_of_a_readout_stays_text(text):
    assert octets_of(text) == text.encode("ascii")


def test_octets_stay_octets():
    for kind in (bytes, bytearray, memoryview):
        assert octets_of(kind(OCTETS)) == OCTETS
    assert written(OCTETS) == Written(OCTETS, "")


def test_text_beyond_latin_1_does_not_stop_a_readout():
    assert octets_of("1.8.0(1*€)") == b"1.8.0(1*?)"


@pytest.mark.parametrize("text", ["", " ", "\n", "0x", "--", "[]"])
def test_nothing_is_an_error(text):
    with pytest.raises(DecodeError, match=r"there is no message here|no hex digit"):
        octets_of(text)


@pytest.mark.parametrize(("text", "wrong", "at"), [("hello", "'h'", 0), ("68 0G", "'G'", 4), ("68 ü", "'ü'", 3)])
def test_what_is_no_hex_is_named_and_placed(text, wrong, at):
    with pytest.raises(DecodeError, match=wrong) as e:
        octets_of(text)
    assert (e.value.what, e.value.at) == ("input", at)


def test_a_half_octet_is_left_over():
    assert written("680") == Written(b"\x68", "0")
    with pytest.raises(DecodeError, match=r"an odd number of hex digits \(3\)") as e:
        octets_of("680")
    assert e.value.at == 1
    assert str(odd(b"")) == "input at octet 0: an odd number of hex digits (1)"


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        (["68", "03", "03"], ["68 03 03"]),
        (["0x68,", "0x03,", "0x03"], ["0x68, 0x03, 0x03"]),
        (["68030368", "0801"], ["68030368 0801"]),
        (["1040014116", "105B015C16"], ["1040014116", "105B015C16"]),
        (["1040014116"], ["1040014116"]),
        (["@file", "68"], ["@file", "68"]),
        (["-"], ["-"]),
        ([], []),
    ],
)
def test_arguments_that_are_pieces_of_one_message(arguments, messages):
    assert join_pasted(arguments) == messages


@given(st.binary(min_size=1, max_size=80), st.sampled_from(["", " ", ":", "-", "\n", ", "]))
def test_hex_comes_back(octets, separator):
    assert octets_of(separator.join(f"{b:02X}" for b in octets)) == octets


@given(st.text())
def test_any_text_is_octets_or_an_error_of_ours(text):
    found, error = attempt(written, text)
    if error is None:
        assert isinstance(found.octets, bytes)
        assert len(found.stray) < 2
    else:
        assert isinstance(error, DecodeError)
        assert (bool(error.why), error.what) == (True, "input")


@pytest.mark.parametrize("fill", ['{"data":"00"', "telegram=|0", ";0x0", "0x", "\\x", " ", "|_"])
def test_long_lines_of_a_kind_do_not_hang(fill):
    for text in (fill * 4000, "{" + fill * 4000, fill * 4000 + "!"):
        found, error = attempt(written, text)
        assert found or error.why
