"""The way in to HDLC: frames in a row, explained."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.links import hdlc
from hdlc_strategies import ANY_FRAME
from shared import vectors

CLIENT, SERVER = hdlc.Address(16), hdlc.Address(1)


def test_everything_offered_is_there():
    assert sorted(hdlc.__all__) == sorted(set(hdlc.__all__))
    assert all(hasattr(hdlc, name) for name in hdlc.__all__)


def test_frames_in_a_row_with_and_without_shared_flags():
    snrm, ua = hdlc.Frame(SERVER, CLIENT, 0x93), hdlc.Frame(CLIENT, SERVER, 0x73)
    assert hdlc.encode(snrm, ua) == snrm.encode() + ua.encode()
    assert hdlc.encode(snrm, ua, shared_flags=True) == snrm.encode() + ua.encode()[1:]
    assert hdlc.encode() == b""


@given(st.lists(ANY_FRAME | st.binary(min_size=1, max_size=10), max_size=5), st.booleans())
def test_explain_covers_every_octet_once_and_in_order(parts, shared):
    frames = [p for p in parts if isinstance(p, hdlc.Frame)]
    octets = hdlc.encode(*frames, shared_flags=shared) + b"".join(p for p in parts if isinstance(p, bytes))
    rows = [row for row in hdlc.explain(octets) if row.depth == 0]
    assert b"".join(row.octets for row in rows) == octets
    at = 0
    for row in rows:
        assert row.at == at
        at += len(row.octets)


def test_explain_names_noise_and_why():
    rows = hdlc.explain(b"\x01\x02" + hdlc.Frame(SERVER, CLIENT, 0x93).encode() + b"\xff")
    assert (rows[0].name, rows[0].octets, rows[0].meaning) == ("noise", b"\x01\x02", "no flag")
    assert rows[-1].name == "noise"
    assert rows[-1].octets == b"\xff"


def test_explain_goes_into_the_parameters():
    ua = hdlc.Frame(CLIENT, SERVER, 0x73, hdlc.encode_parameters(hdlc.Parameters(max_information_receive=1024)))
    rows = {row.name: row for row in hdlc.explain(ua.encode()) if row.depth}
    assert rows["max_information_receive"].meaning == "1024"
    assert rows["max_information_receive"].octets == bytes.fromhex("06020400")
    at = rows["window_receive"].at
    assert ua.encode()[at : at + 6] == bytes.fromhex("080400000001")


def test_explain_keeps_to_the_frame_where_parameters_are_none():
    ua = hdlc.Frame(CLIENT, SERVER, 0x73, b"\x81\x80\x09")
    assert [row.name for row in hdlc.explain(ua.encode()) if row.depth] == []


@given(st.binary(max_size=300))
def test_explain_takes_anything(octets):
    assert b"".join(row.octets for row in hdlc.explain(octets) if row.depth == 0) == octets


@pytest.mark.parametrize("octets", [b"\x7e\xa7\xff" * 3400, b"\x7e\xa0\x07" * 3400, b"\x7e" * 10_000])
def test_hostile_octets_are_explained_as_they_are(octets):
    rows = hdlc.explain(octets)
    assert b"".join(row.octets for row in rows) == octets
    assert {row.name for row in rows} <= {"noise", "flag"}


@pytest.mark.parametrize(
    "vector", vectors("dlms_vectors.jsonl", where=lambda v: v["layer"] == "hdlc" and v["hex"].startswith("7e"))
)
def test_captures_explained(vector):
    octets = bytes.fromhex(vector["hex"])
    rows = [row for row in hdlc.explain(octets) if row.depth == 0]
    assert b"".join(row.octets for row in rows) == octets
    assert all(row.name != "noise" for row in rows)


# Source: IEC 62056-46, frames composed from its tables; check sequences by CRC-16/X.25.
@pytest.mark.parametrize(
    ("octets", "names"),
    [
        (
            "7EA0070321930F017E",
            ["flag", "frame format", "destination address", "source address", "control", "FCS", "flag"],
        ),
        (
            "7EA007032153 03C77E",
            ["flag", "frame format", "destination address", "source address", "control", "FCS", "flag"],
        ),
    ],
)
def test_explained_fields_of_short_frames(octets, names):
    rows = hdlc.explain(bytes.fromhex(octets.replace(" ", "")))
    assert [row.name for row in rows] == names
    assert rows[1].meaning == "type 3, 7 octets"
    assert (rows[2].meaning, rows[3].meaning) == ("1", "16")


def test_explained_fields_of_a_segment():
    frame = hdlc.Frame(CLIENT, hdlc.Address(1, 17, 4), 0x32, hdlc.LLC_RESPONSE + b"\xc4\x02", segmented=True)
    rows = hdlc.explain(frame.encode())
    assert [(row.name, row.meaning) for row in rows[1:]] == [
        ("frame format", "type 3, 17 octets, segmented"),
        ("destination address", "16"),
        ("source address", "1/17"),
        ("control", "I, N(R) 1, P/F, N(S) 1"),
        ("HCS", "right"),
        ("LLC", "response"),
        ("information", ""),
        ("FCS", "right"),
        ("flag", ""),
    ]


def test_a_shared_flag_is_explained_once():
    octets = hdlc.encode(hdlc.Frame(SERVER, CLIENT, 0x93), hdlc.Frame(CLIENT, SERVER, 0x73), shared_flags=True)
    assert [row.name for row in hdlc.explain(octets)].count("flag") == 3
    apart = hdlc.encode(hdlc.Frame(SERVER, CLIENT, 0x93), hdlc.Frame(CLIENT, SERVER, 0x73))
    assert [row.name for row in hdlc.explain(apart)].count("flag") == 4


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        ("7E00007E", "not a frame of format type 3"),
        ("7EA0050321937E", "a frame of 5 octets is too short"),
        ("7EA0070321930F00 7E", "bad frame check sequence"),
        ("7EA0070321930F01 00", "no closing flag where the length field puts it"),
        ("7EA0070321930F01", "1 octets are missing"),
    ],
)
def test_noise_is_explained_by_what_is_wrong_with_it(octets, why):
    rows = hdlc.explain(bytes.fromhex(octets.replace(" ", "")))
    assert rows[0].name == "noise"
    assert rows[0].meaning == why


def test_information_that_holds_no_parameters_stays_whole():
    ua = hdlc.Frame(CLIENT, SERVER, 0x73, b"\x81\x80\x05\x05")
    rows = hdlc.explain(ua.encode())
    assert all(row.depth == 0 for row in rows)
    assert next(row.octets for row in rows if row.name == "information") == b"\x81\x80\x05\x05"
