"""Tokens: facts of the tables in Blue Book Ed. 16, 4.6.5 and 4.6.6, and what enter does."""

from __future__ import annotations

import pytest

from anymeter.cosem.classes.clock import Clock
from anymeter.cosem.classes.parts import UNSPECIFIED
from anymeter.cosem.classes.tokens import STATUS_CODES, Iec62055Attributes, TokenGateway
from anymeter.cosem.device import LogicalDevice
from anymeter.errors import AccessError
from class_cases import attributes, methods, rows

GATEWAY = """
2 token:os*
3 token_time:dt*
4 token_description:ar os*
5 token_delivery_method:en*
6 token_status:st{status_code en, data_value bs}*
"""
STS = """
2 meter_pan:st{issuer_identification_number u32, decoder_reference_number u64, pan_check_digit u8}
3 commodity:vs
4 token_carrier_types:ar u8
5 encryption_algorithm:u8
6 supply_group_code:u32*
7 tariff_index:u8*
8 key_revision_number:u8*
9 key_type:u8*
10 key_expiry_number:u8*
11 no_of_kct_supported:u8
12 sts_certificate_no:vs
"""


def test_members():
    assert (TokenGateway.class_id, Iec62055Attributes.class_id) == (115, 116)
    assert attributes(TokenGateway) == rows(GATEWAY)
    assert attributes(Iec62055Attributes) == rows(STS)
    assert methods(TokenGateway) == ["1 enter(os) +30"]
    assert methods(Iec62055Attributes) == []


@pytest.mark.parametrize(("code", "words"), [(0, "format OK"), (4, "format failure"), (7, "execution failure")])
def test_what_a_status_code_says(code, words):
    assert STATUS_CODES[code] == words
    assert len(STATUS_CODES) == 9


def test_a_token_comes_in_and_waits():
    gateway = TokenGateway("0-0:19.40.0*255", token_description=[b"old"])
    LogicalDevice(1, b"ANY0000000000001", [Clock("0-0:1.0.0*255"), gateway])
    gateway.invoke(1, b"\x09\x14" + b"12345678901234567890", 1_777_593_600)
    assert gateway.token == b"12345678901234567890"
    assert gateway.token_time[:8].hex() == "07ea050105000000"
    assert gateway.token_description == []
    assert gateway.encoded(6, 0).hex() == "020216080400"
    assert TokenGateway.token_delivery_method.words[gateway.token_delivery_method] == "by remote communication"


def test_without_a_clock_its_time_is_not_known():
    gateway = TokenGateway("0-0:19.40.0*255")
    gateway.invoke(1, b"\x09\x01\x07", 0)
    assert gateway.token_time == UNSPECIFIED


@pytest.mark.parametrize("octets", [None, b"", b"\x0f\x00", b"\x09\x05abc", b"\x0a\x03abc"])
def test_what_is_no_token_is_refused(octets):
    gateway = TokenGateway("0-0:19.40.0*255")
    with pytest.raises(AccessError) as refused:
        gateway.invoke(1, octets, 0)
    assert refused.value.result == 12
    assert gateway.token == b""


def test_a_primary_account_number_as_octets():
    meter = Iec62055Attributes("0-0:19.50.0*255", meter_pan=(600_727, 12_345_678_901, 7), commodity="Electricity")
    assert meter.encoded(2, 0).hex() == "02030600092a97" + "1500000002dfdc1c35" + "1107"
    assert meter.encoded(3, 0) == b"\x0a\x0bElectricity"
