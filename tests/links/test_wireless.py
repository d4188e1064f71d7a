import itertools
import tomllib
from pathlib import Path

import pytest
from fastcrc import crc16
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import DecodeError, LocalError
from anymeter.links import wireless
from anymeter.links.address import Address
from anymeter.links.wireless import Frame, air_length, decode, encode, parse
from shared import vectors

VECTORS = tomllib.loads((Path(__file__).parents[1] / "vectors/wireless.toml").read_text())
KAM = Address.of("KAM", "12345678", 27, 4)
BODIES = st.binary(max_size=230)
FORMATS = st.sampled_from(["A", "B", "none"])


def name(v):
    return v["name"]


@pytest.mark.parametrize("v", VECTORS["frame"], ids=name)
def test_vector(v):
    raw, trailer = bytes.fromhex(v["hex"]), bytes.fromhex(v.get("trailer", ""))
    assert v["source"]
    frame = parse(raw)
    assert (frame.crcs, frame.c, frame.name, str(frame.address)) == (v["crcs"], v["c"], v["function"], v["address"])
    assert frame.body == bytes.fromhex(v["body"])
    assert frame.trailer == trailer
    assert frame.address.soft == v.get("soft", False)
    assert encode(frame) + trailer == raw


@pytest.mark.parametrize("v", VECTORS["refused"], ids=name)
def test_refused(v):
    with pytest.raises(DecodeError) as e:
        parse(bytes.fromhex(v["hex"]))
    assert v["why"] in e.value.why
    assert e.value.at == v["at"]


def test_check_value_of_the_crc():
    assert crc16.en_13757(b"123456789") == 0xC2B7


@pytest.mark.parametrize("v", VECTORS["frame"], ids=name)
def test_every_truncation_is_an_error(v):
    raw = bytes.fromhex(v["hex"])
    raw = raw[: len(raw) - len(bytes.fromhex(v.get("trailer", "")))]
    for size in range(len(raw)):
        with pytest.raises(DecodeError):
            parse(raw[:size])


@given(BODIES, FORMATS)
def test_round_trip(body, crcs):
    frame = Frame(0x44, KAM, body, crcs)
    raw = frame.octets if crcs == "none" else encode(frame)
    assert len(raw) == air_length(10 + len(body), crcs)
    assert parse(raw, crcs) == frame
    assert decode(b"\x00" + raw, 1, crcs=crcs) == (frame, 1 + len(raw))


@given(BODIES, st.sampled_from(["A", "B"]))
def test_the_format_is_found_by_its_crc(body, crcs):
    raw = encode(Frame(0x44, KAM, body), crcs)
    assert parse(raw) == Frame(0x44, KAM, body, crcs)


@given(BODIES, st.sampled_from(["A", "B"]), st.data())
def test_a_changed_octet_is_an_error_or_no_crc_at_all(body, crcs, data):
    raw = bytearray(encode(Frame(0x44, KAM, body), crcs))
    at = data.draw(st.integers(1, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(DecodeError):
        parse(bytes(raw), crcs)


@pytest.mark.parametrize("body", [b"", bytes(1), bytes(16), bytes(17), bytes(116), bytes(117), bytes(118), bytes(230)])
def test_block_borders(body):
    for crcs in ("A", "B"):
        raw = encode(Frame(0x44, KAM, body), crcs)
        assert parse(raw).body == body
        assert parse(raw).crcs == crcs


@given(BODIES, st.binary(max_size=4))
def test_what_a_receiver_appends_is_kept(body, trailer):
    frame = parse(encode(Frame(0x44, KAM, body), "A") + trailer)
    assert (frame.body, frame.trailer, frame.crcs) == (body, trailer, "A")


@given(st.binary(max_size=300))
def test_garbage_raises_only_decode_error(raw):
    try:
        frame = parse(raw)
    except DecodeError:
        return
    assert frame.octets[1:10] == raw[1:10]


@given(st.binary(max_size=60), FORMATS)
def test_garbage_of_a_named_format(raw, crcs):
    try:
        parse(raw, crcs)
    except DecodeError:
        return


def test_the_first_crc_of_a_named_format_is_checked():
    raw = bytearray(encode(Frame(0x44, KAM, b"\x78"), "A"))
    raw[10] ^= 1
    with pytest.raises(DecodeError, match="CRC") as e:
        parse(bytes(raw), "A")
    assert e.value.at == 10


@pytest.mark.parametrize("length", [9, 10])
def test_format_b_needs_room_for_its_crc(length):
    with pytest.raises(DecodeError, match="no room"):
        parse(bytes((length, 0x44)) + KAM.octets + bytes(length - 9), "B")


def test_telegrams_that_cannot_be_sent():
    for frame in (Frame(256, KAM, b""), Frame(0x44, Address(b"short"), b""), Frame(0x44, KAM, bytes(247))):
        with pytest.raises(LocalError):
            encode(frame)
    with pytest.raises(LocalError):
        encode(Frame(0x44, KAM, bytes(243)), "B")
    with pytest.raises(LocalError):
        air_length(9)


def test_a_receiver_that_leaves_the_length_away():
    frame = Frame(0x44, KAM, b"\x78\x01\x02")
    assert parse(wireless.with_length(frame.octets[1:])) == frame
    with pytest.raises(LocalError):
        wireless.with_length(bytes(8))


@pytest.mark.parametrize(
    ("c", "text", "sender"),
    [
        (0x40, "SND-NKE", "other"),
        (0x44, "SND-NR", "meter"),
        (0x46, "SND-IR", "meter"),
        (0x47, "ACC-NR", "meter"),
        (0x48, "ACC-DMD", "meter"),
        (0x06, "CNF-IR", "other"),
        (0x5B, "REQ-UD2", "other"),
        (0x08, "RSP-UD", "meter"),
        (0x30, "ACK", "both"),
        (0x22, "C 22", "unknown"),
    ],
)
def test_c_field(c, text, sender):
    f = wireless.function(c)
    assert (f.name, f.sender) == (text, sender)
    assert Frame(c, KAM, b"").from_meter == (sender != "other")


@given(BODIES, FORMATS, st.binary(max_size=4))
def test_explain_covers_every_octet(body, crcs, trailer):
    raw = encode(Frame(0x44, KAM, body, crcs))
    frame = parse(raw)
    rows = wireless.explain(raw + (trailer if body and frame.crcs == crcs else b""))
    assert b"".join(r.octets for r in rows)[: len(raw)] == raw
    assert all(a.at + len(a.octets) == b.at for a, b in itertools.pairwise(rows))


FRAMED = lambda v: v.get("link") == "wireless" and "frame" in v and v["frame"].get("crc_format")  # noqa: E731


@pytest.mark.parametrize(
    "v",
    vectors(
        "wmbusmeters_drivers.jsonl",
        "wmbusmeters_simulations.jsonl",
        "harvested_other.jsonl",
        where=lambda v: FRAMED(v) and "rawtty_bad" not in v["id"],
    ),
)
def test_shared_link_layers(v):
    raw, want = bytes.fromhex(v["hex"][: len(v["hex"]) // 2 * 2]), v["frame"]
    frame = parse(raw)
    a = frame.address
    assert (frame.c, a.manufacturer, a.id, a.version, a.device_type, frame.crcs) == tuple(
        want[k] for k in ("c", "man", "id", "ver", "type", "crc_format")
    )
    assert encode(frame) + frame.trailer == raw


@pytest.mark.parametrize("v", vectors("wmbusmeters_simulations.jsonl", where=lambda v: "rawtty_bad" in v["id"]))
def test_shared_lines_that_are_no_telegrams(v):
    with pytest.raises(DecodeError):
        parse(bytes.fromhex(v["hex"]))


@pytest.mark.parametrize("v", vectors("radio_vectors.jsonl", where=lambda v: v["kind"].startswith("frame_format")))
def test_shared_formats(v):
    raw = bytes.fromhex(v["hex"])
    frame = parse(raw)
    assert frame.crcs == ("B" if "format_B" in v["kind"] else "A")
    assert encode(frame) == raw
    if "ident" in v:
        assert (frame.address.manufacturer, int(frame.address.id), frame.address.version) == (
            v["manufacturer"],
            v["ident"],
            v["version"],
        )
    if "apl_len" in v:
        assert len(frame.body) == v["apl_len"]
    if "apl" in v:
        assert frame.body == bytes.fromhex(v["apl"])


@pytest.mark.parametrize("v", vectors("radio_vectors.jsonl", where=lambda v: v["kind"] == "ffa_length"))
def test_shared_lengths(v):
    for count, on_air in v["pairs"].items():
        assert air_length(int(count)) == on_air


def crc_en_13757(octets):
    """CRC-16/EN-13757 bit by bit. Source: EN 13757-4, polynomial 3D65, begins with 0, inverted at the end."""
    crc = 0
    for octet in octets:
        crc ^= octet << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x3D65) & 0xFFFF if crc & 0x8000 else crc << 1
    return (crc ^ 0xFFFF).to_bytes(2, "big")


def test_check_value_of_the_crc_computed_bit_by_bit():
    assert crc_en_13757(b"123456789").hex() == "c2b7"


@given(BODIES)
def test_format_a_cuts_after_ten_and_every_sixteen_octets(body):
    plain = bytes((9 + len(body), 0x44)) + KAM.octets + body
    pieces = [plain[:10], *(plain[at : at + 16] for at in range(10, len(plain), 16))]
    assert encode(Frame(0x44, KAM, body), "A") == b"".join(p + crc_en_13757(p) for p in pieces)


@given(BODIES)
def test_format_b_counts_its_crcs_and_cuts_after_126_octets(body):
    crcs = 2 if 10 + len(body) <= 126 else 4
    plain = bytes((9 + len(body) + crcs, 0x44)) + KAM.octets + body
    pieces = [p for p in (plain[:126], plain[126:]) if p]
    assert len(pieces) == crcs // 2
    assert encode(Frame(0x44, KAM, body), "B") == b"".join(p + crc_en_13757(p) for p in pieces)


@pytest.mark.parametrize(("size", "longest"), [("none", 246), ("A", 246), ("B", 242)])
def test_the_longest_telegram_of_each_format(size, longest):
    frame = Frame(0x44, KAM, bytes(longest), size)
    raw = encode(frame)
    assert raw[0] == 255
    assert parse(raw, size) == frame
    with pytest.raises(LocalError, match="too long"):
        encode(Frame(0x44, KAM, bytes(longest + 1), size))


@pytest.mark.parametrize("octets", [1, 2])
def test_a_second_block_of_format_b_needs_data_and_crc(octets):
    first = bytes((127 + octets, 0x44)) + KAM.octets + bytes(116)
    with pytest.raises(DecodeError, match="has no data") as caught:
        decode(first + crc_en_13757(first) + bytes(octets), crcs="B")
    assert caught.value.at == 128


@pytest.mark.parametrize("crcs", ["A", "B"])
def test_every_crc_is_checked(crcs):
    """One octet changed in each block: the error names the CRC behind that block."""
    raw = encode(Frame(0x44, KAM, bytes(200)), crcs)
    borders = [10, *range(28, len(raw) - 2, 18), len(raw) - 2] if crcs == "A" else [126, len(raw) - 2]
    start = 1
    for border in borders:
        wrong = bytearray(raw)
        wrong[start] ^= 0x01
        with pytest.raises(DecodeError, match="computed") as caught:
            parse(bytes(wrong), crcs)
        assert caught.value.at == border
        start = border + 2


@pytest.mark.parametrize("left", range(1, 8))
def test_up_to_four_octets_may_follow(left):
    raw = encode(Frame(0x44, KAM, b"\x78\x0b"), "A") + bytes(range(left))
    if left <= wireless.TRAILER:
        assert parse(raw).trailer == bytes(range(left))
        assert wireless.explain(raw)[-1].name == "trailer"
        return
    with pytest.raises(DecodeError, match=f"leaves {left} octets"):
        parse(raw)


def test_explain_says_how_the_telegram_came():
    for crcs, words in (("A", "frame format A"), ("B", "frame format B"), ("none", "no CRCs")):
        rows = {r.name: r.meaning for r in wireless.explain(encode(Frame(0x44, KAM, bytes(3)), crcs))}
        assert rows["L"].endswith(words)
        assert rows["M"] == "manufacturer KAM"
        assert rows["A identification"] == "12345678"
        assert ("CRC" in rows) is (crcs != "none")
    soft = Address.of("KAM", "12345678", 27, 4, soft=True)
    assert "soft" in wireless.explain(encode(Frame(0x44, soft, b"")))[2].meaning
