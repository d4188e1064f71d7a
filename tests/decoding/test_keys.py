"""The ring of keys and its file: which key is whose, and that no key is ever shown."""

from __future__ import annotations

import pytest

from anymeter.decoding.keys import NAMES, KeyRing, MeterKeys, key_octets, password_octets
from anymeter.errors import LocalError

KEY, OTHER = "00112233445566778899AABBCCDDEEFF", "F" * 32
FILE = f"""
[meters."KAM.12345678"]
key = "{KEY}"
[meters."4b46 4d10 2000 5521"]
encryption = "{KEY}"
authentication = "{OTHER}"
[default]
key = "{OTHER}"
"""


def test_keys_of_a_file():
    ring = KeyRing.parse(FILE)
    assert ring.of_meter("KAM", "12345678") == {"key": bytes.fromhex(KEY)}
    title = bytes.fromhex("4B464D1020005521")
    assert ring.of_title(title) == {"encryption": bytes.fromhex(KEY), "authentication": bytes.fromhex(OTHER)}


def test_who_is_not_named_gets_the_default():
    ring = KeyRing.parse(FILE)
    default = {"key": bytes.fromhex(OTHER)}
    assert ring.of_meter("KAM", "12345679") == default
    assert ring.of_meter(None, None) == default
    assert ring.of_title(bytes(8)) == default
    assert ring.of_title(None) == default
    assert KeyRing().of_meter("KAM", "12345678") == {}


def test_names_are_read_in_any_case():
    ring = KeyRing({"kam.1234abcd": {"key": KEY}})
    assert ring.of_meter("KAM", "1234ABCD")


def test_options_go_before_the_default_of_the_file():
    ring = KeyRing.parse(FILE, {"key": KEY})
    assert ring.of_meter("ABC", "1") == {"key": bytes.fromhex(KEY)}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("meters", "the keys file is not TOML"),
        ("[meter]\nx=1", r"no tables but .*meter"),
        ("meters = 1", "no tables but .*meters"),
        ('[meters]\n"A.1" = "00"', "A.1: keys are given as name"),
        ("default = 1", "no tables but .*default"),
        (f'[meters."A.1"]\nkez = "{KEY}"', "A.1: 'kez' is not one of key, encryption"),
        ('[meters."A.1"]\nkey = "0011"', "A.1: key has 2 octets"),
        ('[meters."A.1"]\nkey = "zz"', "A.1: key is not hex"),
        ('[meters."A.1"]\nkey = 5', "A.1: key is not hex"),
    ],
)
def test_a_file_that_is_wrong_says_where(text, why):
    with pytest.raises(LocalError, match=why):
        KeyRing.parse(text)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "password"])
def test_every_name_is_known(name):
    assert KeyRing({"A.1": {name: KEY}}).of_meter("A", "1") == {name: bytes.fromhex(KEY)}


@pytest.mark.parametrize("text", [KEY, KEY.lower(), "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff", f" {KEY}\n"])
def test_keys_are_read_in_any_form(text):
    assert key_octets(text).hex().upper() == KEY
    assert key_octets(bytes.fromhex(KEY)) == bytes.fromhex(KEY)


@pytest.mark.parametrize("size", [8, 16, 24, 32])
def test_keys_of_every_size(size):
    assert len(key_octets("A5" * size)) == size


@pytest.mark.parametrize("wrong", ["", "00", "A5" * 15, "A5" * 33, "not a key at all", "\N{SNOWMAN}" * 32])
def test_a_wrong_key_is_never_repeated(wrong):
    with pytest.raises(LocalError, match=r"^--key (is not hex|has)") as e:
        key_octets(wrong, "--key")
    assert len(wrong) < 3 or wrong not in str(e.value)


def test_keys_are_never_shown():
    ring = KeyRing.parse(FILE)
    shown = repr(ring) + repr(ring.of_meter("KAM", "12345678")) + str(ring.of_title(None)) + repr(MeterKeys())
    assert KEY not in shown.upper()
    assert OTHER not in shown.upper()
    assert repr(bytes.fromhex(KEY)) not in shown
    assert repr(ring) == "<KeyRing of 2 meters, and a default>"
    assert repr(ring.of_meter("KAM", "12345678")) == "<keys: key>"
    assert repr(MeterKeys()) == "<keys: none>"
    assert repr(KeyRing()) == "<KeyRing of 0 meters>"


@pytest.mark.parametrize("name", ["414D540000001234", "41 4d 54 00 00 00 12 34", "AMT.414D540000001234"])
def test_a_device_is_named_by_its_title_or_as_decode_prints_it(name):
    ring = KeyRing({name: {"encryption": KEY}})
    assert ring.of_title(bytes.fromhex("414D540000001234"))["encryption"] == bytes.fromhex(KEY)
    assert ring.of_title(bytes.fromhex("414D540000001235")) == {}


def test_passwords_are_text_or_hex():
    ring = KeyRing.parse('[meters."10.0.0.5:4059"]\npassword = "12345678"\n[default]\npassword = "hex:00 ff"\n')
    assert ring.of_name("10.0.0.5:4059") == {"password": b"12345678"}
    assert ring.of_name("elsewhere") == {"password": b"\x00\xff"}
    assert password_octets("zwölf") == "zwölf".encode()
    assert password_octets(b"\x00") == b"\x00"


def test_the_first_name_that_is_known_counts():
    ring = KeyRing({"a": {"key": KEY}, "B.1": {"key": OTHER}})
    assert ring.of_name("x", "b.1", "a") == {"key": bytes.fromhex(OTHER)}
    assert ring.of_name("x") == ring.of_name() == {}


@pytest.mark.parametrize("wrong", ["hex:0", "hex:secret", "s" * 65, 5, b""])
def test_a_wrong_password_is_never_repeated(wrong):
    with pytest.raises(LocalError, match="password") as e:
        password_octets(wrong)
    assert "secret" not in str(e.value)
    assert "sss" not in str(e.value)
