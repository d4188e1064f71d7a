"""What layers say on the way in: said first stays, said twice is told once."""

from __future__ import annotations

import pytest

from anymeter.bridge.reading import Meaning, Meter, Reading, Security
from anymeter.decoding.outcome import Outcome, kebab


def test_layers_in_order_and_once():
    outcome = Outcome("hdlc")
    for name in ("get-response-normal", "get-response-normal", "data", "hdlc"):
        outcome.layer(name)
    assert outcome.last_layer == "data"
    assert outcome.message("dlms").layers == ("hdlc", "get-response-normal", "data")
    assert Outcome().last_layer == ""


def test_a_sender_keeps_what_was_said_first():
    outcome = Outcome()
    outcome.sender(id="1", manufacturer=None)
    outcome.sender(id="2", manufacturer="KAM", version=0)
    assert outcome.meter == Meter("1", "KAM", 0)


def test_a_sender_that_says_nothing_is_none():
    outcome = Outcome()
    outcome.sender(id=None)
    assert outcome.meter is None


@pytest.mark.parametrize(
    ("title", "meter"),
    [
        (b"KAM\x00\x00\x00\x00\x01", Meter("4B414D0000000001", "KAM")),
        (b"\x00\x01\x02\x03\x04\x05\x06\x07", Meter("0001020304050607")),
        (b"", None),
        (None, None),
    ],
)
def test_a_system_title_introduces(title, meter):
    outcome = Outcome()
    outcome.introduce(title)
    assert outcome.message("dlms").meter == meter


def test_a_number_of_its_own_goes_before_the_title():
    outcome = Outcome()
    outcome.introduce(b"KAM\x00\x00\x00\x00\x01")
    outcome.sender(id="7359990000000017")
    assert outcome.message("dlms").meter == Meter("7359990000000017", "KAM")


@pytest.mark.parametrize(
    ("layers", "wanted"),
    [
        ([(5, True)], Security(5, True)),
        ([(13, True), (5, True)], Security(13, True)),
        ([(5, True), (48, False)], Security(5, False)),
        ([(5, False), (48, True)], Security(5, False)),
        ([], None),
    ],
)
def test_a_message_is_verified_when_each_of_its_layers_is(layers, wanted):
    outcome = Outcome()
    for layer in layers:
        outcome.protected(*layer)
    assert outcome.message("mbus").security == wanted


def test_readings_stay_in_order_and_empty_octets_are_nothing():
    outcome = Outcome()
    one, two = Reading(Meaning(name="one"), 1), Reading(Meaning(name="two"), 2)
    outcome.add([one])
    outcome.add([two], [b"", b"\x01"])
    outcome.add([], [b"\x02"])
    message = outcome.message("mbus")
    assert message.readings == (one, two)
    assert message.undecoded == (b"\x01", b"\x02")


def test_a_status_is_told_once():
    outcome = Outcome()
    outcome.status += ("power-low", "alarm", "power-low")
    assert outcome.message("mbus").status == ("power-low", "alarm")
    assert Outcome().message("mbus").status == ()


@pytest.mark.parametrize(
    ("name", "layer"),
    [("GetResponseNormal", "get-response-normal"), ("Aare", "aare"), ("GeneralGloCiphering", "general-glo-ciphering")],
)
def test_class_names_as_layers(name, layer):
    assert kebab(name) == layer
