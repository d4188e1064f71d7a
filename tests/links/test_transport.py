import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import DecodeError, LocalError
from anymeter.links import mbus
from anymeter.links.events import Discarded
from anymeter.links.transport import Reassembly, Segment, Unit, explain, parse, reassemble, split
from shared import vectors

POINTS = st.integers(0, 255)


@pytest.mark.parametrize(
    ("octets", "segment"),
    [
        ("10 01 10 C0", Segment(0, True, 1, 16, b"\xc0")),
        ("00 01 67 DB08", Segment(0, False, 1, 103, b"\xdb\x08")),
        ("11 01 67", Segment(1, True, 1, 103, b"")),
        ("1F 01 67 00", Segment(15, True, 1, 103, b"\x00")),
    ],
)
def test_segments(octets, segment):
    raw = bytes.fromhex(octets)
    assert parse(raw) == segment
    assert segment.encode() == raw


def test_a_get_request_in_a_long_frame():
    """Single segment from client 16 to logical device 1 (composed from EN 13757-1:2014, 8.2.4)."""
    raw = bytes.fromhex("68 12 12 68 53 01 10 10 01 C0 01 C1 00 08 00 00 01 00 00 FF 02 00 01 16")
    unit = reassemble([mbus.parse(raw).body])
    assert unit == [Unit(16, 1, bytes.fromhex("C001C100080000010000FF0200"))]
    assert mbus.long(0x53, 1, split(16, 1, unit[0].data)[0].encode()).encode() == raw


@pytest.mark.parametrize("raw", [b"", b"\x10", b"\x10\x01", b"\x20\x01\x02", b"\x72\x01\x02"])
def test_what_is_no_segment(raw):
    with pytest.raises(DecodeError):
        parse(raw)


@given(POINTS, POINTS, st.binary(max_size=6000), st.integers(1, 250))
def test_split_and_reassemble(source, destination, data, size):
    segments = split(source, destination, data, size)
    assert [s.final for s in segments] == [False] * (len(segments) - 1) + [True]
    assert [s.number for s in segments] == [n % 16 for n in range(len(segments))]
    assert reassemble([s.encode() for s in segments]) == [Unit(source, destination, data)]


@pytest.mark.parametrize("size", [0, 251])
def test_sizes_that_do_not_fit_a_frame(size):
    with pytest.raises(LocalError):
        split(1, 2, b"abc", size)


def test_a_full_segment_fits_a_frame_and_no_more():
    body = split(1, 2, bytes(300))[0].encode()
    assert mbus.long(0x08, 1, body).encode()[1] == 255


@pytest.mark.parametrize(
    "segment", [Segment(16, True, 1, 1, b""), Segment(0, True, 256, 1, b""), Segment(0, True, 1, -1, b"")]
)
def test_segments_that_cannot_be_sent(segment):
    with pytest.raises(LocalError):
        segment.encode()


def feed(*segments, limit=1 << 16):
    line = Reassembly(limit)
    return [line.add(s) for s in segments], line


def test_a_gap_drops_what_was_collected():
    got, line = feed(Segment(0, False, 1, 2, b"ab"), Segment(2, True, 1, 2, b"cd"))
    assert got[0] is None
    assert isinstance(got[1], Discarded)
    assert got[1].octets == b"ab"
    assert not line.waiting


def test_other_access_points_drop_what_was_collected():
    got, line = feed(Segment(0, False, 1, 2, b"ab"), Segment(1, True, 1, 3, b"cd"))
    assert isinstance(got[1], Discarded)
    assert not line.waiting


def test_a_new_beginning_drops_what_was_collected_and_counts():
    got, line = feed(Segment(0, False, 1, 2, b"ab"), Segment(0, False, 1, 2, b"cd"), Segment(1, True, 1, 2, b"ef"))
    assert isinstance(got[1], Discarded)
    assert got[2] == Unit(1, 2, b"cdef")
    assert line.end() is None


def test_a_segment_without_its_beginning():
    got, _ = feed(Segment(3, True, 1, 2, b"ab"))
    assert isinstance(got[0], Discarded)


def test_a_message_that_never_ends_is_dropped_at_the_limit():
    segments = [Segment(n % 16, False, 1, 2, bytes(250)) for n in range(100)]
    got, _line = feed(*segments, limit=1000)
    assert sum(isinstance(g, Discarded) for g in got) >= 1
    assert max(len(g.octets) for g in got if isinstance(g, Discarded)) <= 1250


def test_the_line_ends_in_the_middle():
    _, line = feed(Segment(0, False, 1, 2, b"ab"))
    left = line.end()
    assert left is not None
    assert left.octets == b"ab"
    with pytest.raises(DecodeError, match="before its last segment"):
        reassemble([b"\x00\x01\x02ab"])
    with pytest.raises(DecodeError, match="follows"):
        reassemble([b"\x00\x01\x02ab", b"\x15\x01\x02ab"])


@given(st.lists(st.binary(max_size=12), max_size=20))
def test_garbage_raises_only_decode_error(bodies):
    try:
        reassemble(bodies)
    except DecodeError:
        return


def test_explain():
    rows = explain(bytes.fromhex("11 01 67 AABB"))
    assert [(r.at, r.name, r.meaning) for r in rows] == [
        (0, "CI", "segment 1, the last"),
        (1, "STSAP", "source 1"),
        (2, "DTSAP", "destination 103"),
        (3, "user data", "2 octets"),
    ]


@pytest.mark.parametrize("v", vectors("dlms_vectors.jsonl", where=lambda v: v["layer"] == "mbus-wired"))
def test_shared_telegrams(v):
    frames = mbus.frames(bytes.fromhex(v["hex"]))
    units = reassemble([f.body for f in frames])
    assert len(units) == 1
    assert units[0].data[0] == 0xDB


@pytest.mark.parametrize("ci", range(256))
def test_which_ci_fields_are_of_the_transport_layer(ci):
    """000 FIN sequence: 00 to 1F, and no other. Source: EN 13757-1:2014, 8.2.4, Figure 16."""
    raw = bytes((ci, 1, 16, 0xC0))
    if ci > 0x1F:
        with pytest.raises(DecodeError, match=f"CI {ci:02X}"):
            parse(raw)
        return
    segment = parse(raw)
    assert (segment.number, segment.final) == (ci % 16, ci >= 16)
    assert segment.encode() == raw


@pytest.mark.parametrize("count", [1, 2, 15, 16, 17, 33])
def test_sequence_numbers_wrap_after_fifteen(count):
    made = split(103, 1, bytes(250 * count - 1))
    assert [s.number for s in made] == [n % 16 for n in range(count)]
    assert [s.final for s in made] == [False] * (count - 1) + [True]
    assert [len(s.data) for s in made] == [250] * (count - 1) + [249]
    assert reassemble([s.encode() for s in made]) == [Unit(103, 1, bytes(250 * count - 1))]


def test_a_message_of_no_octets_is_one_segment():
    assert split(1, 2, b"") == [Segment(0, True, 1, 2, b"")]
    assert reassemble([b"\x10\x01\x02"]) == [Unit(1, 2, b"")]


def test_messages_in_a_row_begin_anew_each():
    bodies = [s.encode() for n in (1, 251, 10) for s in split(1, 103, bytes(n))]
    assert [len(u.data) for u in reassemble(bodies)] == [1, 251, 10]


@pytest.mark.parametrize(
    ("bodies", "why"),
    [
        (["01 01 02 AA"], "segment 1 without its beginning"),
        (["00 01 02 AA"], "the message ends before its last segment"),
        (["00 01 02 AA", "12 01 02 BB"], "segment 2 of (1, 2) follows 0 of (1, 2)"),
        (["00 01 02 AA", "11 02 01 BB"], "segment 1 of (2, 1) follows 0 of (1, 2)"),
        (["00 01 02 AA", "10 01 02 BB"], "the message ends before its last segment"),
        (["00 01 02 AA", "01 01 02 BB", "01 01 02 BB"], "segment 1 of (1, 2) follows 1 of (1, 2)"),
    ],
)
def test_torn_messages_say_why(bodies, why):
    with pytest.raises(DecodeError) as caught:
        reassemble([bytes.fromhex(body) for body in bodies])
    assert caught.value.why == why


@given(st.binary(max_size=40), st.integers(0, 31))
def test_explain_covers_every_octet_once(data, ci):
    raw = bytes((ci, 1, 103)) + data
    rows = explain(raw)
    assert b"".join(row.octets for row in rows) == raw
    assert [row.at for row in rows] == [0, 1, 2, 3]
    assert rows[0].meaning == f"segment {ci % 16}, {'the last' if ci > 15 else 'more follow'}"
