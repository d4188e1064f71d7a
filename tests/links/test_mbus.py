import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import DecodeError, LocalError
from anymeter.links import mbus
from anymeter.links.events import Discarded
from shared import vectors

VECTORS = tomllib.loads((Path(__file__).parents[1] / "vectors/mbus_frames.toml").read_text())["vector"]
GOOD = [v for v in VECTORS if "why" not in v]
BAD = [v for v in VECTORS if "why" in v]
FRAMES = st.one_of(
    st.just(mbus.Frame("single")),
    st.builds(mbus.short, st.integers(0, 255), st.integers(0, 255)),
    st.builds(mbus.long, st.integers(0, 255), st.integers(0, 255), st.binary(min_size=1, max_size=253)),
)


def name(v):
    return v["name"]


@pytest.mark.parametrize("v", GOOD, ids=name)
def test_vector(v):
    raw = bytes.fromhex(v["hex"])
    assert v["source"]
    frame, end = mbus.decode(raw)
    assert end == len(raw)
    assert (frame.kind, frame.c, frame.a, frame.ci) == (v["kind"], v.get("c"), v.get("a"), v.get("ci"))
    assert frame.data == bytes.fromhex(v.get("data", ""))
    assert frame.name == v["function"]
    assert frame.fcb == v.get("fcb")
    assert mbus.encode(frame) == raw


@pytest.mark.parametrize("v", BAD, ids=name)
def test_refused(v):
    with pytest.raises(DecodeError) as e:
        mbus.decode(bytes.fromhex(v["hex"]))
    assert v["why"] in e.value.why
    assert e.value.at == v["at"]


@pytest.mark.parametrize("v", BAD, ids=name)
def test_an_error_names_the_place_in_the_whole_line(v):
    with pytest.raises(DecodeError) as e:
        mbus.decode(b"\xe5" + bytes.fromhex(v["hex"]), 1)
    assert e.value.at == v["at"] + 1


@pytest.mark.parametrize("v", GOOD, ids=name)
def test_every_truncation_is_an_error(v):
    raw = bytes.fromhex(v["hex"])
    for size in range(len(raw)):
        with pytest.raises(DecodeError):
            mbus.decode(raw[:size])


@given(FRAMES)
def test_round_trip(frame):
    assert mbus.parse(frame.encode()) == frame


@given(st.binary(max_size=300))
def test_garbage_raises_only_decode_error(raw):
    try:
        frame, end = mbus.decode(raw)
    except DecodeError:
        return
    assert mbus.encode(frame) == raw[:end]


@given(st.lists(FRAMES, max_size=8))
def test_frames_in_a_row(row):
    assert mbus.frames(b"".join(f.encode() for f in row)) == row


def test_octets_between_frames_are_an_error():
    with pytest.raises(DecodeError, match="start octet 00") as e:
        mbus.frames(b"\xe5\x00\xe5")
    assert e.value.at == 1
    with pytest.raises(DecodeError, match="2 octets behind"):
        mbus.parse(b"\xe5\xe5\xe5")


@given(st.lists(st.one_of(st.binary(max_size=20), FRAMES), max_size=12))
def test_a_noisy_line_never_raises_and_loses_nothing(pieces):
    raw = b"".join(p if isinstance(p, bytes) else p.encode() for p in pieces)
    got = mbus.scan(raw)
    assert b"".join(g.octets if isinstance(g, Discarded) else g.encode() for g in got) == raw


def test_the_next_good_frame_is_found_behind_a_bad_one():
    good = mbus.long(0x08, 1, b"\x78\x0f").encode()
    bad = bytearray(good)
    bad[-2] ^= 1
    got = mbus.scan(b"\x00" + bytes(bad) + good + b"\x68")
    assert [type(g).__name__ for g in got] == ["Discarded", "Frame", "Discarded"]
    assert "start octet 00" in got[0].why
    assert got[1].body == b"\x78\x0f"


@pytest.mark.parametrize(
    ("c", "text"),
    [
        (0x40, "SND_NKE"),
        (0x53, "SND_UD"),
        (0x73, "SND_UD"),
        (0x5A, "REQ_UD1"),
        (0x7A, "REQ_UD1"),
        (0x5B, "REQ_UD2"),
        (0x7B, "REQ_UD2"),
        (0x08, "RSP_UD"),
        (0x18, "RSP_UD"),
        (0x28, "RSP_UD"),
        (0x38, "RSP_UD"),
        (0x4E, "function E"),
    ],
)
def test_function_names(c, text):
    assert mbus.function_name(c) == text
    assert mbus.short(c, 1).from_master == bool(c & 0x40)


@pytest.mark.parametrize(
    "frame",
    [
        mbus.Frame("short", 256, 0),
        mbus.Frame("short", 0x40, -1),
        mbus.Frame("short", 0x40, 1, None, b"x"),
        mbus.Frame("long", 0x53, 1, 0x51, bytes(253)),
        mbus.Frame("short", 0x40),
    ],
)
def test_frames_that_cannot_be_sent(frame):
    with pytest.raises(LocalError):
        frame.encode()
    with pytest.raises(LocalError):
        mbus.long(0x53, 1, b"")


def test_explain_covers_every_octet():
    raw = bytes.fromhex(next(v["hex"] for v in GOOD if v["name"].startswith("response")))
    rows = mbus.explain(b"\xe5" + raw, 1)
    assert b"".join(r.octets for r in rows) == raw
    assert [r.at for r in rows][:4] == [1, 2, 4, 5]
    assert {r.name: r.meaning for r in rows}["C"] == "RSP_UD, from a slave"
    assert mbus.explain(raw[:0] + b"\xe5")[0].meaning == "acknowledged"
    assert [r.name for r in mbus.explain(mbus.short(0x7B, 254).encode())] == ["start", "C", "A", "checksum", "stop"]
    assert "FCB 1" in mbus.explain(mbus.short(0x7B, 254).encode())[1].meaning
    assert "ACD" in mbus.explain(mbus.long(0x28, 1, b"\x78").encode())[3].meaning


@pytest.mark.parametrize("v", vectors("libmbus_test_frames.jsonl"))
def test_shared_frames(v):
    raw = bytes.fromhex(v["hex"])
    frame, end = mbus.decode(raw)
    assert end == len(raw)
    assert frame.kind == "long"
    assert frame.encode() == raw


@pytest.mark.parametrize(
    "v",
    vectors("libmbus_unsupported_frames.jsonl", where=lambda v: v["id"].endswith(("invalid_length", "manual_frame1"))),
)
def test_shared_frames_that_are_none(v):
    text = v["hex"]
    with pytest.raises(DecodeError):
        mbus.decode(bytes.fromhex(text[: len(text) // 2 * 2]))


# Source: EN 13757-2, link services; EN 13757-3, application reset, baud rate and address.
@pytest.mark.parametrize(
    ("octets", "frame", "name"),
    [
        ("1040014116", mbus.short(0x40, 1), "SND_NKE"),
        ("105B015C16", mbus.short(0x5B, 1), "REQ_UD2"),
        ("107B017C16", mbus.short(0x7B, 1), "REQ_UD2"),
        ("105A015B16", mbus.short(0x5A, 1), "REQ_UD1"),
        ("1040FD3D16", mbus.short(0x40, 253), "SND_NKE"),
        ("68030368530150A416", mbus.long(0x53, 1, b"\x50"), "SND_UD"),
        ("680303685301BD1116", mbus.long(0x53, 1, b"\xbd"), "SND_UD"),
        ("6806066853FE51017A052216", mbus.long(0x53, 254, b"\x51\x01\x7a\x05"), "SND_UD"),
        (
            "680B0B6853FD5278563412FFFFFFFFB216",
            mbus.long(0x53, 253, bytes.fromhex("5278563412FFFFFFFF")),
            "SND_UD",
        ),
        ("E5", mbus.Frame("single"), "ACK"),
    ],
)
def test_frames_of_the_standard(octets, frame, name):
    raw = bytes.fromhex(octets)
    assert mbus.parse(raw) == frame
    assert frame.encode() == raw
    assert frame.name == name
    assert frame.kind == ("single" if len(raw) == 1 else "short" if len(raw) == 5 else frame.kind)
    assert (frame.kind == "control") is (len(raw) == 9)


@pytest.mark.parametrize("length", range(256))
def test_every_l_field(length):
    """3 to 255; what stands behind L is complete and has its checksum."""
    body = bytes(i & 0xFF for i in range(length))
    raw = bytes((0x68, length, length, 0x68)) + body + bytes((sum(body) & 0xFF, 0x16))
    if length < 3:
        with pytest.raises(DecodeError, match="at least 3") as caught:
            mbus.parse(raw)
        assert caught.value.at == 1
        return
    frame = mbus.parse(raw)
    assert (frame.c, frame.a, frame.ci, frame.data) == (0, 1, 2, body[3:])
    assert frame.body == body[2:]
    assert frame.encode() == raw


@pytest.mark.parametrize("c", [0x53, 0x73, 0x5A, 0x7A, 0x5B, 0x7B, 0x40, 0x08, 0x18, 0x28, 0x38])
def test_the_frame_count_bit_is_the_master_s(c):
    """Valid with FCV alone. Source: EN 60870-5-2, control field."""
    frame = mbus.short(c, 1)
    assert frame.from_master is (c >= 0x40)
    assert frame.fcb is ({0x53: False, 0x73: True, 0x5A: False, 0x7A: True, 0x5B: False, 0x7B: True}.get(c))


@pytest.mark.parametrize(
    ("octets", "why", "at"),
    [
        ("", "no octet where a frame should begin", 0),
        ("00", "start octet 00", 0),
        ("1040", "truncated: a short frame has 5 octets, 2 remain", 2),
        ("1040014216", "checksum 42, computed 41", 3),
        ("1040014117", "stop octet 17, not 16", 4),
        ("680303", "truncated: a long frame has at least 9 octets", 3),
        ("68030468530150A416", "the L fields differ: 03 and 04", 2),
        ("68030369530150A416", "second start octet 69", 3),
        ("68030368530150A4", "truncated: L promises 9 octets, 8 are there", 8),
        ("68030368530150A516", "checksum A5, computed A4", 7),
        ("68030368530150A415", "stop octet 15", 8),
        ("E500", "1 octets behind the frame", 1),
    ],
)
def test_each_way_to_be_broken(octets, why, at):
    with pytest.raises(DecodeError) as caught:
        mbus.parse(bytes.fromhex(octets))
    assert caught.value.why.startswith(why)
    assert caught.value.at == at


@given(FRAMES, st.binary(max_size=5))
def test_explain_covers_every_octet_of_any_frame_once(frame, before):
    raw = frame.encode()
    rows = mbus.explain(before + raw, len(before))
    assert b"".join(row.octets for row in rows) == raw
    at = len(before)
    for row in rows:
        assert row.at == at
        at += len(row.octets)


@pytest.mark.parametrize(
    ("c", "a", "words"),
    [
        (0x53, 0, ("SND_UD, from the master, FCB 0", "unconfigured")),
        (0x7B, 250, ("REQ_UD2, from the master, FCB 1", "slave 250")),
        (0x40, 255, ("SND_NKE, from the master", "every device, none answers")),
        (0x08, 1, ("RSP_UD, from a slave", "slave 1")),
        (0x28, 253, ("RSP_UD, from a slave, ACD: class 1 data waits", "the device selected by its secondary address")),
        (0x18, 254, ("RSP_UD, from a slave, DFC: no room for more", "every device, all answer")),
    ],
)
def test_explained_fields_in_words(c, a, words):
    rows = {row.name: row.meaning for row in mbus.explain(mbus.short(c, a).encode())}
    assert (rows["C"], rows["A"]) == words
