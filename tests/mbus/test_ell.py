import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import DecodeError, LocalError
from anymeter.links.address import Address
from anymeter.mbus.ell import ExtendedLink, crc_fits, decode, encode, explain, initial_counter, with_crc

XYZ = Address.of("XYZ", "33445566", 10, 0x31)
OCTET = st.integers(0, 255)
ADDRESSES = st.binary(min_size=8, max_size=8).map(Address)
SESSIONS = st.integers(0, 0xFFFFFFFF)
LAYERS = st.one_of(
    st.builds(ExtendedLink, st.just(0x8C), OCTET, OCTET),
    st.builds(ExtendedLink, st.just(0x8D), OCTET, OCTET, st.none(), SESSIONS),
    st.builds(ExtendedLink, st.just(0x8E), OCTET, OCTET, ADDRESSES),
    st.builds(ExtendedLink, st.just(0x8F), OCTET, OCTET, ADDRESSES, SESSIONS),
)


def test_layer_i():
    assert decode(bytes.fromhex("8C 20 75 7A")) == (ExtendedLink(0x8C, 0x20, 0x75), 3)


def test_layer_iii_carries_the_receiver():
    layer, end = decode(bytes.fromhex("8E80753A63665544330A3190"))
    assert (end, layer) == (11, ExtendedLink(0x8E, 0x80, 0x75, XYZ))
    assert layer.encryption == 0
    assert layer.minutes is None


def test_layer_ii_and_its_session_number():
    layer, end = decode(bytes.fromhex("8D 20 9C D621B026 FFFF"))
    assert (end, layer.session) == (7, 0x26B021D6)
    assert (layer.encryption, layer.minutes) == (1, 0x6B021D)


@given(LAYERS, st.binary(max_size=20))
def test_round_trip(layer, rest):
    raw = encode(layer)
    assert layer.encode() == raw
    assert decode(b"\x00" + raw + b"\x00\x00" + rest, 1) == (layer, 1 + len(raw))


@given(LAYERS)
def test_every_truncation_is_an_error(layer):
    raw = encode(layer)
    for size in range(len(raw)):
        with pytest.raises(DecodeError):
            decode(raw[:size])
    if layer.session is not None:
        with pytest.raises(DecodeError, match="payload CRC"):
            decode(raw + b"\x00")


@given(st.binary(max_size=40))
def test_garbage_raises_only_decode_error(raw):
    for form in (raw, b"\x8f" + raw, b"\x8d" + raw):
        try:
            layer, end = decode(form)
        except DecodeError:
            continue
        assert encode(layer) == form[:end]


@pytest.mark.parametrize(
    "bad",
    [
        ExtendedLink(0x8B, 0, 0),
        ExtendedLink(0x8C, 0, 0, XYZ),
        ExtendedLink(0x8C, 0, 0, None, 1),
        ExtendedLink(0x8D, 0, 0),
        ExtendedLink(0x8E, 0, 0),
        ExtendedLink(0x8F, 0, 0, XYZ),
    ],
)
def test_layers_that_cannot_be_sent(bad):
    with pytest.raises(LocalError):
        encode(bad)


@pytest.mark.parametrize(("control", "words"), [(0x00, "slow"), (0x40, "fast"), (0x01, "extended"), (0x41, "reserved")])
def test_response_delay(control, words):
    assert ExtendedLink(0x8C, control, 0).response == words


@given(st.binary(max_size=60))
def test_payload_crc(plain):
    raw = with_crc(plain)
    assert crc_fits(raw)
    assert not crc_fits(bytes((raw[0] ^ 1,)) + raw[1:])


def test_the_payload_crc_goes_least_octet_first():
    assert with_crc(b"123456789")[:2].hex() == "b7c2"


def test_no_crc_in_too_few_octets():
    assert not crc_fits(b"")
    assert not crc_fits(b"\xff")


def test_counter_block_without_hop_and_repeat_bits():
    layer = ExtendedLink(0x8D, 0xFF, 1, None, 0x26B021D6)
    assert initial_counter(layer, XYZ).hex() == "3a63665544330a31" + "ed" + "d621b026" + "000000"
    assert initial_counter(layer, XYZ) == initial_counter(ExtendedLink(0x8D, 0xED, 9, None, 0x26B021D6), XYZ)
    with pytest.raises(LocalError):
        initial_counter(ExtendedLink(0x8C, 0, 0), XYZ)


@given(LAYERS, st.binary(max_size=10))
def test_explain_covers_every_octet(layer, rest):
    raw = encode(layer) + (with_crc(rest) if layer.session is not None else b"")
    rows = explain(b"\x00" + raw, 1)
    assert b"".join(r.octets for r in rows) == raw[: len(encode(layer)) + (2 if layer.session is not None else 0)]
    if layer.session is not None:
        assert rows[-1].meaning == "right"


def test_explain_tells_an_encrypted_crc():
    raw = encode(ExtendedLink(0x8D, 0, 0, None, 1 << 29)) + b"\x00\x00abc"
    assert explain(raw)[-1].meaning == "encrypted"
    assert explain(encode(ExtendedLink(0x8D, 0, 0, None, 1)) + b"\x00\x00abc")[-1].meaning == "wrong"
