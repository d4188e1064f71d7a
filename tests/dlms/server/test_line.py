"""A line: who is answered, in which state, several clients at once, closing, notifications; and that it is total."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anymeter.cosem.access import READ, Rights
from anymeter.cosem.enums import Conformance
from anymeter.cosem.model import InterfaceClass, attribute
from anymeter.cosem.schema import UNSIGNED
from anymeter.cosem.surroundings import Outgoing
from anymeter.dlms import apdu
from anymeter.dlms.blocks import join_blocks
from anymeter.errors import LocalError
from anymeter.links.events import Route, Unit
from anymeter.obis import Obis
from dlms_meter import BOTH, CIPHERED, GAUGE, LISTED, LOW, PUBLIC, SHORT, STANDING, STORE, Meter, aarq, hexed, without
from dlms_strategies import of_class

GET = f"C001C1 {GAUGE} 02 00"
VALUE = "C401C10006" + "00001391"


def test_without_an_association_everything_is_refused_in_its_form():
    meter = Meter()
    assert meter.ask(GET) == "D80101"
    assert meter.ask("05 01 02 0108") == "0E050201"
    assert meter.ask("06 01 02 0108 01 00") == "0E060201"
    assert meter.ask("E0 83 0001 0000 00") == "D80101"
    assert meter.ask("C8 00") == "D80101"
    assert meter.ask("FF") == "D80101"
    for silent in ("16 01 02 0108 01 00", "C10181", "C30181", "D900000001"):
        assert meter.ask(silent) == ""


def test_associations_are_told_apart_by_client_server_and_physical_address():
    meter = Meter().opened()
    for route in (Route(1, 1), Route(PUBLIC, 2), Route(PUBLIC, 1, 17)):
        (unit,) = meter.line.answer(Unit(route, bytes.fromhex(GET)), 0)
        assert unit == Unit(route, b"\xd8\x01\x01")


def test_lines_are_told_apart():
    meter = Meter().opened()
    (unit,) = meter.server.line().answer(Unit(Route(PUBLIC, 1), bytes.fromhex(GET)), 0)
    assert unit.apdu == b"\xd8\x01\x01"


def test_transfers_of_two_clients_do_not_meet():
    meter = Meter().opened(pdu=20)
    meter.open(LOW, pdu=20)
    meter.store.contents = bytes(20)
    for client in (PUBLIC, LOW):
        assert meter.ask(f"C001C1 {STORE} 02 00", client).startswith("C402C10000000001")
    for client in (PUBLIC, LOW):
        assert meter.ask("C002C1 00000001", client).startswith("C402C10000000002")


@pytest.mark.parametrize("octets", ["FF", "00", "64", "E6 00 00 C0", "01", "21"])
def test_what_is_no_service_is_unknown(octets):
    answer = Meter().opened().ask(octets)
    assert answer == ("D80105" if octets == "21" else "D80202")


@pytest.mark.parametrize(
    "octets", ["08", "0C00", "0E010600", "0F 00000001 00 00", "18", "61", "63", "C2", "C4", "D80101", "DA", "2C", "D7"]
)
@pytest.mark.parametrize("state", ["idle", "open"])
def test_what_only_servers_send_is_not_answered(octets, state):
    """Two servers would answer each other's refusals for ever."""
    meter = Meter() if state == "idle" else Meter().opened()
    assert meter.all(octets) == []


@pytest.mark.parametrize("octets", ["C8 1E 30 01234567 411312FF", "D0 00", "DB 00", "DC", "DD", "DF", "25 00", "36"])
def test_what_is_ciphered_cannot_be_deciphered_without_keys(octets):
    assert Meter().opened(CIPHERED).ask(octets, CIPHERED) == "D80105"


def test_no_octets_are_no_question():
    assert Meter().opened().all("") == []


def test_an_apdu_longer_than_ours_is_refused():
    meter = Meter(pdu=40).opened()
    exact = f"C101C1 {STORE} 02 00 0919" + "00" * 25
    assert len(bytes.fromhex(exact)) == 40
    assert meter.ask(exact) == "C501C100"
    assert meter.ask(f"C101C1 {STORE} 02 00 091A" + "00" * 26) == "D80104"
    assert meter.ask(f"C10181 {STORE} 02 00 091A" + "00" * 26) == ""
    assert meter.ask("E083000100002100" + "00" * 40) == "D80104"
    assert meter.ask("DB" + "00" * 40) == "D80104"
    assert len(meter.store.contents) == 25


def test_a_unit_that_asks_for_no_answer_gets_none():
    meter = Meter()
    assert meter.all(aarq(), confirmed=False) == []
    assert meter.all(f"C301C1 {GAUGE} 01 00", confirmed=False) == []
    assert meter.gauge.presses == 1


@pytest.mark.parametrize("everyone", [0x7F, 0x3FFF])
def test_all_stations_hear_and_nobody_answers(everyone):
    meter = Meter()
    assert meter.all(f"C301C1 {GAUGE} 01 00", STANDING, server=everyone) == []
    assert meter.gauge.presses == 1
    assert meter.all(f"C301C1 {GAUGE} 01 00", PUBLIC, server=everyone) == []
    assert meter.gauge.presses == 1


# --- closing ---


def test_a_route_that_is_closed_has_lost_its_association():
    meter = Meter().opened()
    meter.open(LOW)
    meter.line.closed(Route(PUBLIC, 1), 0)
    assert meter.ask(GET) == "D80101"
    assert meter.ask(GET, LOW) == VALUE
    meter.line.closed(Route(PUBLIC, 1), 0)
    assert meter.server.associations == 1


def test_a_line_that_is_closed_has_lost_all():
    meter = Meter().opened()
    meter.open(LOW)
    meter.line.closed(None, 0)
    assert meter.server.associations == 0
    assert meter.ask(GET, LOW) == "D80101"
    assert meter.open().startswith("6129")


# --- time ---


def test_a_transfer_that_does_not_go_on_is_forgotten():
    meter = Meter(transfer_timeout=60).opened(pdu=20)
    meter.store.contents = bytes(50)
    assert meter.line.next_timeout() is None
    meter.now = 10
    meter.ask(f"C001C1 {STORE} 02 00")
    assert meter.line.next_timeout() == 70
    meter.now = 50
    meter.ask("C002C1 00000001")
    assert meter.line.next_timeout() == 110
    assert meter.line.handle_timeout(109) == []
    assert meter.line.next_timeout() == 110
    assert meter.line.handle_timeout(110) == []
    assert meter.line.next_timeout() is None
    assert meter.ask("C002C1 00000002") == "C402C101000000020110"


def test_a_long_request_that_does_not_go_on_is_forgotten():
    meter = Meter(transfer_timeout=60).opened()
    meter.ask(f"C102C1 {STORE} 02 00 00 00000001 02 0904")
    meter.line.handle_timeout(60)
    assert meter.ask("C103C1 01 00000002 00") == "C503C11200000002"


# --- datagrams ---

PRESS = f"C301C1 {GAUGE} 01 00"


@pytest.mark.parametrize(
    "octets",
    [PRESS, f"C30181 {GAUGE} 01 00", f"C303C1 01 {GAUGE} 01 01 00", f"D9 40000001 00 01 03 {GAUGE} 01 01 0F00"],
    ids=["action", "unconfirmed", "list", "access"],
)
def test_a_datagram_that_comes_twice_has_its_effect_once(octets):
    meter = Meter(datagrams=True).opened()
    assert meter.ask(octets) == meter.ask(octets)
    assert meter.gauge.presses == 1
    meter.now = 10.5
    meter.ask(octets)
    assert meter.gauge.presses == 2


def test_another_invoke_id_is_another_request():
    meter = Meter(datagrams=True).opened()
    meter.ask(PRESS)
    meter.ask(PRESS.replace("C1 ", "C2 ", 1))
    assert meter.gauge.presses == 2


def test_on_a_stream_the_same_octets_are_another_request():
    meter = Meter().opened()
    assert meter.ask(PRESS) == meter.ask(PRESS)
    assert meter.gauge.presses == 2


def test_a_write_by_short_name_that_comes_twice_has_its_effect_once():
    meter = Meter(datagrams=True).opened(SHORT)
    for octets, answer in (("06 01 02 0128 01 0F00", "0D0100"), ("05 01 04 0128 00 0F00", "0C010000")):
        assert [meter.ask(octets, SHORT) for _ in range(2)] == [answer] * 2
    assert meter.gauge.presses == 2


def test_the_same_request_is_another_one_when_its_invoke_id_was_used_up():
    meter = Meter(datagrams=True).opened()
    for invoke in [*range(1, 16)] * 3:
        assert meter.ask(f"C301C{invoke:X} {GAUGE} 01 00") == f"C701C{invoke:X}0000"
    assert meter.gauge.presses == 45
    for value in (7, 8, 7, 8):
        assert meter.ask(f"C101C1 {GAUGE} 02 00 06 {value:08X}") == "C501C100"
        assert meter.gauge.value == value


def test_what_has_no_effect_is_done_again():
    meter = Meter(datagrams=True).opened()
    assert meter.ask(GET) == VALUE
    meter.gauge.value = 7
    assert meter.ask(GET) == "C401C10006" + "00000007"


def test_an_aarq_that_comes_twice_leaves_the_association_as_it_is():
    meter = Meter(datagrams=True)
    answer = meter.open(pdu=20)
    meter.store.contents = bytes(50)
    meter.ask(f"C001C1 {STORE} 02 00")
    assert meter.open(pdu=20) == answer
    assert meter.ask("C002C1 00000001").startswith("C402C10000000002")
    assert meter.open(pdu=30) == answer
    assert meter.association.send_limit == 30


def test_after_a_release_nothing_is_remembered():
    meter = Meter(datagrams=True).opened()
    meter.ask(PRESS)
    meter.ask("6200")
    assert meter.ask(PRESS) == "D80101"
    meter.open()
    assert meter.ask(PRESS) == "C701C10000"
    assert meter.gauge.presses == 2


def test_blocks_of_a_set_that_come_twice_and_late():
    meter = Meter(datagrams=True).opened()
    first, second = f"C102C1 {STORE} 02 00 00 00000001 02 0904", "C103C1 00 00000002 02 4142"
    third = "C103C1 01 00000003 02 4344"
    answers = [meter.ask(octets) for octets in (first, first, second, second, third, third)]
    assert answers == [*["C502C100000001"] * 2, *["C502C100000002"] * 2, *["C503C10000000003"] * 2]
    assert meter.store.contents == b"ABCD"


def test_datagrams_of_a_transfer_that_is_over_come_late():
    meter = Meter(datagrams=True).opened(pdu=20)
    meter.store.contents = bytes(30)
    first, second, last = (
        f"C102C1 {STORE} 02 00 00 00000001 02 0906",
        "C103C1 00 00000002 02 4142",
        "C103C1 01 00000003 04",
    )
    for octets in (first, second):
        meter.ask(octets)
    assert meter.ask(first) == "C502C100000001"
    assert meter.ask(last + "43444546") == "C503C10000000003"
    assert meter.ask(second) == "C502C100000002"
    other = f"C102C2 {STORE} 02 00 00 00000001 02 0903"
    assert meter.ask(other) == "C502C200000001"
    assert meter.ask(first) == "C502C100000001"
    assert meter.ask("C103C2 01 00000002 03 414243") == "C503C20000000002"
    assert meter.store.contents == b"ABC"


def test_late_blocks_of_an_action_do_not_end_its_answer():
    meter = Meter(datagrams=True).opened(pdu=20)
    first, last = f"C304C1 {GAUGE} 02 00 00000001 02 090A", "C306C1 01 00000002 0A 00010203040506070809"
    meter.ask(first)
    answer = meter.ask(last)
    assert answer.startswith("C702C10000000001")
    assert meter.ask(first) == "C704C100000001"
    assert meter.ask(last) == answer
    assert meter.ask("C302C1 00000001").startswith("C702C10100000002")


# --- unasked ---


def outgoing(body=b"\x11\x05", confirmed=False):
    return Outgoing(origin=Obis("0-0:25.9.0"), body=body, due=0, confirmed=confirmed)


ROUTE = Route(PUBLIC, 1)


def test_a_notification_needs_no_association():
    number, units = Meter().line.notify(ROUTE, outgoing(), 0)
    assert number == 1
    assert units == [Unit(ROUTE, bytes.fromhex("0F 00000001 00 1105"), False)]


def test_a_confirmed_notification_is_awaited():
    meter = Meter()
    mine = outgoing(confirmed=True)
    number, (unit,) = meter.line.notify(ROUTE, mine, 0)
    assert unit == Unit(ROUTE, bytes.fromhex("0F 40000001 00 1105"), False), "no link need be there to carry it"
    assert meter.line.awaited == {number: mine}
    assert meter.all("10 40000002 00") == []
    assert meter.line.awaited == {number: mine}
    assert meter.all("10 40000001 00") == []
    assert meter.line.awaited == {}
    assert meter.ask("10 4000") == "D80103"


def test_a_notification_must_have_been_negotiated():
    meter = Meter().opened(conformance=without(Conformance.data_notification, Conformance.event_notification))
    with pytest.raises(LocalError, match=r"data-notification was not negotiated with client 16, server 1"):
        meter.line.notify(ROUTE, outgoing(), 0)
    with pytest.raises(LocalError, match=r"event-notification"):
        meter.line.event(ROUTE, bytes.fromhex(f"{GAUGE} 02"), b"\x00", 0)
    with pytest.raises(LocalError, match=r"information-report"):
        meter.line.report(ROUTE, [(1, b"\x00")], 0)


def test_events_and_reports():
    meter = Meter().opened()
    (event,) = meter.line.event(ROUTE, bytes.fromhex(f"{GAUGE} 02"), b"\x11\x05", 0)
    assert event == Unit(ROUTE, bytes.fromhex(f"C2 00 {GAUGE} 02 1105"), False)
    meter.open(SHORT)
    (report,) = meter.line.report(Route(SHORT, 1), [(0x0108, b"\x11\x05")], 0)
    assert report.apdu == bytes.fromhex("18 00 01 02 0108 01 1105")


def test_a_long_notification_goes_in_blocks_that_nobody_acknowledges():
    meter = Meter().opened(pdu=30)
    body = b"\x09\x50" + bytes(80)
    _, units = meter.line.notify(ROUTE, outgoing(body), 0)
    assert all(len(unit.apdu) <= 30 and not unit.confirmed for unit in units)
    blocks = [apdu.decode(unit.apdu) for unit in units]
    (joined,) = join_blocks((block.control, block.number, block.data) for block in blocks)
    assert joined == bytes.fromhex("0F 00000001 00") + body
    assert [block.window for block in blocks] == [0] * len(blocks)


def test_a_long_notification_without_blocks_is_our_mistake():
    meter = Meter().opened(pdu=30, conformance=without(Conformance.general_block_transfer))
    with pytest.raises(LocalError, match="87 octets are more than the 30"):
        meter.line.notify(ROUTE, outgoing(b"\x09\x4f" + bytes(79)), 0)


# --- total ---

REQUESTS = [
    bytes.fromhex(octets)
    for octets in (
        GET,
        f"C001C1 {STORE} 02 00",
        f"C001C1 {GAUGE} 00 01 01 1105",
        "C002C1 00000001",
        f"C003C1 02 {GAUGE} 02 00 {STORE} 02 00",
        f"C101C1 {GAUGE} 02 00 06 00000007",
        f"C101C1 {STORE} 03 00 0101 0202 120001 120002",
        f"C102C1 {STORE} 02 00 00 00000001 02 0904",
        "C103C1 01 00000002 02 4142",
        f"C104C1 02 {GAUGE} 02 00 {GAUGE} 00 00 02 00 0205 0000000000",
        f"C105C1 01 {STORE} 02 00 01 00000001 03 01 0900",
        f"C301C1 {GAUGE} 02 01 0902 4142",
        f"C303C1 02 {GAUGE} 01 {GAUGE} 05 02 00 0F00",
        f"C304C1 {GAUGE} 02 00 00000001 02 0902",
        "C306C1 01 00000002 02 4142",
        "C302C1 00000001",
        f"D9 40000001 00 03 01 {GAUGE} 02 02 {GAUGE} 03 03 {GAUGE} 02 03 00 0901 41 0901 41",
        "05 02 02 0108 04 0108 01 1105",
        "05 01 05 0001",
        "06 02 02 0108 02 0110 02 06 00000007 0901 41",
        "06 01 07 01 0001 01 0907 01 02 0110 01 0900",
        "16 01 02 0110 01 0901 41",
        "E0 83 0001 0000 0D C001C1 2008 0100010800FF 02 00",
        "10 40000001 00",
        "6200",
        "6203800100",
        "C8 1E 30 01234567 411312FF",
        aarq(),
        aarq(pdu=20),
    )
]
CLIENTS = st.sampled_from([PUBLIC, LOW, SHORT, STANDING, LISTED, 99])


@st.composite
def mutated(draw):
    """A good request, with some octets changed, cut off or put in."""
    octets = bytearray(draw(st.sampled_from(REQUESTS)))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, max(len(octets) - 1, 0)))
        how = draw(st.integers(0, 3))
        if how == 0 and octets:
            octets[at] = draw(st.integers(0, 255))
        elif how == 1:
            octets[at:at] = draw(st.binary(max_size=3))
        elif how == 2:
            del octets[at:]
    return bytes(octets)


def total(meter, told):
    """Whatever is told, nothing is raised, and no answer is longer than the client takes."""
    for client, octets in told:
        route = Route(client, 1)
        answers = meter.line.answer(Unit(route, octets), meter.now)
        association = meter.line.associations.get(route)
        if octets[:1] != b"\x60" and association is not None:
            assert all(len(unit.apdu) <= association.send_limit for unit in answers)
        meter.now += 1.0
        meter.line.next_timeout()
    assert meter.server.associations == len(meter.line.associations)
    assert not any(client == 99 for client in meter.line.associations)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(CLIENTS, mutated()), max_size=12), st.integers(12, 60), st.booleans())
def test_it_is_total_for_requests_that_are_nearly_right(told, pdu, datagrams):
    meter = Meter(datagrams=datagrams, most_transfer=5000)
    meter.store.contents = bytes(range(100))
    for client in (PUBLIC, LOW, SHORT):
        meter.open(client, pdu=pdu)
    total(meter, told)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(CLIENTS, st.binary(max_size=60)), max_size=8))
def test_it_is_total_for_noise(told):
    meter = Meter().opened(pdu=12)
    total(meter, told)


KINDS = [cls for head, cls in sorted(apdu.APDUS.items()) if head[0] not in (0x61, 0x60, 0x62, 0x63)]


@settings(max_examples=300, deadline=None)
@given(st.data(), st.integers(12, 60))
def test_it_is_total_for_every_apdu_there_is(data, pdu):
    meter = Meter(most_transfer=5000)
    for client in (PUBLIC, SHORT):
        meter.open(client, conformance=BOTH, pdu=pdu)
    clients = st.sampled_from([PUBLIC, SHORT])
    kinds = data.draw(st.lists(st.tuples(clients, st.sampled_from(KINDS)), max_size=6))
    total(meter, [(client, data.draw(of_class(cls)).encode()) for client, cls in kinds])


def test_hex_is_compared_without_blanks():
    assert hexed(GET) == GET.replace(" ", "")


class Ticker(InterfaceClass, class_id=0x2043):
    """Ticker: counts the tens of seconds since it began."""

    value = attribute(2, UNSIGNED)

    def set_up(self):
        self.due = 10.0

    def next_due(self):
        return self.due

    def run(self, now):
        self.due += 10
        self.put(2, self.value + 1, now)
        if self.value == 3:
            raise ZeroDivisionError("our own mistake")


def ticking():
    meter = Meter()
    device = meter.server.device.management
    device.add(Ticker("0-0:96.9.9"))
    profile = msgspec.structs.replace(
        device.associations[PUBLIC],
        rights={**device.associations[PUBLIC].rights, Obis("0-0:96.9.9"): Rights({2: READ})},
    )
    device.associations[PUBLIC] = profile
    return meter.opened()


def ticks(meter, now):
    (unit,) = meter.line.answer(Unit(Route(PUBLIC, 1), bytes.fromhex("C001C1 2043 0000600909FF 02 00")), now)
    return unit.apdu.hex().upper()


def test_time_passes_in_the_device_before_it_answers():
    meter = ticking()
    assert [ticks(meter, now) for now in (9.9, 10, 29)] == ["C401C1001100", "C401C1001101", "C401C1001102"]
    assert not meter.server.faults


def test_a_mistake_of_an_object_while_time_passes_is_kept_and_the_client_answered():
    meter = ticking()
    assert ticks(meter, 35) == "C401C1001103"
    assert [(what, type(error)) for what, error in meter.server.faults] == [("advance to 35", ZeroDivisionError)]
    assert ticks(meter, 45) == "C401C1001104"
    assert len(meter.server.faults) == 1
