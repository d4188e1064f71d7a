"""Every service, negotiated and not: the refusal of the standard; PDU sizes from 12 octets up."""

import csv
import io

import pytest

from anymeter.dlms.client.association import associate
from anymeter.dlms.enums import Conformance
from anymeter.errors import AssociationRefused, DecodeError, LocalError, ServiceRefused
from anymeter.links.events import Route
from world.device import SHORT, Meter
from world.lines import line, session, talk
from world.sessions import attempt, fresh

ALL = 0x7FFFFF
ENERGY, STORED = "0003 0100010800FF 02", "0001 0000600100FF 02"
RESET = "0003 0100010800FF 01"

# request, what it needs, its client, what comes of it when all is negotiated
SERVICES = f"""\
C001C1 {ENERGY} 00|get|16|C401C100
C003C1 01 {ENERGY} 00|get multiple_references|16|C403C101
C002C1 00000001|get block_transfer_with_get_or_read|16|C402C1
C101C1 {STORED} 00 090101|set|16|C501C100
C104C1 01 {STORED} 00 01 090101|set multiple_references|16|C505C101
C102C1 {STORED} 00 00 00000001 0109|set block_transfer_with_set_or_write|16|C502C1
C103C1 01 00000001 0109|set block_transfer_with_set_or_write|16|C503C1
C105C1 01 {STORED} 00 00 00000001 020109|set block_transfer_with_set_or_write multiple_references|16|C502C1
C301C1 {RESET} 01 0F00|action|16|C701C1
C303C1 01 {RESET} 01 0F00|action multiple_references|16|C703C1
C304C1 {RESET} 00 00000001 010F|action block_transfer_with_action|16|C704C1
C305C1 01 {RESET} 00 00000001 020101|action block_transfer_with_action multiple_references|16|C704C1
C306C1 01 00000001 010F|action block_transfer_with_action|16|C7
C302C1 00000001|action block_transfer_with_action|16|C7
D9 40000001 00 01 01 {ENERGY} 01 00|access|16|DA40000001
E0 81 0001 0000 0D C001C1{ENERGY}00|general_block_transfer|16|E0
05 01 02 1208|read|2|0C0100
06 01 02 1308 01 0900|write|2|0D01
"""


def rows():
    for request, needs, client, answer in csv.reader(io.StringIO(SERVICES), delimiter="|"):
        yield bytes.fromhex(request), needs.split(), int(client), bytes.fromhex(answer)


ROWS = list(rows())
NEEDS = [(request, bit, client) for request, bits, client, _ in ROWS for bit in bits]


def said(one, octets):
    """What the meter answers to octets of ours."""

    def asked():
        return (yield octets)

    return one.over.run(one.route, asked())


def open_with(client, conformance, kind="wrapper"):
    return talk(kind, Meter(conformance=ALL), client, conformance=conformance)


@pytest.mark.parametrize("kind", ["wrapper", "hdlc", "datagrams"])
@pytest.mark.parametrize(
    ("request_", "answer", "client"), [(r, a, c) for r, _, c, a in ROWS], ids=lambda v: str(v)[:24]
)
def test_what_was_negotiated_is_served(request_, answer, client, kind):
    got = said(open_with(client, ALL, kind), request_)
    assert got.startswith(answer), got.hex()
    assert got[:1] != b"\xd8"


@pytest.mark.parametrize("kind", ["wrapper", "hdlc", "datagrams"])
@pytest.mark.parametrize(("request_", "bit", "client"), NEEDS, ids=lambda v: str(v)[:24])
def test_what_was_not_is_refused_as_the_standard_has_it(request_, bit, client, kind):
    """exception-response service-not-allowed, service-not-supported; short names: confirmedServiceError."""
    got = said(open_with(client, ALL & ~int(Conformance[bit]), kind), request_)
    assert got == (bytes((0x0E, request_[0], 3, 2)) if client == SHORT else b"\xd8\x01\x02"), got.hex()


@pytest.mark.parametrize(("request_", "client"), [(r, c) for r, _, c, _ in ROWS], ids=lambda v: str(v)[:24])
def test_without_an_association_it_is_not_allowed(request_, client):
    over = line("wrapper", Meter())
    route = talk("wrapper", Meter(), client).route
    over.open(route)

    def asked():
        return (yield request_)

    got = over.run(route, asked())
    assert got == (bytes((0x0E, request_[0], 2, 1)) if client == SHORT else b"\xd8\x01\x01"), got.hex()


@pytest.mark.parametrize(("request_", "client"), [(r, c) for r, _, c, _ in ROWS], ids=lambda v: str(v)[:24])
def test_cut_short_it_is_refused_and_the_association_goes_on(request_, client):
    one = open_with(client, ALL)
    for size in range(1, len(request_)):
        got = said(one, request_[:size]) if answered(request_[:size]) else b"\xd8"
        assert got[:1] in (b"\xd8", b"\x0e", b"\xc4", b"\xc5", b"\xc7", b"\xda", b"\xe0"), (size, got.hex())
    whole = next(a for r, _, c, a in ROWS if r == request_)
    assert said(one, request_).startswith(whole[:1])
    assert not one.over.server.line._faults


def answered(request):
    """Whether what is left of a request still asks for an answer."""
    return not (request[0] in (0xC1, 0xC3) and len(request) < 3) and not (request[0] == 0xD9 and len(request) < 2)


@pytest.mark.parametrize("bit", [bit.name for bit in Conformance if "reserved" not in bit.name])
@pytest.mark.parametrize("client", [16, SHORT])
@pytest.mark.parametrize("pdu", [64, 1024])
def test_a_session_with_one_bit_off_is_right_or_says_what_is_missing(bit, client, pdu):
    meter = fresh(Meter(conformance=ALL))
    one = session(client, conformance=ALL & ~int(Conformance[bit]), max_receive_pdu=pdu)
    outcome = attempt(line("wrapper", meter), one)
    assert not outcome.wrong
    assert outcome.seconds == 0
    if not outcome.whole:
        assert isinstance(outcome.error, LocalError | ServiceRefused), outcome
        assert Conformance[bit].words.split()[0] in str(outcome.error) or "long" in str(outcome.error), outcome
    assert not meter.server.faults


def test_a_proposal_of_nothing_is_refused():
    meter = Meter()
    with pytest.raises(AssociationRefused, match="incompatible-conformance"):
        talk("wrapper", meter, conformance=0)
    assert meter.server.associations == 0


def test_conformance_that_the_server_has_not_is_not_granted():
    meter = Meter(conformance=int(Conformance.get))
    one = talk("wrapper", meter, conformance=ALL)
    assert one.session.conformance == int(Conformance.get)


# --- sizes ---

SIZES = [*range(12, 80), 127, 128, 129, 130, 255, 256, 257, 258, 65535]


@pytest.mark.parametrize("kind", ["wrapper", "hdlc", "datagrams"])
@pytest.mark.parametrize("client", [16, SHORT])
def test_a_client_of_any_pdu_size_reads_everything(kind, client):
    meter = Meter()
    for pdu in SIZES:
        outcome = attempt(line(kind, fresh(meter)), session(client, max_receive_pdu=pdu))
        assert outcome.whole, (pdu, outcome)
        assert not outcome.wrong, (pdu, outcome)
    assert not meter.server.faults


@pytest.mark.parametrize("kind", ["wrapper", "hdlc", "datagrams"])
@pytest.mark.parametrize("client", [16, SHORT])
def test_a_server_of_any_pdu_size_is_served(kind, client):
    for pdu in SIZES:
        meter = Meter(max_pdu=pdu)
        outcome = attempt(line(kind, meter), session(client))
        assert outcome.whole, (pdu, outcome)
        assert not outcome.wrong, (pdu, outcome)
        assert not meter.server.faults


@pytest.mark.parametrize("kind", ["wrapper", "hdlc"])
def test_answers_are_never_longer_than_the_client_takes(kind):
    for pdu in SIZES:
        meter = fresh(Meter())
        over = line(kind, meter)
        lengths = []
        answer = over.server.line.answer

        def measured(unit, now, answer=answer, lengths=lengths):
            units = answer(unit, now)
            lengths.extend(len(one.apdu) for one in units if unit.apdu[0] not in (0x60, 0x62))
            return units

        over.server.line.answer = measured
        assert attempt(over, session(max_receive_pdu=pdu)).whole
        assert max(lengths) <= pdu


@pytest.mark.parametrize("pdu", range(1, 12))
def test_smaller_ones_are_refused_by_both(pdu):
    with pytest.raises(AssociationRefused, match="pdu-size-too-short"):
        talk("wrapper", Meter(), max_receive_pdu=pdu)
    with pytest.raises(DecodeError, match="less than the 12"):
        talk("wrapper", Meter(max_pdu=pdu))


@pytest.mark.parametrize(
    "octets", ["C0", "C1", "C00101", "00", "FF", "0F00", "D8", "C4", "61", "10", "E0", "DB", "C8" * 60]
)
def test_odd_octets_leave_the_association_as_it_is(octets):
    one = open_with(16, ALL)
    route = one.route
    one.over.tell(route, bytes.fromhex(octets))

    def asked():
        return (yield bytes.fromhex(f"C001C1 {ENERGY} 00"))

    assert one.over.run(route, asked()).startswith(b"\xc4\x01\xc1\x00")


def test_associating_twice_is_one_association():
    meter = Meter()
    one = talk("wrapper", meter)
    one(associate)
    assert meter.server.associations == 1


def test_a_wrong_password_is_refused_and_says_so():
    meter = Meter()
    with pytest.raises(AssociationRefused, match="authentication"):
        talk("wrapper", meter, 1, secret=b"wrong")
    over, one = line("wrapper", meter), session(99)
    over.open(Route(99, 1))
    with pytest.raises(AssociationRefused, match="the association was refused"):
        over.run(Route(99, 1), associate(one))
    assert meter.server.associations == 0
