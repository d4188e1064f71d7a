import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import DecodeError, LocalError
from anymeter.mbus.afl import Afl, Reassembly, decode, encode, explain

MACS = {3: 2, 4: 4, 5: 8, 6: 12, 7: 16, 8: 12, 9: 16}
HEADERS = st.builds(
    Afl,
    st.integers(0, 255),
    st.booleans(),
    control=st.none(),
    key=st.none() | st.integers(0, 0xFFFF),
    counter=st.none() | st.integers(0, 0xFFFFFFFF),
    mac=st.sampled_from(sorted(set(MACS.values()))).flatmap(lambda n: st.binary(min_size=n, max_size=n)) | st.just(b""),
    length=st.none() | st.integers(0, 0xFFFF),
)


def test_header_of_a_message_in_one_piece():
    raw = bytes.fromhex("90 0F 002C 25 B30A0000 AF5D74DF73A600D9 72")
    afl, end = decode(raw)
    assert end == 17
    assert afl == Afl(0, False, control=0x25, counter=2739, mac=bytes.fromhex("AF5D74DF73A600D9"))
    assert (afl.algorithm, afl.fragmented) == (5, False)
    assert afl.authenticated.hex() == "25b30a0000"
    assert afl.encode() == raw[:end]


@given(HEADERS)
def test_round_trip(afl):
    raw = encode(afl)
    assert decode(b"\x00" + raw + b"\x72", 1) == (afl, 1 + len(raw))


@given(HEADERS)
def test_every_truncation_is_an_error(afl):
    raw = encode(afl)
    for size in range(len(raw)):
        with pytest.raises(DecodeError):
            decode(raw[:size])


@pytest.mark.parametrize(("algorithm", "size"), MACS.items())
def test_the_length_of_the_mac(algorithm, size):
    afl = Afl(0, control=0x20 | algorithm, counter=1, mac=bytes(size))
    assert decode(encode(afl))[0] == afl
    wrong = Afl(0, control=0x20 | algorithm, counter=1, mac=bytes(size + 1))
    with pytest.raises(DecodeError, match=f"of {size} octets, AFLL leaves {size + 1}"):
        decode(encode(wrong))


def test_lengths_that_do_not_fit_the_fields():
    with pytest.raises(DecodeError, match="does not fit"):
        decode(bytes.fromhex("90 03 0000 00"))
    with pytest.raises(DecodeError, match="does not fit"):
        decode(bytes.fromhex("90 02 002C 25B30A0000"))
    with pytest.raises(DecodeError, match="not 90"):
        decode(bytes.fromhex("91 02 0000"))


@given(st.binary(max_size=60))
def test_garbage_raises_only_decode_error(raw):
    for form in (raw, b"\x90" + raw):
        try:
            afl, _ = decode(form)
        except DecodeError:
            continue
        assert decode(encode(afl))[0] == afl


def test_a_fragment_has_one_octet():
    with pytest.raises(LocalError):
        encode(Afl(256))


@given(st.binary(min_size=1, max_size=1000), st.integers(1, 200))
def test_fragments_are_put_together(message, size):
    pieces = [message[n : n + size] for n in range(0, len(message), size)]
    line = Reassembly()
    for n, piece in enumerate(pieces[:-1], 1):
        first = Afl(n, True, control=0x25, counter=7, length=len(message)) if n == 1 else Afl(n, True)
        assert line.add(first, piece) is None
        assert line.waiting
    last = Afl(len(pieces), False, mac=bytes(8)) if len(pieces) > 1 else Afl(0, control=0x25, counter=7, mac=bytes(8))
    got = line.add(last, pieces[-1])
    assert got is not None
    whole, data = got
    assert data == message
    assert (whole.control, whole.counter, whole.mac, whole.fragmented) == (0x25, 7, bytes(8), False)
    assert not line.waiting


@pytest.mark.parametrize("second", [Afl(3, False), Afl(2 + 2, True)])
def test_a_gap_loses_the_message(second):
    line = Reassembly()
    line.add(Afl(1, True), b"ab")
    with pytest.raises(DecodeError, match="2 is due"):
        line.add(second, b"cd")
    assert not line.waiting


def test_a_fragment_without_its_beginning():
    with pytest.raises(DecodeError, match="lost"):
        Reassembly().add(Afl(2, False), b"ab")


def test_a_new_beginning_forgets_the_old_one():
    line = Reassembly()
    line.add(Afl(1, True), b"ab")
    line.add(Afl(1, True), b"cd")
    got = line.add(Afl(2, False), b"ef")
    assert got is not None
    assert got[1] == b"cdef"


def test_more_than_announced_and_less():
    line = Reassembly()
    line.add(Afl(1, True, length=3), b"ab")
    with pytest.raises(DecodeError, match="more than 3"):
        line.add(Afl(2, True), b"cd")
    line.add(Afl(1, True, length=5), b"ab")
    with pytest.raises(DecodeError, match="announces 5"):
        line.add(Afl(2, False), b"cd")


def test_a_message_without_an_announced_length_is_bounded():
    line = Reassembly(limit=1000)
    for n in range(1, 5):
        line.add(Afl(n, True), bytes(250))
    with pytest.raises(DecodeError, match="more than 1000"):
        line.add(Afl(5, True), bytes(250))


@given(HEADERS)
def test_explain_covers_every_octet(afl):
    raw = encode(afl)
    rows = explain(b"\x00" + raw, 1)
    assert b"".join(r.octets for r in rows) == raw
    assert [r.name for r in rows][:3] == ["CI", "AFLL", "FCL"]
