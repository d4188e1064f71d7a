import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import DecodeError, LocalError
from anymeter.links.address import Address, address_at, manufacturer_code, manufacturer_letters

LETTERS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3)


@pytest.mark.parametrize(
    ("letters", "code"), [("ELS", 0x1593), ("KAM", 0x2C2D), ("QDS", 0x4493), ("AAA", 0x0421), ("ZZZ", 0x6B5A)]
)
def test_manufacturer_codes_of_the_standard_form(letters, code):
    assert manufacturer_code(letters) == code
    assert manufacturer_letters(code) == letters


@given(LETTERS)
def test_manufacturer_round_trip(letters):
    assert manufacturer_letters(manufacturer_code(letters)) == letters
    assert manufacturer_letters(manufacturer_code(letters) | 0x8000) == letters


@pytest.mark.parametrize("letters", ["", "KA", "KAMS", "kam", "K1M"])
def test_what_is_no_manufacturer(letters):
    with pytest.raises(LocalError):
        manufacturer_code(letters)


def test_the_two_orders_of_an_address():
    a = Address.of_header(bytes.fromhex("7856341293153303"))
    assert a.octets.hex() == "9315785634123303"
    assert a.in_header.hex() == "7856341293153303"
    assert (a.manufacturer, a.id, a.version, a.device_type, a.code, a.soft) == ("ELS", "12345678", 51, 3, 0x1593, False)


def test_soft_address():
    a = Address.of("ELS", "12345678", 1, 7, soft=True)
    assert a.octets[:2].hex() == "9395"
    assert a.soft
    assert a.manufacturer == "ELS"


def test_digits_that_are_not_bcd_are_kept():
    assert Address(bytes.fromhex("2d2c0a14a8000404")).id == "00a8140a"


@pytest.mark.parametrize(
    ("number", "version"), [("1234567", 0), ("123456", 0), ("1234567G", 0), ("12345678", 256), ("12345678", -1)]
)
def test_addresses_that_cannot_be(number, version):
    with pytest.raises(LocalError):
        Address.of("ELS", number, version, 3)


@given(LETTERS, st.from_regex(r"\A[0-9]{8}\Z"), st.integers(0, 255), st.integers(0, 255), st.booleans())
def test_round_trip(letters, number, version, device_type, soft):
    a = Address.of(letters, number, version, device_type, soft=soft)
    assert (a.manufacturer, a.id, a.version, a.device_type, a.soft) == (letters, number, version, device_type, soft)
    assert Address.of_header(a.in_header) == a


@pytest.mark.parametrize(
    ("selection", "match"),
    [
        ("78563412FFFFFFFF", True),
        ("FFFFFFFFFFFFFFFF", True),
        ("78FF34129315FFFF", True),
        ("785634FF93153303", True),
        ("79563412FFFFFFFF", False),
        ("78563412941533FF", False),
        ("785634129315FF04", False),
        ("78563412931534FF", False),
    ],
)
def test_selection_with_wildcards(selection, match):
    meter = Address.of("ELS", "12345678", 0x33, 3)
    assert meter.matches(Address.of_header(bytes.fromhex(selection))) is match


@pytest.mark.parametrize("size", range(8))
def test_a_cut_address_is_an_error(size):
    with pytest.raises(DecodeError, match=f"{size} remain") as e:
        address_at(b"\x00" * (3 + size), 3, "test")
    assert e.value.at == 3


# Source: EN 13757-3, manufacturer identification: 5 bits a letter, A = 1.
@pytest.mark.parametrize("letters", ["AAA", "ABC", "HYD", "KAM", "LUG", "SEN", "TCH", "ZRI", "ZZZ"])
def test_manufacturer_codes_are_those_of_the_formula(letters):
    first, second, third = (ord(letter) - 64 for letter in letters)
    code = first * 1024 + second * 32 + third
    assert manufacturer_code(letters) == code
    assert Address.of(letters, "00000000", 0, 0).octets[:2] == code.to_bytes(2, "little")


@pytest.mark.parametrize(
    ("number", "version", "device_type", "tail"),
    [
        ("00000000", 0, 0, "000000000000"),
        ("12345678", 1, 7, "785634120107"),
        ("99999999", 255, 255, "99999999ffff"),
        ("FFFFFFFF", 0, 0, "ffffffff0000"),
        ("1234FFFF", 2, 3, "ffff34120203"),
    ],
)
def test_parts_and_octets(number, version, device_type, tail):
    address = Address.of("KAM", number, version, device_type)
    assert address.octets.hex() == "2d2c" + tail
    assert (address.id, address.version, address.device_type) == (number.lower(), version, device_type)
    assert address.in_header.hex() == tail[:8] + "2d2c" + tail[8:]
    assert Address.of_header(address.in_header) == address


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        (("KAM", "1234567", 0, 0), "no M-Bus address"),
        (("KAM", "123456", 0, 0), "eight digits"),
        (("KAM", "1234567890", 0, 0), "eight digits"),
        (("KAM", "1234567G", 0, 0), "no M-Bus address"),
        (("KAM", "12345678", 256, 0), "no M-Bus address"),
        (("KAM", "12345678", 0, -1), "no M-Bus address"),
        (("KA", "12345678", 0, 0), "three letters"),
    ],
)
def test_parts_that_make_no_address(parts, why):
    with pytest.raises(LocalError, match=why):
        Address.of(*parts)


@pytest.mark.parametrize(
    ("selection", "means"),
    [
        ("2D2C 78563412 1B 04", True),
        ("2D2C 78F63412 1B 04", True),
        ("2D2C FFFFFFFF 1B 04", True),
        ("FFFF 78563412 FF FF", True),
        ("FFFF FFFFFFFF FF FF", True),
        ("2D2C 79563412 1B 04", False),
        ("2D2C F8553412 1B 04", False),
        ("FF2C 78563412 1B 04", False),
        ("2D2C 78563412 1C 04", False),
        ("2D2C 78563412 1B 07", False),
    ],
)
def test_selections_with_wildcards(selection, means):
    device = Address.of("KAM", "12345678", 27, 4)
    assert device.matches(Address(bytes.fromhex(selection))) is means


def test_an_address_in_the_middle_of_octets():
    address = Address.of("KAM", "12345678", 27, 4)
    assert address_at(b"\x44" + address.octets + b"\x78", 1, "telegram") == address
    for size in range(8):
        with pytest.raises(DecodeError, match=f"needs 8 octets, {size} remain") as caught:
            address_at(b"\x44" + address.octets[:size], 1, "telegram")
        assert (caught.value.at, caught.value.what) == (1, "telegram")
