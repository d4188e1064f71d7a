import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.mbus.plain import is_plain, is_records
from shared import vectors

GAS = bytes.fromhex("0C1427048502 046D32371F15 02FD170000")


@pytest.mark.parametrize(
    "octets",
    [
        "0C1427048502 046D32371F15 02FD170000",
        "2F2F 0C1427048502 046D32371F15 2F2F",
        "0413E8030000 0413E8030000 0F AABBCC",
        "0413E8030000 0413E8030000 1F",
        "0D7803616263 047800000000",
        "02FC0348522574D411 0413E8030000",
        "848010FF80843B00000000 0413E8030000",
        "0B3B0000F0 0A5A3023",
        "0D06C20123 0D06E20102 0413E8030000",
    ],
)
def test_records(octets):
    raw = bytes.fromhex(octets)
    assert is_records(raw)


@pytest.mark.parametrize(
    "octets",
    [
        "",
        "2F2F2F",
        "0F0000000000",
        "0413E8030000",
        "0C14270485FA 0413E8030000",
        "0413E8030000 0413E80300",
        "0413E8030000 3F",
        "0413E8030000 8484848484848484848484 13 00000000",
        "0413E8030000 04",
        "0413E8030000 0D13",
        "0413E8030000 0D13FA",
        "0413E8030000 0D13CB",
        "0413E8030000 02FC7048",
    ],
)
def test_what_is_no_run_of_records(octets):
    assert not is_records(bytes.fromhex(octets))


def test_check_octets_are_plain_whatever_follows():
    assert is_plain(bytes.fromhex("2F2F 3F3F3F"))
    assert not is_plain(bytes.fromhex("2F 3F"))


def test_records_without_zeros_could_be_ciphertext():
    full = bytes.fromhex("0413E8030201 0413E8030201")
    assert is_records(full)
    assert not is_plain(full)
    assert is_plain(GAS + bytes.fromhex("0413E8000000"))


@given(st.binary(max_size=300))
def test_any_octets_are_answered(raw):
    assert is_plain(raw) in (True, False)
    assert is_records(raw) in (True, False)


@given(st.integers(1, 3), st.randoms(use_true_random=False))
def test_ciphertext_is_not_taken_for_plain(blocks, random):
    """Random octets with as few zeros as ciphertext has."""
    assert not is_plain(bytes(random.randrange(1, 256) for _ in range(16 * blocks))[2:] + b"\x01\x01")


def whole(v):
    """Whether four decoders found nothing but proper records in it, two at least."""
    found = v.get("decoded_records") or []
    return len(found) > 1 and v["hex"][12:14] == "72" and all(r["kind"] in ("num", "date", "datetime") for r in found)


@pytest.mark.parametrize("v", vectors("libmbus_test_frames.jsonl", where=whole))
def test_shared_telegrams_hold_records(v):
    assert is_records(bytes.fromhex(v["hex"])[19:-2])
