"""M-Bus messages to readings: what one telegram tells about later ones, and what is kept as octets."""

from __future__ import annotations

import pytest

import message_cases as cases
from anymeter.decoding import Decoder, KeyRing
from anymeter.decoding import mbus as layers
from anymeter.decoding.mbus import joined
from anymeter.errors import DecodeError
from anymeter.links import mbus as wired
from anymeter.links import transport, wireless
from anymeter.links.address import Address
from anymeter.mbus import afl, records
from anymeter.mbus.compact import compress, encode_format, format_of
from anymeter.mbus.header import Header
from shared import vectors

METER = Address.of("AMT", "12345678", 1, 7)
OTHER = Address.of("AMT", "12345679", 1, 7)
RECORDS = bytes.fromhex("0413D2040000" + "02FD170000")


def telegram(body, meter=METER):
    return wireless.encode(wireless.Frame(0x44, meter, body), "A")


def answer(*bodies, c=0x08):
    return b"".join(wired.encode(wired.long(c, 1, body)) for body in bodies)


def long_body(payload, meter=METER):
    return b"\x72" + Header(1, 0, 0, meter).encode() + payload


def short_body(payload):
    return b"\x7a" + Header(1, 0, 0).encode() + payload


def shown(message):
    return [cases.shown(r) for r in message.readings]


def test_frames_of_one_readout_are_one_message():
    message = Decoder().decode(answer(long_body(RECORDS[:6] + b"\x1f"), long_body(RECORDS[6:])))
    assert shown(message) == ["8-0:1.0.0*255 = 1.234 m3", "0-0:97.97.0*255 = 0"]
    assert message.layers == ("mbus-wired", "tpl-long", "records")
    assert message.status == ("more-records-follow",)


def test_a_master_among_the_frames_is_an_error():
    with pytest.raises(DecodeError, match="from the master to a meter"):
        Decoder().decode(answer(long_body(RECORDS)) + wired.encode(wired.long(0x53, 1, b"\x50")))


def test_a_telegram_without_a_body_says_who_is_there():
    message = Decoder().decode(wireless.encode(wireless.Frame(0x46, METER, b""), "A"))
    assert cases.who(message.meter) == "12345678 AMT 1 water 7"
    assert message.readings == ()


def test_the_long_header_names_the_meter_not_the_adapter():
    message = Decoder().decode(telegram(long_body(RECORDS, OTHER)))
    assert message.meter.id == "12345679"


UNUSUAL = bytes.fromhex("0413D2040000" + "8410132A000000" + "02FD170000")
"""Records of a layout that nobody knows beforehand."""


def compact(payload, ci=b"\x7b"):
    return ci + Header(1, 0, 0).encode() + compress(records.decode(payload))


def test_a_compact_frame_needs_its_format():
    message = Decoder().decode(telegram(compact(UNUSUAL)))
    assert (message.readings, message.status) == ((), ("format-unknown",))
    assert message.undecoded == (compress(records.decode(UNUSUAL)),)


def test_a_full_frame_teaches_the_format():
    decoder = Decoder()
    told = decoder.decode(telegram(short_body(UNUSUAL)))
    again = decoder.decode(telegram(compact(UNUSUAL)))
    assert again.layers == ("wmbus-a", "tpl-short", "compact", "records")
    assert shown(again) == shown(told) != []


def test_a_format_frame_teaches_the_format():
    decoder = Decoder()
    octets = encode_format(format_of(records.decode(UNUSUAL)))
    taught = decoder.decode(telegram(b"\x6a" + Header(1, 0, 0).encode() + octets))
    assert (taught.readings, taught.layers[-1]) == ((), "format")
    assert len(decoder.decode(telegram(compact(UNUSUAL))).readings) == 3


def test_a_compact_frame_whose_full_frame_crc_is_wrong_says_so():
    decoder = Decoder()
    decoder.decode(telegram(short_body(UNUSUAL)))
    octets = bytearray(compact(UNUSUAL))
    octets[-1] ^= 1
    with pytest.raises(DecodeError, match="CRC"):
        decoder.decode(telegram(bytes(octets)))


def alarm(payload=b"\x01"):
    return b"\x74" + Header(1, 0, 0).encode() + payload


def test_an_alarm_is_a_status_and_its_octets_are_kept():
    message = Decoder().decode(telegram(alarm()))
    assert (message.status, message.undecoded) == (("alarm",), (b"\x01",))


FRAGMENTS = [RECORDS[:4], RECORDS[4:]]


def fragment(number, octets, more, meter=METER):
    return telegram(afl.Afl(number, more).encode() + octets, meter)


def test_fragments_are_one_message():
    whole = short_body(RECORDS)
    decoder = Decoder()
    first = decoder.decode(fragment(1, whole[:7], True))
    assert (first.readings, first.status) == ((), ("more-fragments-follow",))
    assert first.meter.id == "12345678"
    last = decoder.decode(fragment(2, whole[7:], False))
    assert shown(last) == ["8-0:1.0.0*255 = 1.234 m3", "0-0:97.97.0*255 = 0"]


def test_fragments_of_two_meters_do_not_mix():
    whole = short_body(RECORDS)
    decoder = Decoder()
    decoder.decode(fragment(1, whole[:7], True))
    with pytest.raises(DecodeError, match="fragment 2 where 1 is due"):
        decoder.decode(fragment(2, whole[7:], False, OTHER))
    assert len(decoder.decode(fragment(2, whole[7:], False)).readings) == 2


def test_a_lost_fragment_is_an_error():
    decoder = Decoder()
    decoder.decode(fragment(1, b"\x7a\x01", True))
    with pytest.raises(DecodeError, match="fragment 3 where 2 is due"):
        decoder.decode(fragment(3, b"\x00", False))


def test_what_is_kept_is_bounded(monkeypatch):
    monkeypatch.setattr(layers, "METERS", 8)
    decoder = Decoder()
    for n in range(40):
        meter = Address.of("AMT", f"{n:08d}", 1, 7)
        decoder.decode(fragment(1, b"\x7a\x01", True, meter))
        decoder.decode(telegram(short_body(bytes((0x04, 0x13, *range(4))) * (n + 1)), meter))
    assert len(decoder._mbus._fragments) <= 8
    assert len(decoder._mbus._learnt) <= 8


def test_segments_that_stop_too_early_fail_at_the_end_of_the_message():
    octets = answer(*(s.encode() for s in transport.split(1, 0x67, bytes(100), 40)[:2]))
    with pytest.raises(DecodeError, match="ends before its last segment") as e:
        Decoder().decode(octets)
    assert e.value.at == len(octets)
    assert joined([], 0) == []


def test_keys_by_maker_and_number():
    v = next(v for v in cases.OWN if v["name"].startswith("wireless M-Bus, frame format A"))
    ring = KeyRing({"AMT.87654321": {"key": v["key"]}})
    assert len(Decoder(ring).decode(cases.octets(v)).readings) == 3
    unknown = Decoder(KeyRing({"AMT.87654322": {"key": v["key"]}})).decode(cases.octets(v))
    assert (unknown.readings, unknown.security.verified) == ((), False)
    assert unknown.status == ("power-low",)


@pytest.mark.parametrize(
    "v", vectors("spec_and_security_vectors.jsonl", where=lambda v: v.get("kind") == "compact_frame")
)
def test_shared_compact_frames_after_a_full_one(v):
    decoder = Decoder()
    full, small = (bytes.fromhex(v[name]) for name in ("full", "compact"))
    told = decoder.decode(telegram(full))
    again = decoder.decode(telegram(small))
    assert again.layers[-2:] == ("compact", "records")
    assert [r.meaning for r in again.readings] == [r.meaning for r in told.readings]
    if "records" in v:
        assert shown(again) == shown(told)
