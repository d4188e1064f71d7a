"""TCP streams put together, in whatever order their segments were captured."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from anymeter.links.pcap_packets import TCP, UDP, Segment
from anymeter.links.pcap_streams import Streams

SYN = 0x02


def segment(sequence, octets, *, flags=0x10, ports=(4059, 50000)):
    return Segment(TCP, "10.0.0.1", "10.0.0.2", *ports, octets, sequence & 0xFFFFFFFF, flags)


def joined(*segments):
    streams = Streams()
    for time, one in enumerate(segments):
        streams.feed(time, one)
    return streams.finish()


@given(
    st.binary(min_size=1, max_size=300),
    st.lists(st.integers(1, 40), min_size=1),
    st.randoms(),
    st.integers(0, 2**32 - 1),
)
def test_order_repetition_and_overlap_do_not_matter(octets, sizes, random, base):
    cuts, at = [], 0
    while at < len(octets):
        size = sizes[len(cuts) % len(sizes)]
        cuts.append(segment(base + 1 + at, octets[at : at + size + 3]))
        at += size
    shuffled = cuts + cuts[: len(cuts) // 2]
    random.shuffle(shuffled)
    (payload,) = joined(segment(base, b"", flags=SYN), *shuffled)
    assert payload.octets == octets
    assert not payload.after_gap


def test_both_directions_are_streams_of_their_own():
    there, back = segment(1, b"ask"), Segment(TCP, "10.0.0.2", "10.0.0.1", 50000, 4059, b"answer", 500, 0x10)
    assert [p.octets for p in joined(there, back)] == [b"ask", b"answer"]


def test_a_gap_splits_the_stream_and_is_told():
    first, second = joined(segment(100, b"abc"), segment(110, b"xyz"))
    assert (first.octets, first.after_gap) == (b"abc", False)
    assert (second.octets, second.after_gap) == (b"xyz", True)


def test_sequence_numbers_wrap():
    (payload,) = joined(segment(0xFFFFFFFE, b"ab"), segment(0, b"cd"))
    assert payload.octets == b"abcd"


def test_a_new_connection_between_the_same_ports():
    found = joined(
        segment(9, b"", flags=SYN), segment(10, b"one"), segment(70_000, b"", flags=SYN), segment(70_001, b"two")
    )
    assert [p.octets for p in found] == [b"one", b"two"]


def test_a_repeated_opening_is_the_same_connection():
    found = joined(segment(9, b"", flags=SYN), segment(10, b"one"), segment(9, b"", flags=SYN), segment(13, b"two"))
    assert [p.octets for p in found] == [b"onetwo"]


def test_times_of_octets():
    (payload,) = joined(segment(1, b"abc"), segment(4, b"def"), segment(7, b"gh"))
    assert payload.time == 0
    assert [payload.time_at(i) for i in range(8)] == [0, 0, 0, 1, 1, 1, 2, 2]


def test_datagrams_stay_apart_and_empty_ones_out():
    def datagram(octets):
        return Segment(UDP, "a", "b", 4059, 1, octets)

    assert [p.octets for p in joined(datagram(b"x"), datagram(b""), datagram(b"y"))] == [b"x", b"y"]
    assert joined(datagram(b"x"))[0].time_at(5) == 0


def test_connections_come_in_the_order_in_which_they_began():
    found = joined(segment(1, b"a"), segment(1, b"b", ports=(4059, 2)), segment(2, b"c"))
    assert [p.octets for p in found] == [b"ac", b"b"]


@given(
    st.lists(st.builds(segment, st.integers(0, 2**32), st.binary(max_size=9), flags=st.integers(0, 255)), max_size=30)
)
def test_any_segments_lose_nothing_that_was_there_once(segments):
    got = sum(len(p.octets) for p in joined(*segments))
    assert got <= sum(len(s.octets) for s in segments)
