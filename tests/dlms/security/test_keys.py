"""Keys are checked when they are given, and never shown."""

import msgspec
import pytest

import dlms_keys as k
from anymeter.dlms.security import Dialect, Keys, Protection
from anymeter.dlms.security.keys import SIZES
from anymeter.errors import LocalError


@pytest.mark.parametrize("name", SIZES)
@pytest.mark.parametrize("size", [0, 1, 15, 17, 24, 31, 33, 100])
def test_a_key_of_no_suite_is_our_mistake(name, size):
    with pytest.raises(LocalError, match=f"this one has {size}"):
        Keys(**{name: bytes(size)})


@pytest.mark.parametrize("name", SIZES)
def test_keys_of_both_sizes_are_taken(name):
    for size in SIZES[name]:
        assert getattr(Keys(**{name: bytes(size)}), name) == bytes(size)


def test_every_key_has_its_size():
    assert tuple(SIZES) == Keys.__struct_fields__


@pytest.mark.parametrize("name", SIZES)
def test_keys_do_not_show(name):
    key = b"Secret! " * (SIZES[name][0] // 8)
    keys = Keys(**{name: key})
    shown = repr(keys) + str(keys) + f"{keys}" + repr(keys.__rich_repr__()) + repr([keys])
    assert "Secret" not in shown
    assert key.hex() not in shown
    assert name in shown


def test_errors_do_not_show_keys():
    with pytest.raises(LocalError) as caught:
        Keys(encryption=b"Secret!")
    assert "Secret" not in repr(caught.value)


def test_keys_do_not_change():
    with pytest.raises(AttributeError):
        k.KEYS.encryption = b""


@pytest.mark.parametrize(
    ("control", "suite", "authenticated", "encrypted"),
    [(0x10, 0, True, False), (0x21, 1, False, True), (0x72, 2, True, True), (None, None, False, False)],
)
def test_what_a_protection_says(control, suite, authenticated, encrypted):
    protection = Protection(control, 1, True)
    assert (protection.suite, protection.authenticated, protection.encrypted) == (suite, authenticated, encrypted)


def test_the_dialect_of_the_standard_is_the_default():
    assert msgspec.structs.asdict(Dialect()) == {"header": "with-lengths", "signed_length": True, "signed_point": None}
