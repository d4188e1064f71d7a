"""ACCESS at the server: several services in one request."""

import pytest

from anymeter.cosem.enums import Conformance
from anymeter.dlms import apdu
from dlms_meter import GAUGE, GUARDED, STORE, Meter, hexed, without


@pytest.fixture
def meter():
    return Meter().opened()


def test_get_set_and_action_in_order(meter):
    asked = f"D9 40000001 00 04 01 {GAUGE} 02 02 {GAUGE} 03 03 {GAUGE} 01 01 {GAUGE} 05 04 00 0901 41 0F00 00"
    answered = "DA 40000001 00 00 04 06 00001391 00 00 1101 04 01 00 02 00 03 00 01 00"
    assert meter.ask(asked) == hexed(answered)
    assert meter.gauge.note == b"A"


def test_a_method_returns_a_value(meter):
    asked = f"D9 40000001 00 01 03 {GAUGE} 02 01 0901 41"
    assert meter.ask(asked) == hexed("DA 40000001 00 00 01 0902 4141 01 03 00")


def test_selections(meter):
    asked = f"D9 40000001 00 03 04 {GAUGE} 02 01 1105 04 {GAUGE} 02 09 00 05 {GAUGE} 02 01 00 03 00 00 06 00000007"
    assert meter.ask(asked) == hexed("DA 40000001 00 00 03 0902 1105 00 00 03 01 00 01 0D 02 0D")


def test_a_self_descriptive_answer_repeats_what_was_asked(meter):
    asked = f"D9 50000001 00 02 01 {GAUGE} 02 05 {GAUGE} 02 01 00 02 00 00"
    answered = f"DA 50000001 00 01 02 01 {GAUGE} 02 05 {GAUGE} 02 01 00 02 06 00001391 00 02 01 00 02 0D"
    assert meter.ask(asked) == hexed(answered)


FAILING = f"00 03 01 {GAUGE} 09 03 {GAUGE} 01 01 {GAUGE} 02 03 00 0F00 00"


def test_without_break_every_service_is_done(meter):
    assert meter.ask(f"D9 40000002 {FAILING}") == hexed("DA 40000002 00 00 03 00 00 06 00001391 03 0104 0300 0100")
    assert meter.gauge.presses == 1


def test_break_on_error_does_nothing_after_the_first_failure(meter):
    assert meter.ask(f"D9 60000002 {FAILING}") == hexed("DA 60000002 00 00 03 00 00 00 03 0104 03FA 01FA")
    assert meter.gauge.presses == 0


def test_a_time_may_be_told(meter):
    asked = f"D9 40000001 0C 07E4060A03100F2D0AFF8880 01 01 {GAUGE} 02 01 00"
    assert meter.ask(asked) == hexed("DA 40000001 00 00 01 06 00001391 01 01 00")


def test_an_unconfirmed_request_is_done_and_not_answered(meter):
    assert meter.ask(f"D9 00000001 00 01 03 {GAUGE} 01 01 0F00") == ""
    assert meter.gauge.presses == 1


def test_as_many_data_as_specifications(meter):
    assert meter.ask(f"D9 40000001 00 02 01 {GAUGE} 02 03 {GAUGE} 01 01 00") == "D80103"
    assert meter.gauge.presses == 0


def test_rights_hold_here_too():
    meter = Meter().opened(GUARDED)
    asked = f"D9 40000001 00 03 01 {GAUGE} 02 02 {GAUGE} 02 03 {GAUGE} 01 03 00 06 00000007 00"
    assert meter.ask(asked, GUARDED) == hexed("DA 40000001 00 00 03 00 00 00 03 0103 0203 0303")


def test_what_was_not_negotiated_is_refused():
    meter = Meter().opened(conformance=without(Conformance.access))
    assert meter.ask(f"D9 40000001 00 01 01 {GAUGE} 02 01 00") == "D80102"


def test_an_answer_too_long_goes_in_general_blocks():
    meter = Meter().opened(pdu=50)
    meter.store.contents = bytes(100)
    first = apdu.decode(meter.send(bytes.fromhex(f"D9 40000001 00 01 01 {STORE} 02 01 00"))[0])
    assert (first.control, first.number, first.acknowledged) == (0x0A, 1, 0)
    assert first.data == bytes.fromhex("DA 40000001 00 00 01 0964") + bytes(33)


def test_without_general_blocks_it_is_refused():
    meter = Meter().opened(pdu=50, conformance=without(Conformance.general_block_transfer))
    meter.store.contents = bytes(100)
    assert meter.ask(f"D9 40000001 00 01 01 {STORE} 02 01 00") == "D80104"


def test_without_general_blocks_nothing_is_done_for_an_answer_that_never_fits():
    meter = Meter().opened(pdu=18, conformance=without(Conformance.general_block_transfer))
    press = f"03 {GAUGE} 01"
    assert meter.ask(f"D9 40000001 00 04 {press * 4} 04" + "0F00" * 4) == "D80104"
    assert meter.gauge.presses == 0
    assert meter.ask(f"D9 40000001 00 03 {press * 3} 03" + "0F00" * 3) == hexed(
        "DA40000001 00 00 03 000000 03" + "0300" * 3
    )
    assert meter.gauge.presses == 3


def test_values_that_are_too_long_together_are_aborted():
    meter = Meter(most_transfer=100).opened()
    meter.store.contents = bytes(40)
    asked = f"01 {STORE} 02" * 3 + f"02 {GAUGE} 02 03 {GAUGE} 01 03 {GAUGE} 02 01 {GAUGE} 02"
    answer = meter.ask(f"D9 40000001 00 07 {asked} 07 00 00 00 06 00000007 0F00 0901 41 00")
    whole = "0928" + "00" * 40
    assert answer == hexed(f"DA 40000001 00 00 07 {whole} {whole} 00 00 00 00 00 07 0100 0100 010F 0200 0300 030F 010F")
    assert (meter.gauge.value, meter.gauge.presses) == (7, 1)


@pytest.mark.parametrize("octets", ["D9", "D9 40000001", "D9 40000001 00 01 06 00 01 00", "D9 40000001 00 84FFFFFFFF"])
def test_what_is_no_access_is_refused(meter, octets):
    assert meter.ask(octets) == "D80103"
