import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import DecodeError
from anymeter.links import coding
from anymeter.links.wireless import air_length
from shared import vectors

VECTORS = tomllib.loads((Path(__file__).parents[1] / "vectors/wireless.toml").read_text())["coding"]
CODES = {
    "3of6": (coding.three_of_six_encode, coding.three_of_six_decode),
    "manchester": (coding.manchester_encode, coding.manchester_decode),
    "nrz": (coding.nrz_encode, coding.nrz_decode),
}


@pytest.mark.parametrize("v", VECTORS, ids=lambda v: v["name"])
def test_vector(v):
    encode, decode = CODES[v["code"]]
    data, chips = bytes.fromhex(v["data"]), bytes.fromhex(v["chips"])
    assert v["source"]
    assert encode(data) == chips
    assert decode(chips) == data


@pytest.mark.parametrize("code", CODES)
@given(data=st.binary(max_size=300))
def test_round_trip(code, data):
    encode, decode = CODES[code]
    assert decode(encode(data), len(data)) == data


@pytest.mark.parametrize("code", CODES)
@given(chips=st.binary(max_size=100), count=st.none() | st.integers(0, 100))
def test_garbage_raises_only_decode_error(code, chips, count):
    encode, decode = CODES[code]
    try:
        data = decode(chips, count)
    except DecodeError:
        return
    whole = len(data) * 12 // 8 if code == "3of6" else None
    assert encode(data)[:whole] == chips[: len(encode(data))][:whole]


def test_every_code_has_three_ones_and_there_are_no_others():
    assert {c.bit_count() for c in coding.CODES} == {3}
    assert len(set(coding.CODES)) == 16
    good = set(coding.CODES)
    for pattern in range(64):
        chips = (pattern << 6 | coding.CODES[0]).to_bytes(2, "big")
        chips = (int.from_bytes(chips, "big") << 4).to_bytes(2, "big")
        if pattern in good:
            assert coding.three_of_six_decode(chips, 1)[0] >> 4 == coding.CODES.index(pattern)
        else:
            with pytest.raises(DecodeError, match="no 3-of-6 code"):
                coding.three_of_six_decode(chips, 1)


def test_where_a_bad_code_stands():
    chips = bytearray(coding.three_of_six_encode(bytes(8)))
    chips[6] = 0xFF
    with pytest.raises(DecodeError) as e:
        coding.three_of_six_decode(bytes(chips))
    assert e.value.at == 6


def test_where_a_bad_bit_stands():
    chips = bytearray(coding.manchester_encode(bytes(8)))
    chips[5] = 0xFF
    with pytest.raises(DecodeError, match="chips 11") as e:
        coding.manchester_decode(bytes(chips))
    assert e.value.at == 5


@given(st.binary(max_size=60))
def test_inverted(data):
    upright, turned = coding.manchester_encode(data), coding.manchester_encode(data, invert=True)
    assert bytes(b ^ 0xFF for b in upright) == turned
    assert coding.manchester_decode(turned, invert=True) == data
    assert coding.nrz_decode(coding.nrz_encode(data, invert=True), invert=True) == data


@pytest.mark.parametrize("code", CODES)
def test_more_octets_than_there_are_chips_for(code):
    encode, decode = CODES[code]
    with pytest.raises(DecodeError):
        decode(encode(b"abc"), 4)


@pytest.mark.parametrize("v", vectors("radio_vectors.jsonl", where=lambda v: v["kind"] == "3of6"))
def test_shared_3of6(v):
    data = bytes.fromhex(v["data"])
    chips = coding.three_of_six_encode(data)
    if "encoded" in v:
        assert chips.hex().upper() == v["encoded"]
    else:
        assert f"{int.from_bytes(chips, 'big'):016b}".startswith(v["encoded_bits"])
    assert coding.three_of_six_decode(chips, len(data)) == data


@pytest.mark.parametrize("v", vectors("radio_vectors.jsonl", where=lambda v: v["kind"] == "3of6_header"))
def test_shared_headers(v):
    data = coding.three_of_six_decode(bytes.fromhex(v["encoded"]))
    assert data.hex().upper() == v["decoded"]
    assert air_length(data[0] + 1) == v["frame_length_with_crc"]


# Source: EN 13757-4, table of the 3-of-6 code: nibble and chips.
@pytest.mark.parametrize(
    ("nibble", "chips"),
    [
        (0x0, "010110"), (0x1, "001101"), (0x2, "001110"), (0x3, "001011"),
        (0x4, "011100"), (0x5, "011001"), (0x6, "011010"), (0x7, "010011"),
        (0x8, "101100"), (0x9, "100101"), (0xA, "100110"), (0xB, "100011"),
        (0xC, "110100"), (0xD, "110001"), (0xE, "110010"), (0xF, "101001"),
    ],
)  # fmt: skip
def test_three_of_six_table(nibble, chips):
    assert coding.CODES[nibble] == int(chips, 2)
    both = int(chips + chips + "0101", 2).to_bytes(2, "big")
    assert coding.three_of_six_encode(bytes((nibble << 4 | nibble,))) == both
    assert coding.three_of_six_decode(both, 1) == bytes((nibble << 4 | nibble,))


@pytest.mark.parametrize("data", [b"", b"\x0f", b"\x0f\x44", bytes(range(7)), bytes(range(8))])
def test_three_of_six_chips_written_bit_by_bit(data):
    bits = "".join(f"{coding.CODES[n]:06b}" for octet in data for n in (octet >> 4, octet & 15))
    bits += "0101" * (len(data) % 2)
    assert "".join(f"{octet:08b}" for octet in coding.three_of_six_encode(data)) == bits


@pytest.mark.parametrize(("place", "at"), [(0, 0), (1, 1), (2, 3), (3, 4), (4, 6)])
def test_a_bad_code_is_found_where_it_stands(place, at):
    """The offset counts octets of chips: a data octet takes one and a half."""
    bits = [f"{coding.CODES[0]:06b}" * 2] * 6
    bits[place] = "111111" + bits[place][6:]
    with pytest.raises(DecodeError, match="chips 111111 are no 3-of-6 code") as caught:
        coding.three_of_six_decode(int("".join(bits), 2).to_bytes(9, "big"))
    assert caught.value.at == at


def test_the_low_nibble_is_checked_as_well():
    chips = int(f"{coding.CODES[5]:06b}000111" + "0101", 2).to_bytes(2, "big")
    with pytest.raises(DecodeError, match="chips 000111"):
        coding.three_of_six_decode(chips)


@pytest.mark.parametrize(("bit", "pair"), [(0, "10"), (1, "01")])
def test_manchester_table(bit, pair):
    octet = 0xFF * bit
    assert coding.manchester_encode(bytes((octet,))) == int(pair * 8, 2).to_bytes(2, "big")
    assert coding.manchester_decode(int(pair * 8, 2).to_bytes(2, "big"), invert=True) == bytes((octet ^ 0xFF,))


@pytest.mark.parametrize("place", range(16))
@pytest.mark.parametrize("pair", [0b00, 0b11])
def test_two_like_chips_are_no_manchester_bit(place, pair):
    chips = int.from_bytes(coding.manchester_encode(b"\x5a\xc3"), "big")
    shift = 30 - 2 * place
    wrong = (chips & ~(3 << shift) | pair << shift).to_bytes(4, "big")
    with pytest.raises(DecodeError, match=f"chips {pair:02b} are no Manchester bit") as caught:
        coding.manchester_decode(wrong)
    assert caught.value.at == place // 4


@given(st.binary(max_size=60))
def test_inverted_chips_are_those_of_the_complement(data):
    other = bytes(octet ^ 0xFF for octet in data)
    assert coding.manchester_encode(data, invert=True) == coding.manchester_encode(other)
    assert coding.nrz_encode(data, invert=True) == other
    assert coding.nrz_decode(other, invert=True) == data


@pytest.mark.parametrize(("count", "octets"), [(0, 0), (1, 2), (2, 3), (3, 5), (4, 6), (16, 24), (290, 435)])
def test_octets_of_chips(count, octets):
    data = bytes(count)
    assert len(coding.three_of_six_encode(data)) == octets
    assert len(coding.manchester_encode(data)) == 2 * count


@pytest.mark.parametrize("code", CODES)
def test_more_octets_than_there_are_chips(code):
    encode, decode = CODES[code]
    chips = encode(bytes(4))
    assert decode(chips, 4) == bytes(4)
    assert decode(chips, 3) == bytes(3)
    with pytest.raises(DecodeError) as caught:
        decode(chips, 5)
    assert caught.value.at == len(chips)
