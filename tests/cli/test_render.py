"""Messages and errors for people: one line of heading, one row a reading, the octets of a failure."""

from __future__ import annotations

import io

import pytest

from anymeter.bridge.reading import Meaning, Message, Meter, Reading, Security
from anymeter.cli import render
from anymeter.cli.screen import plain
from anymeter.cosem.datetimes import DateTime
from anymeter.errors import DecodeError, LocalError
from anymeter.obis import Obis

WHEN = DateTime.of(2026, 11, 22, None, 8, 15)


def printed(what, given="", verbose=False):
    out = io.StringIO()
    render.result(given, what, verbose, out)
    return [line.rstrip() for line in out.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        (Message("dlms", ("hdlc", "data")), "hdlc › data"),
        (Message("mbus", ("a",), Meter("12", "KAM", 27, "heat", 4)), "KAM.12  heat  version 27  a"),
        (Message("mbus", ("a",), Meter("12", None, 0)), "12  version 0  a"),
        (Message("mbus", ("a",), Meter()), "a"),
        (Message("mbus", ("a",), time=WHEN), "a  2026-11-22 08:15"),
        (Message("mbus", ("a",), security=Security(5, True)), "a  security 5, verified"),
        (Message("mbus", ("a",), security=Security(0, False)), "a  security 0, not verified"),
        (Message("mbus", ("a",), status=("busy", "alarm")), "a  busy  alarm"),
    ],
)
def test_headings(message, wanted):
    assert render.heading(message) == wanted
    assert printed(message) == [wanted]


def test_readings_and_what_stayed_opaque():
    reading = Reading(Meaning(Obis("6-0:1.0.0"), "energy", "Wh", storage=1), 5000, b"", WHEN, "overflow")
    lines = printed(Message("mbus", ("a",), readings=(reading,), undecoded=(b"\x01\xab",)))
    assert lines[1].split() == ["OBIS", "reading", "value", "unit"]
    assert lines[2].split("  ")[0] == "6-0:1.0.0*255"
    assert "energy, storage 1" in lines[2]
    assert "5  kWh" in lines[2]
    assert lines[2].endswith("2026-11-22 08:15  overflow")
    assert lines[3] == "not decoded (2 octets): 01 AB"


def test_what_is_encrypted_asks_for_a_key():
    lines = printed(Message("wmbus", ("a",), security=Security(5, False), undecoded=(b"\x01",)))
    assert lines[1] == "the contents are encrypted: give --key HEX, or --keys FILE"
    assert lines[2] == "not decoded (1 octets): 01"


def test_a_reading_without_a_code_shows_its_address():
    message = Message("p1", ("p1",), readings=(Reading(Meaning(address="9.9.9", storage=3), "x"),))
    assert printed(message)[2].split() == ["9.9.9", "x"]


@pytest.mark.parametrize(
    ("meaning", "wanted"),
    [
        (Meaning(name="energy"), "energy"),
        (Meaning(quantity="volume"), "volume"),
        (Meaning(), ""),
        (Meaning(name="power", function="maximum"), "power, maximum"),
        (Meaning(name="e", storage=1, tariff=2, subunit=3), "e, storage 1, tariff 2, subunit 3"),
        (Meaning(name="e", storage=1, address="1.8.0*01"), "e"),
    ],
)
def test_how_a_reading_is_called(meaning, wanted):
    assert render.described(meaning) == wanted


@pytest.mark.parametrize("markup", ["[bold]x[/bold]", "[/]", ":smile:", "[red"])
def test_what_a_meter_sends_is_no_markup(markup):
    reading = Reading(Meaning(name=markup), markup, status=markup)
    lines = printed(Message("dlms", ("data",), Meter(markup), status=(markup,), readings=(reading,)))
    assert "\n".join(lines).count(markup) == 5


def test_errors_are_one_sentence():
    assert printed(DecodeError("it ends", what="frame", at=3), "68") == ["DecodeError: frame at octet 3: it ends"]
    assert printed(LocalError("no")) == ["LocalError: no"]


def test_the_octets_of_an_error():
    lines = printed(DecodeError("x", at=17), bytes(range(20)).hex(), verbose=True)
    assert lines[1] == "    0  " + bytes(range(16)).hex(" ").upper()
    assert lines[2] == "   16  10 11 12 13"
    traced = render.octet_trace(bytes(range(20)).hex(), 17)
    assert [text for line in traced for text, style in line if style == "marked"] == ["11"]


@pytest.mark.parametrize("given", ["0x68, 0x03", "68:03", "\\x68\\x03"])
def test_octets_are_traced_as_they_were_read(given):
    assert [plain(line).split() for line in render.octet_trace(given, None)] == [["0", "68", "03"]]


def test_what_is_no_octets_is_traced_as_text():
    assert [plain(line).strip() for line in render.octet_trace("hello", 0)] == ["hello"]


def test_nothing_is_coloured_in_a_pipe():
    out = io.StringIO()
    render.result("", DecodeError("x"), False, out)
    assert "\x1b" not in out.getvalue()


def test_long_names_are_not_cut_in_a_pipe():
    name = "a very long name of a reading " * 10
    lines = printed(Message("mbus", ("a",), readings=(Reading(Meaning(name=name.strip()), 1),)))
    assert name.split()[-1] in " ".join(lines)
