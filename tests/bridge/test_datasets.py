"""Readouts and P1 telegrams as messages: who, when, what, and whether anything vouches for it."""

import datetime as dt
import re
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.bridge.datasets import p1_message, readings, readout_message
from anymeter.bridge.reading import Meter
from anymeter.cosem.datetimes import DateTime
from anymeter.errors import DecodeError
from anymeter.links import p1
from anymeter.links.p1 import of_text
from shared import vectors

FOLDER = Path(__file__).parents[1] / "vectors"
READOUTS = tomllib.loads((FOLDER / "readouts.toml").read_text())
TELEGRAMS = tomllib.loads((FOLDER / "p1.toml").read_text())
FACTORS = {
    "kWh": ("Wh", 3), "MWh": ("Wh", 6), "kW": ("W", 3), "kvar": ("var", 3), "kvarh": ("varh", 3), "kVA": ("VA", 3),
    "MJ": ("J", 6), "GJ": ("J", 9), "C": ("Cel", 0), "kHz": ("Hz", 3), "Deg": ("deg", 0), "m3ph": ("m3/h", 0),
}  # fmt: skip


def name(v):
    return v["name"]


def octets_of(v):
    return v["text"].encode("latin-1")


def told(message):
    return [
        [
            r.meaning.address,
            str(r.obis or ""),
            r.value.iso() if isinstance(r.value, DateTime) else str(r.value),
            r.unit,
            r.time.iso() if r.time else "",
        ]
        for r in message.readings
    ]


@pytest.mark.parametrize("v", READOUTS["readout"], ids=name)
def test_own_readouts(v):
    message = readout_message(octets_of(v))
    assert told(message) == v["readings"]
    assert message.protocol == "iec62056-21"
    assert message.layers == ("iec62056-21" + (f"-mode-{v['mode'].lower()}" if v["mode"] else ""), "data-sets")
    assert message.meter == Meter(v["id"] or None, v["manufacturer"] or None, None, v["medium"] or None)
    assert (message.time.iso() if message.time else "") == v["time"]
    assert list(message.status) == v["status"]
    assert message.undecoded == ()


@pytest.mark.parametrize("v", TELEGRAMS["telegram"], ids=name)
def test_own_telegrams(v):
    message = p1_message(octets_of(v))
    assert told(message) == v["readings"]
    assert (message.protocol, message.layers) == ("p1", ("p1",))
    assert (message.meter.manufacturer, message.meter.id or "") == (v["manufacturer"], v["id"])
    assert (message.time.iso() if message.time else "") == v["time"]
    assert [u.decode("latin-1") for u in message.undecoded] == v["undecoded"]


@pytest.mark.parametrize("v", READOUTS["refused"], ids=name)
def test_refused_readouts(v):
    with pytest.raises(DecodeError, match=v["why"]):
        readout_message(octets_of(v))


@pytest.mark.parametrize("v", TELEGRAMS["refused"], ids=name)
def test_refused_telegrams(v):
    with pytest.raises(DecodeError, match=v["why"]):
        p1_message(octets_of(v))


def stands(value, unit, reading):
    """Whether a value as sent is that of a reading, its unit applied exactly; or stands in the reading's octets."""
    wanted, factor = FACTORS.get(unit or "", (unit or "", 0))
    number = reading.value
    if isinstance(number, int | Decimal) and re.fullmatch(r"\s*-?\d+(\.\d+)?", value) and (not wanted or reading.unit):
        return (not wanted or reading.unit == wanted) and Decimal(value.strip()).scaleb(factor) == number
    return False


def missing(v, message):
    for d in v["data_sets"]:
        got = [r for r in message.readings if r.meaning.address == d["address"]] or list(message.readings)
        for x in d["values"]:
            numeric = x["unit"] and re.fullmatch(r"\s*-?\d+(\.\d+)?", x["value"]) and "&" not in x["value"]
            if numeric and not any(stands(x["value"], x["unit"], r) for r in got):
                yield f"{d['address']} = {x['value']} {x['unit']}"
            if not numeric and not any(x["value"].encode("latin-1", "replace") in r.raw for r in got):
                yield f"{d['address']} = {x['value']!r}"


@pytest.mark.parametrize(
    "v",
    vectors("iec62056_21.jsonl", "dsmr_p1.jsonl", where=lambda v: v.get("data_sets") and v.get("bcc_ok") is not False),
)
def test_shared(v):
    octets = bytes.fromhex(v["hex"])
    message = p1_message(octets) if p1.looks_like(octets) else readout_message(octets)
    assert list(missing(v, message)) == []
    assert message.meter is None or (message.meter.manufacturer or "").lower() == (v["manufacturer"] or "").lower()


@pytest.mark.parametrize(
    "v",
    vectors(
        "dsmr_p1.jsonl",
        where=lambda v: "P1_MESSAGE_TIMESTAMP" in (v["expect_raw"] or {}) if "expect_raw" in v else False,
    ),
)
def test_shared_times_agree_with_another_parser(v):
    asserted = v["expect_raw"]["P1_MESSAGE_TIMESTAMP"]["value"]
    message = p1_message(bytes.fromhex(v["hex"]), deviation=-60)
    moment = message.time.to_datetime()
    assert moment.astimezone(dt.UTC).isoformat() == asserted


def test_the_deviation_is_not_guessed():
    octets = of_text("ANY5M", "0-0:1.0.0(170702192002S)\n0-1:24.2.1(170702190000S)(1*m3)").encode()
    assert p1_message(octets).time.deviation is None
    told_so = p1_message(octets, deviation=-60)
    assert (told_so.time.iso(), told_so.readings[1].time.iso()) == (
        "2017-07-02T19:20:02+02:00",
        "2017-07-02T19:00:00+02:00",
    )


def test_a_waived_check_and_a_strict_one():
    octets = of_text("ANY5M", "1-0:1.8.1(1*kWh)").encode().replace(b"(1*", b"(2*")
    assert p1_message(octets, check=False).readings[0].value == 2000
    with pytest.raises(DecodeError, match="no block check character"):
        readout_message(b"1.8.0(1*kWh)", strict=True)


def test_the_medium_is_that_of_the_meter():
    assert str(readings(b"3.0.0(12.5*m3)", medium=7)[0].obis) == "7-0:3.0.0*255"
    channel_only = of_text("ANY5M", "1-3:0.2.8(50)\n0-1:24.2.1(170702190000S)(1.5*GJ)").encode()
    assert p1_message(channel_only).meter.medium is None


def test_the_best_identification_wins():
    def ident(text):
        return readout_message(text).meter.id

    assert ident(b"0.0.0(1)\r\nC.1.0(2)\r\n0-0:42.0.0(3)") == "2"
    assert ident(b"0.0.0(1)\r\n0-0:42.0.0(3)") == "1"
    assert ident(b"C.1.0(   )\r\n0.0(  7 )\r\n1.8.0(1*kWh)") == "7"


def test_readings_carry_what_was_sent():
    (r,) = readings(b"1-0:2.8.0*255(0031415.926*kWh)")
    assert (r.raw, r.number, r.meaning.exponent) == (b"1-0:2.8.0*255(0031415.926*kWh)", 31415926, 0)
    assert (r.meaning.address, r.name != "") == ("1-0:2.8.0*255", True)


@given(
    st.one_of(st.binary(max_size=200), st.text("/ANY5\\2\r\n\x02\x03(1.8*0)!&kWhCF:-", max_size=150).map(str.encode))
)
def test_garbage_raises_only_our_error(octets):
    for work in (readout_message, p1_message):
        try:
            message = work(octets)
        except DecodeError:
            continue
        assert all(r.meaning.address is not None for r in message.readings)
        assert sum(len(r.raw) for r in message.readings if b"&" not in r.raw) <= len(octets)


@pytest.mark.parametrize(
    "piece",
    [
        b"(",
        b")",
        b"a(",
        b"()",
        b"1()",
        b"*",
        b"!",
        b"\r\n!",
        b"/ABC5",
        b"&",
        b"1*C&",
        b"(170102192002S)",
        b"9",
        b"\x02\x03",
    ],
)
def test_hostile_lines_end(piece):
    for octets in (piece * 2000, b"/ABC5\r\n\r\n1.8.0(" + piece * 2000 + b")\r\n!\r\n"):
        for work in (readout_message, p1_message):
            try:
                message = work(octets)
            except DecodeError:
                continue
            assert len(message.readings) <= len(octets)


@pytest.mark.parametrize("flood", [b"a()", b"()", b"(1)", b"?("])
def test_a_flood_of_parentheses_is_refused_whatever_frames_it(flood):
    text = flood * 3000
    with pytest.raises(DecodeError, match="more than"):
        readout_message(b"1.8.0(1)\r\n" + text + b"\r\n!\r\n")
    with pytest.raises(DecodeError, match="more than"):
        p1_message(b"/ANY5METER\r\n\r\n" + text + b"\r\n!\r\n")


@pytest.mark.parametrize(
    ("error", "status"),
    [("00000000", ()), ("0", ()), ("00000010", ("error-00000010",)), ("FF", ("error-FF",)), ("", ())],
)
def test_the_error_register_is_a_status_when_it_is_not_zero(error, status):
    message = readout_message(b"F.F(" + error.encode() + b")\r\n1.8.0(1*kWh)\r\n!\r\n")
    assert tuple(s for s in message.status if s != "bcc-missing") == status


@pytest.mark.parametrize(
    ("address", "medium"),
    [("1-0:1.8.0", "electricity"), ("7-0:3.0.0", "gas"), ("8-0:1.0.0", "cold water"), ("9-0:1.0.0", "hot water"),
     ("6-0:1.0.0", "heat"), ("5-0:1.0.0", "cooling"), ("4-0:1.0.0", "heat cost allocator"), ("0-0:96.1.0", None)],
)  # fmt: skip
def test_every_medium_by_its_value_group_a(address, medium):
    message = readout_message(f"/ANY5METER\r\n\r\n{address}(1)\r\n!\r\n".encode())
    assert message.meter.medium == medium
    assert message.meter.manufacturer == "ANY"
