"""The table of services: what must have been negotiated, what ends a transfer, what a pending association may do."""

import pytest

from anymeter.cosem.enums import Conformance
from anymeter.dlms import apdu
from anymeter.dlms.enums import UserDiagnostic
from anymeter.dlms.server.authentication import Verdict
from anymeter.dlms.server.services import SERVICES, serve
from anymeter.dlms.server.state import PENDING
from dlms_meter import BOTH, GAUGE, HIGH, SHORT, STORE, Meter, aarq

BITS = list(Conformance)


@pytest.mark.parametrize("head", SERVICES, ids=bytes.hex)
def test_every_form_of_a_service_is_an_apdu(head):
    assert head in apdu.APDUS


@pytest.mark.parametrize("head", SERVICES, ids=bytes.hex)
def test_every_form_is_refused_without_each_bit_that_it_needs(head):
    service = SERVICES[head]
    needed = [bit for bit in BITS if service.needs & bit]
    assert needed
    for bit in needed:
        client = SHORT if head[0] < 0x20 else 16
        meter = Meter().opened(client, conformance=BOTH & ~bit)
        refusal = {5: "0E050302", 6: "0E060302", 0x16: ""}.get(head[0], "D80102")
        assert meter.ask(head.hex() + "C1", client) == refusal


def test_blocks_and_lists_need_their_bits():
    names = {
        head.hex(): [bit.name for bit in BITS if service.needs & bit]
        for head, service in SERVICES.items()
        if len(head) > 1
    }
    assert names["c001"] == ["get"]
    assert names["c003"] == ["multiple_references", "get"]
    assert names["c105"] == ["block_transfer_with_set_or_write", "multiple_references", "set"]
    assert names["c302"] == ["block_transfer_with_action", "action"]


def test_a_form_that_is_not_known_is_broken_and_a_tag_unknown():
    association = Meter().opened().association
    assert serve(association, b"\xc0\x04\xc1", 0) == b"\xd8\x01\x03"
    assert serve(association, b"\xc0", 0) == b"\xd8\x01\x03"
    assert serve(association, b"\xee", 0) == b"\xd8\x02\x02"
    assert serve(association, b"", 0) == b"\xd8\x02\x02"


@pytest.mark.parametrize(
    ("octets", "ends"), [(f"C001C1 {GAUGE} 02 00", True), ("C103C1 00 00000009 00", True), ("C302C1 00000001", False)]
)
def test_what_ends_a_transfer(octets, ends):
    meter = Meter().opened()
    meter.ask(f"C102C1 {STORE} 02 00 00 00000001 02 0904")
    meter.ask(octets)
    assert (meter.association.request is None) is ends


def test_a_pending_association_does_only_what_ends_it(monkeypatch):
    """The place of the four passes of high level security."""
    pending = Verdict(UserDiagnostic.authentication_required, b"challenge")
    monkeypatch.setattr("anymeter.dlms.server.authentication.high_level", lambda profile, secret, aarq: pending)
    meter = Meter()
    asked = aarq(extra="8A0207808B0760857405080205AC0A80084B35366956616759")
    answer = apdu.decode(bytes.fromhex(meter.ask(asked, HIGH)))
    assert (answer.result, answer.diagnostic, answer.mechanism) == (0, 14, 5)
    assert answer.responding_authentication_value == b"challenge"
    assert answer.responder_acse_requirements == b"\x07\x80"
    assert meter.association.status == PENDING
    assert meter.object("0-0:40.0.1").association_status == 1
    for octets in (
        f"C001C1 {GAUGE} 02 00",
        f"C101C1 {GAUGE} 02 00 06 00000007",
        f"C303C1 01 {GAUGE} 01 01 00",
        "D9 40000001",
    ):
        assert meter.ask(octets, HIGH) == "D80101"
    assert meter.ask(f"C301C1 {GAUGE} 01 00", HIGH) == "C701C10000"
