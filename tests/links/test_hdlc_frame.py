"""One frame: against vectors composed by hand, against captures, and against what must not pass."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import DecodeError, LocalError
from anymeter.links import hdlc
from anymeter.links.hdlc_frame import KINDS, decode_at, explain_frame
from hdlc_strategies import ADDRESSES, ANY_FRAME
from shared import vectors

OWN = tomllib.loads((Path(__file__).parents[1] / "vectors" / "hdlc.toml").read_text(encoding="utf-8"))
FRAMES = [pytest.param(v, id=v["name"]) for v in OWN["frame"]]
BROKEN = [pytest.param(v, id=v["name"]) for v in OWN["broken"]]


@pytest.mark.parametrize("vector", FRAMES)
def test_own_vectors(vector):
    octets = bytes.fromhex("".join(vector["octets"].split()))
    frame = hdlc.decode(octets)
    assert frame.kind == vector["kind"]
    assert str(frame.destination) == vector["destination"]
    assert str(frame.source) == vector["source_address"]
    assert frame.poll_final is vector["poll_final"]
    assert frame.send_number == vector.get("send_number")
    assert frame.llc == bytes.fromhex(vector.get("llc", ""))
    if "receive_number" in vector:
        assert frame.receive_number == vector["receive_number"]
    assert frame.encode() == octets


@pytest.mark.parametrize("vector", BROKEN)
def test_broken_frames_are_refused_with_place_and_reason(vector):
    with pytest.raises(DecodeError) as caught:
        hdlc.decode(bytes.fromhex(vector["octets"]))
    assert caught.value.why == vector["why"]
    assert caught.value.at == vector.get("at", caught.value.at)


@pytest.mark.parametrize(
    "vector", vectors("dlms_vectors.jsonl", where=lambda v: v["layer"] == "hdlc" and v["hex"].startswith("7e"))
)
def test_captured_frames(vector):
    expect, octets = vector["expect"], bytes.fromhex(vector["hex"])
    frame, end = decode_at(octets, 0)
    if expect.get("frame"):
        assert frame.kind == expect["frame"]
    if "control" in expect:
        assert frame.control == int(expect["control"], 16)
        assert str(frame.destination) == expect["dest"]
        assert str(frame.source) == expect["src"]
        assert frame.segmented is expect["segmented"]
    if "client" in expect:
        assert (frame.destination.upper, frame.source.lower) == (expect["client"], expect["physical"])
    if "fcs" in expect:
        assert octets[end - 2 : end].hex() == expect["fcs"]
    if isinstance(expect.get("apdu"), str):
        assert frame.information[len(frame.llc) :].hex() == expect["apdu"]
    if "llc" in expect:
        assert frame.llc.hex() == expect["llc"]
    assert octets.startswith(frame.encode())


def test_address_of_two_octets_read_by_others():
    """0223 is logical device 1, physical device 17. Source: EN 13757-1:2014, 8.2.2."""
    assert hdlc.address(bytes.fromhex("0223")) == hdlc.Address(1, 17, 2)
    assert hdlc.address(bytes.fromhex("00020023")) == hdlc.Address(1, 17, 4)
    assert hdlc.address(b"\x21") == hdlc.Address(16)


@pytest.mark.parametrize("octets", ["", "20", "2123", "020203", "0202020203", "00020123"])
def test_addresses_of_another_form(octets):
    with pytest.raises(DecodeError):
        hdlc.address(bytes.fromhex(octets))


@given(ADDRESSES)
def test_address_round_trip(address):
    assert hdlc.address(address.encode()) == address


def test_shortest_address():
    assert hdlc.Address.of(16) == hdlc.Address(16, None, 1)
    assert hdlc.Address.of(1, 0x80).octets == 4
    assert hdlc.Address.of(0x80, 1).octets == 4
    for wrong in ((1, 17, 1), (1, None, 2)):
        with pytest.raises(LocalError):
            hdlc.Address.of(*wrong)
    with pytest.raises(LocalError):
        hdlc.Address(0x80).encode()
    with pytest.raises(LocalError):
        hdlc.Address(1, 1, 3).encode()


@pytest.mark.parametrize(
    ("control", "kind"),
    [
        (0x00, "I"), (0xFE, "I"), (0x31, "RR"), (0x15, "RNR"), (0x19, "REJ"), (0x93, "SNRM"), (0x83, "SNRM"),
        (0x53, "DISC"), (0x73, "UA"), (0x1F, "DM"), (0x0F, "DM"), (0x97, "FRMR"), (0x13, "UI"), (0x03, "UI"),
        (0xFF, "?"),
    ],
)  # fmt: skip
def test_kinds(control, kind):
    """Source: EN 13757-1:2014, 8.2.2, control field formats."""
    assert KINDS[control] == kind


@given(ANY_FRAME)
def test_round_trip(frame):
    octets = frame.encode()
    assert hdlc.decode(octets) == frame
    assert decode_at(b"\0" * 3 + octets, 3) == (frame, 2 + len(octets))


@given(ANY_FRAME, st.data())
def test_every_truncation_is_an_error(frame, data):
    octets = frame.encode()
    with pytest.raises(DecodeError):
        hdlc.decode(octets[: data.draw(st.integers(0, len(octets) - 1))])


@given(ANY_FRAME, st.data())
def test_one_wrong_bit_is_an_error(frame, data):
    octets = bytearray(frame.encode())
    octets[data.draw(st.integers(0, len(octets) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(DecodeError):
        hdlc.decode(bytes(octets))


@given(st.binary(max_size=60) | st.binary(max_size=60).map(lambda b: b"\x7e\xa0" + bytes((len(b) + 2,)) + b + b"\x7e"))
def test_garbage_raises_only_our_error(octets):
    with pytest.raises(DecodeError) as caught:
        hdlc.decode(octets)
    assert caught.value.why


def test_octets_after_the_frame():
    octets = hdlc.Frame(hdlc.Address(1), hdlc.Address(16), 0x93).encode()
    with pytest.raises(DecodeError, match="1 octets left over"):
        hdlc.decode(octets + b"\0")
    with pytest.raises(DecodeError, match="no opening flag"):
        hdlc.decode(octets[1:])


def test_a_flag_inside_is_an_octet_like_any_other():
    frame = hdlc.Frame(hdlc.Address(0x3F), hdlc.Address(16), 0x10, b"\x7e\x7e\xa0\x07\x7e" * 9)
    assert hdlc.decode(frame.encode()) == frame


def test_bad_header_check_sequence_with_a_good_frame_check_sequence():
    from fastcrc import crc16

    octets = bytearray(hdlc.Frame(hdlc.Address(1), hdlc.Address(16), 0x10, b"abc").encode())
    octets[6] ^= 1
    octets[-3:-1] = crc16.ibm_sdlc(bytes(octets[1:-3])).to_bytes(2, "little")
    with pytest.raises(DecodeError, match="bad header check sequence"):
        hdlc.decode(bytes(octets))


def test_the_longest_frame():
    frame = hdlc.Frame(hdlc.Address(1), hdlc.Address(16), 0x10, bytes(2047 - 9))
    assert hdlc.decode(frame.encode()) == frame
    with pytest.raises(LocalError):
        hdlc.Frame(hdlc.Address(1), hdlc.Address(16), 0x10, bytes(2047 - 8)).encode()


@pytest.mark.parametrize(
    ("source", "destination", "control", "information", "expected"),
    [
        (hdlc.Address(16), hdlc.Address(1), 0x10, "E6E600C0", False),
        (hdlc.Address(1), hdlc.Address(16), 0x10, "E6E700C4", True),
        (hdlc.Address(1), hdlc.Address(103, 127, 2), 0x13, "E6E7000F", True),
        (hdlc.Address(16), hdlc.Address(1), 0x10, "FFE600C0", False),
        (hdlc.Address(16), hdlc.Address(1, 17, 2), 0x93, "", False),
        (hdlc.Address(16), hdlc.Address(1), 0x73, "", True),
        (hdlc.Address(1, 17, 2), hdlc.Address(16), 0x31, "", True),
        (hdlc.Address(16), hdlc.Address(1, 17, 4), 0x31, "", False),
        (hdlc.Address(16), hdlc.Address(1), 0x31, "", None),
    ],
)
def test_who_sent_it(source, destination, control, information, expected):
    assert hdlc.Frame(destination, source, control, bytes.fromhex(information)).from_server is expected


@given(ANY_FRAME)
def test_explain_covers_every_octet_once(frame):
    octets = frame.encode()
    rows = explain_frame(octets)
    assert b"".join(row.octets for row in rows) == octets
    assert [row.at for row in rows] == [sum(len(r.octets) for r in rows[:i]) for i in range(len(rows))]
    assert [row.name for row in rows[:5]] == [
        "flag",
        "frame format",
        "destination address",
        "source address",
        "control",
    ]


def test_explain_says_what_the_fields_mean():
    frame = hdlc.Frame(hdlc.Address(16), hdlc.Address(1, 17, 2), 0x30, hdlc.LLC_RESPONSE + b"\xc4", segmented=True)
    meanings = {row.name: row.meaning for row in explain_frame(frame.encode())}
    assert meanings["frame format"] == "type 3, 14 octets, segmented"
    assert meanings["source address"] == "1/17"
    assert meanings["control"] == "I, N(R) 1, P/F, N(S) 0"
    assert meanings["LLC"] == "response"


def crc_x25(octets):
    """CRC-16/X.25 bit by bit. Source: IEC 62056-46, polynomial reflected 8408, begins with and is inverted by FFFF."""
    crc = 0xFFFF
    for octet in octets:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ 0x8408 if crc & 1 else crc >> 1
    return (crc ^ 0xFFFF).to_bytes(2, "little")


def test_check_value_of_the_frame_check_sequence():
    assert crc_x25(b"123456789").hex() == "6e90"


@given(ANY_FRAME)
def test_check_sequences_are_those_computed_bit_by_bit(frame):
    octets = frame.encode()
    body = octets[1:-3]
    assert octets[-3:-1] == crc_x25(body)
    if frame.information:
        head = 3 + frame.destination.octets + frame.source.octets
        assert octets[1 + head : 3 + head] == crc_x25(octets[1 : 1 + head])


@pytest.mark.parametrize(
    ("upper", "lower", "size", "octets"),
    [
        (0x00, None, 1, "01"),
        (0x10, None, 1, "21"),
        (0x7F, None, 1, "ff"),
        (1, 17, 2, "0223"),
        (0x7F, 0x7F, 2, "feff"),
        (1, 17, 4, "00020023"),
        (0x80, 0, 4, "02000001"),
        (0x3FFF, 0x3FFF, 4, "fefefeff"),
    ],
)
def test_addresses_at_their_borders(upper, lower, size, octets):
    address = hdlc.Address(upper, lower, size)
    assert address.encode().hex() == octets
    assert hdlc.address(bytes.fromhex(octets)) == address


@pytest.mark.parametrize(
    "address",
    [
        hdlc.Address(0x80),
        hdlc.Address(-1),
        hdlc.Address(0x80, 0, 2),
        hdlc.Address(0, 0x80, 2),
        hdlc.Address(0x4000, 0, 4),
        hdlc.Address(0, 0x4000, 4),
        hdlc.Address(1, 1, 3),
    ],
)
def test_addresses_beyond_their_form(address):
    with pytest.raises(LocalError, match="not an HDLC address"):
        address.encode()


@pytest.mark.parametrize(
    ("parts", "size"), [((0x7F,), 1), ((0x80,), 4), ((1, 0x7F), 2), ((1, 0x80), 4), ((0x80, 1), 4)]
)
def test_the_shortest_form_is_chosen(parts, size):
    if parts == (0x80,):
        with pytest.raises(LocalError, match="has a lower part"):
            hdlc.Address.of(*parts)
        return
    assert hdlc.Address.of(*parts).octets == size
    assert len(hdlc.Address.of(*parts).encode()) == size


@pytest.mark.parametrize(("lower", "octets"), [(3, 1), (None, 2), (None, 4)])
def test_one_octet_has_no_lower_part_and_others_have_one(lower, octets):
    with pytest.raises(LocalError, match="lower part"):
        hdlc.Address.of(1, lower, octets)


@pytest.mark.parametrize("octets", ["", "00", "20", "0120", "0202", "020203", "0202020203", "01010101"])
def test_octets_that_are_no_address(octets):
    with pytest.raises(DecodeError):
        hdlc.address(bytes.fromhex(octets))


# Source: IEC 62056-46, control field formats; P/F set.
@pytest.mark.parametrize(
    ("control", "kind", "sends", "receives"),
    [
        (0x10, "I", 0, 0),
        (0x1E, "I", 7, 0),
        (0xFE, "I", 7, 7),
        (0x11, "RR", None, 0),
        (0x31, "RR", None, 1),
        (0xF1, "RR", None, 7),
        (0x15, "RNR", None, 0),
        (0xD9, "REJ", None, 6),
        (0x93, "SNRM", None, None),
        (0x53, "DISC", None, None),
        (0x73, "UA", None, None),
        (0x1F, "DM", None, None),
        (0x97, "FRMR", None, None),
        (0x13, "UI", None, None),
        (0xFF, "?", None, None),
    ],
)
def test_control_fields(control, kind, sends, receives):
    frame = hdlc.Frame(hdlc.Address(1), hdlc.Address(16), control)
    assert (frame.kind, frame.send_number, frame.receive_number) == (kind, sends, receives)
    assert frame.poll_final
    without = hdlc.Frame(frame.destination, frame.source, control & ~hdlc.POLL_FINAL)
    assert (without.kind, without.poll_final) == (kind, False)
    assert KINDS[control] == hdlc.explain_control(control).split(",")[0]


def test_the_longest_frame_and_one_octet_more():
    """The length field has eleven bits. Source: IEC 62056-46, frame format field."""
    room = 2047 - 9
    frame = hdlc.Frame(hdlc.Address(1), hdlc.Address(16), 0x13, bytes(room))
    octets = frame.encode()
    assert (len(octets), octets[1:3].hex()) == (2049, "a7ff")
    assert hdlc.decode(octets) == frame
    with pytest.raises(LocalError, match="at most 2047 octets, not 2048"):
        hdlc.Frame(hdlc.Address(1), hdlc.Address(16), 0x13, bytes(room + 1)).encode()


def test_no_octet_may_differ():
    octets = hdlc.Frame(hdlc.Address(1, 17, 2), hdlc.Address(16), 0x32, b"\xe6\xe7\x00\xc4").encode()
    for at in range(len(octets)):
        for bit in range(8):
            wrong = bytearray(octets)
            wrong[at] ^= 1 << bit
            with pytest.raises(DecodeError):
                hdlc.decode(bytes(wrong))


def test_no_room_between_addresses_and_check_sequence():
    """A length that ends inside the header check sequence; the check sequence itself is right."""
    body = bytes.fromhex("A008 03 21 13 AA")
    octets = b"\x7e" + body + crc_x25(body) + b"\x7e"
    with pytest.raises(DecodeError, match="no room for control field") as caught:
        hdlc.decode(octets)
    assert caught.value.at == 5


def test_both_addresses_may_have_any_form():
    for source in (hdlc.Address(3), hdlc.Address(3, 4, 2), hdlc.Address(3, 4, 4)):
        for destination in (hdlc.Address(5), hdlc.Address(5, 6, 2), hdlc.Address(5, 6, 4)):
            frame = hdlc.Frame(destination, source, 0x10, b"\xe6\xe6\x00\xc0")
            assert hdlc.decode(frame.encode()) == frame
            assert b"".join(row.octets for row in explain_frame(frame.encode())) == frame.encode()
