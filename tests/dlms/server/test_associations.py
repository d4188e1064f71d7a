"""Associations: granted, refused with every diagnostic in the order the server decides, released."""

import pytest

from anymeter.cosem.associations import AssociationProfile
from anymeter.cosem.enums import ApplicationContext, Conformance
from anymeter.dlms import apdu
from anymeter.dlms.enums import AssociationResult, ProviderDiagnostic, UserDiagnostic
from anymeter.dlms.server import associations
from anymeter.dlms.server.associations import conformance_of
from anymeter.links.events import Route, Unit
from dlms_meter import (
    BOTH,
    CIPHERED,
    GAUGE,
    HIGH,
    LISTED,
    LOW,
    PUBLIC,
    SHORT,
    STANDING,
    STORE,
    TITLE,
    Meter,
    aarq,
    hexed,
    name_of,
    said,
)

# The examples that spec 02 section 2 prints (Green Book), with what this meter negotiates.
EXAMPLE = "60 1D A1 09 06 07 60857405080101 BE 10 04 0E 01 00 00 00 06 5F1F04 00 007E1F 04B0"
LLS_CIPHERED = (
    "6066 A109060760857405080103 A60A0408 4D4D4D0000BC614E 8A020780 8B0760857405080201 AC0A8008 3132333435363738"
    "BE34 0432 2130 30 01234567 801302FF8A7874133D414CED25B42534D28DB0047720606B175BD52211BE6841DB204D39EE6FDB8E356855"
)
HLS = (
    "6036 A109060760857405080101 8A020780 8B0760857405080205 AC0A8008 4B35366956616759"
    "BE10040E01000000065F1F0400007E1F04B0"
)


def refusal(result, diagnostic, error="", context=1, by="A1"):
    """The AARE that says no, in hex."""
    body = f"{name_of(context)}A20302010{result}A305{by}030201{diagnostic:02X}{said(error)}"
    return f"61{len(body) // 2:02X}{body}"


def test_the_example_of_an_association_without_security():
    meter = Meter(conformance=0x00501F, pdu=500)
    answer = hexed(
        "61 29 A109060760857405080101 A203020100 A305A103020100 BE10 040E 08 00 06 5F1F04 00 00501F 01F4 0007"
    )
    assert meter.ask(EXAMPLE) == answer
    assert (meter.association.conformance, meter.association.send_limit) == (0x00501F, 1200)


def test_the_example_of_a_wrong_context():
    """The server tells the context it would take."""
    assert Meter().ask(EXAMPLE.replace("60857405080101", "60857405080102")) == refusal(1, 2)
    assert Meter().ask(EXAMPLE, SHORT) == refusal(1, 2, context=2)


def test_the_example_of_a_version_too_low():
    answer = hexed("611F A109060760857405080101 A203020101 A305A103020101 BE06 0404 0E010601")
    assert Meter().ask(EXAMPLE.replace("00 00 00 06", "00 00 00 05")) == answer


def test_the_example_of_a_ciphered_initiate_without_keys():
    """Nothing deciphers it here: application-reference, deciphering-error."""
    meter = Meter()
    assert meter.ask(LLS_CIPHERED, CIPHERED) == refusal(1, 11, context=3)
    no_mechanism = LLS_CIPHERED.replace("8A020780 8B0760857405080201 AC0A8008 3132333435363738", "").replace(
        "6066", "604D"
    )
    assert meter.ask(no_mechanism, CIPHERED) == refusal(1, 1, "0E010006", context=3)


def test_the_example_of_a_high_level_mechanism_that_is_not_known():
    assert Meter().ask(HLS, HIGH) == refusal(1, 11)


# --- negotiation ---


def test_conformance_is_what_both_have():
    meter = Meter(conformance=int(Conformance.get | Conformance.action | Conformance.read))
    answer = apdu.decode(bytes.fromhex(meter.open(conformance=int(Conformance.get | Conformance.set))))
    assert apdu.decode(answer.user_information).conformance == Conformance.get


@pytest.mark.parametrize(
    ("client", "vaa_name", "some", "other"), [(PUBLIC, 7, "get", "read"), (SHORT, 0xFA00, "read", "get")]
)
def test_a_context_has_only_its_own_services(client, vaa_name, some, other):
    answer = apdu.decode(bytes.fromhex(Meter().open(client)))
    initiate = apdu.decode(answer.user_information)
    assert initiate.vaa_name == vaa_name
    assert Conformance[some] in initiate.conformance
    assert Conformance[other] not in initiate.conformance


def test_the_conformance_of_a_profile_is_masked():
    both = int(Conformance.get | Conformance.read | Conformance.general_block_transfer)
    logical = AssociationProfile(name="", client=1, conformance=both)
    short = AssociationProfile(name="", client=1, conformance=both, context=ApplicationContext.short_names_ciphered)
    assert conformance_of(logical) == Conformance.get | Conformance.general_block_transfer
    assert conformance_of(short) == Conformance.read | Conformance.general_block_transfer


@pytest.mark.parametrize(("theirs", "limit"), [(0, 65535), (12, 12), (1200, 1200), (65535, 65535)])
def test_the_pdu_size_is_the_clients(theirs, limit):
    meter = Meter().opened(pdu=theirs)
    assert meter.association.send_limit == limit


def test_the_pdu_size_is_at_most_what_the_server_sends():
    meter = Meter()
    profile = AssociationProfile(name="small", client=9, max_send_pdu=200, max_receive_pdu=300)
    meter.logical.associations[9] = profile
    answer = meter.ask(aarq(pdu=0), 9)
    assert answer.endswith("012C0007")
    assert meter.association.send_limit == 200


@pytest.mark.parametrize(
    ("initiate", "error"),
    [
        (f"01000000055F1F0400{BOTH:06X}0400", "0E010601"),
        ("01000000065F1F04000000000400", "0E010602"),
        (f"01000000065F1F0400{BOTH:06X}000B", "0E010603"),
        (f"01000000065F1F0400{BOTH:06X}0001", "0E010603"),
        ("", "0E010600"),
        ("01000000", "0E010600"),
        ("C001C1", "0E010600"),
        ("21 05 30 01234567", "0E010006"),
    ],
    ids=["version", "conformance", "11 octets", "1 octet", "none", "cut short", "another APDU", "ciphered"],
)
def test_an_initiate_that_cannot_be_granted(initiate, error):
    meter = Meter()
    assert meter.ask(aarq(initiate=initiate)) == refusal(1, 1, error)
    assert not meter.line.associations


def test_newer_versions_and_dedicated_keys_are_taken():
    octets = f"01 01 10 00112233445566778899AABBCCDDEEFF 00 00 07 5F1F0400 {BOTH:06X} 0400"
    answer = apdu.decode(bytes.fromhex(Meter().ask(aarq(initiate=octets))))
    assert answer.result == AssociationResult.accepted
    assert apdu.decode(answer.user_information).version == 6


def test_the_old_form_of_the_conformance_is_read():
    assert Meter().ask(aarq(initiate=f"01000000065F0400{BOTH:06X}0400")).startswith("6129")


# --- who asks ---


def test_an_unknown_client_or_device_is_told_no_reason():
    meter = Meter()
    assert meter.ask(aarq(), 99) == refusal(1, 1)
    assert meter.ask(aarq(), PUBLIC, server=2) == refusal(1, 1)
    assert meter.ask(aarq(), PUBLIC, server=3) == refusal(1, 1)


def test_no_common_version_of_acse():
    meter = Meter()
    assert meter.ask(aarq(extra="80020780"))[:4] == "6129"
    for version in ("80020640", "800107", "8000"):
        assert meter.ask("60" + f"{len(version) // 2 + 29:02X}" + version + aarq()[4:]) == refusal(1, 2, by="A2")
    assert meter.ask("6021" + "80020640" + aarq()[4:], 99) == refusal(1, 2, by="A2")


def test_the_two_sources_of_a_diagnostic_are_told_apart():
    """1 of the user and 1 of the provider are the same number and different elements."""
    meter = Meter()
    user = apdu.decode(bytes.fromhex(meter.ask(aarq(), 99)))
    provider = apdu.decode(bytes.fromhex(meter.ask("6021" + "80020640" + aarq()[4:], 99)))
    assert isinstance(user.diagnostic, UserDiagnostic)
    assert isinstance(provider.diagnostic, ProviderDiagnostic)


@pytest.mark.parametrize("context", [1, 2, 4, 0, 9])
def test_a_context_that_is_not_that_of_the_client(context):
    assert Meter().ask(aarq(context=context), CIPHERED) == refusal(1, 2, context=3)


def test_a_name_that_is_none_of_dlms():
    assert Meter().ask("6009 A107 0605 2801020304") == refusal(1, 2)
    assert Meter().ask("6009 A107 0605 2801020304", 99) == refusal(1, 1)
    assert Meter().ask(aarq(context=4), 99) == refusal(1, 1, context=4)


@pytest.mark.parametrize("title", ["", "A6090407" + "41" * 7, "A6020400"])
def test_a_ciphered_context_needs_a_system_title(title):
    assert Meter().ask(aarq(context=3, extra=title), CIPHERED) == refusal(1, 3, context=3)


def test_a_ciphered_context_without_ciphering_is_granted_with_our_title():
    answer = apdu.decode(bytes.fromhex(Meter().open(CIPHERED)))
    assert answer.result == AssociationResult.accepted
    assert answer.responding_ap_title == TITLE


@pytest.mark.parametrize("user", ["", "A903020108"])
def test_users_that_are_listed(user):
    assert Meter().ask(aarq(extra=user), LISTED) == refusal(1, 6)


def test_a_user_that_is_listed_is_kept():
    assert Meter().opened(LISTED).association.user == 7
    meter = Meter()
    meter.ask(aarq(extra="A903020109"))
    assert meter.association.user == 9


def test_a_password():
    meter = Meter()
    answer = f"6129 {name_of(1)} A203020100 A305A103020100 BE10040E 0800065F1F0400"
    assert meter.open(LOW).startswith(hexed(answer))
    wrong = "8A0207808B0760857405080201AC0A80083132333435363739"
    assert meter.server.associations == 1
    assert meter.ask(aarq(extra=wrong), LOW) == refusal(1, 13)
    assert not meter.line.associations


def test_the_password_of_the_association_object_is_the_one_in_force():
    meter = Meter()
    meter.object("0-0:40.0.1").secret = b"changed!"
    assert meter.open(LOW) == refusal(1, 13)
    assert meter.ask(aarq(extra="8A0207808B0760857405080201AC0A8008" + b"changed!".hex()), LOW).startswith("6129")


def test_context_comes_before_mechanism_and_mechanism_before_initiate():
    meter = Meter()
    assert meter.ask(aarq(context=2, initiate=""), LOW) == refusal(1, 2)
    assert meter.ask(aarq(initiate=""), LOW) == refusal(1, 12)
    assert meter.ask(aarq(pdu=1), LOW) == refusal(1, 12)


# --- how many, how long ---


def test_too_many_are_turned_away_for_the_time_being():
    meter = Meter(most_associations=2)
    other = meter.server.line()
    meter.open()
    meter.open(LISTED)
    assert meter.server.associations == 2
    assert meter.open(LOW) == refusal(2, 1)
    assert meter.open(LISTED).startswith("6129")
    assert meter.open(LOW) == refusal(2, 1)
    meter.line.closed(Route(LISTED, 1), 0)
    assert meter.open(LOW).startswith("6129")
    assert not other.associations


def test_several_associations_on_one_line():
    meter = Meter()
    for client in (PUBLIC, LOW, SHORT, CIPHERED, LISTED):
        assert meter.open(client).startswith("61")
    assert meter.server.associations == 5
    assert meter.ask(f"C001C1 {GAUGE} 02 00", LOW) == "C401C10006" + "00001391"
    assert meter.ask("05 01 02 0108", SHORT) == "0C010006" + "00001391"


def test_asked_again_an_open_association_is_released_before():
    meter = Meter().opened(pdu=100)
    meter.opened(pdu=200)
    assert meter.association.send_limit == 200
    assert meter.server.associations == 1
    assert meter.ask(aarq(context=2)) == refusal(1, 2)
    assert meter.server.associations == 0


def test_what_is_no_aarq_releases_nothing():
    meter = Meter().opened()
    for octets in ("60", "6001", "600AA109060760857405080101"[:20], "60020000"):
        assert meter.ask(octets) == "D80103"
    assert meter.server.associations == 1


# --- release ---


@pytest.mark.parametrize("octets", ["6203800100", "6200", "620380011E", "6203800101"])
def test_a_release_is_answered(octets):
    meter = Meter().opened()
    assert meter.ask(octets) == "6303800100"
    assert meter.ask(f"C001C1 {GAUGE} 02 00") == "D80101"
    assert meter.server.associations == 0


def test_a_release_without_an_association_is_answered_too():
    assert Meter().ask("6203800100") == "6303800100"


def test_what_is_no_release_releases_nothing():
    meter = Meter().opened()
    for octets in ("62", "6205800100", "62038001", "620380010000"):
        assert meter.ask(octets) == "D80103"
    assert meter.server.associations == 1


# --- without an answer, without a question ---

QUIET = f"0100010000065F1F0400{BOTH:06X}0400"


def test_an_unconfirmed_association_never_answers():
    meter = Meter()
    assert meter.ask(aarq(initiate=QUIET)) == ""
    assert meter.server.associations == 1
    assert meter.ask(f"C30181 {GAUGE} 01 00") == ""
    assert meter.ask(f"C301C1 {GAUGE} 01 00") == ""
    assert meter.ask(f"C001C1 {GAUGE} 02 00") == ""
    assert meter.gauge.presses == 2
    assert meter.ask("6200") == ""
    assert meter.server.associations == 0


def test_an_unconfirmed_association_is_not_refused_aloud_either():
    meter = Meter()
    assert meter.ask(aarq(initiate=QUIET, context=2)) == ""
    assert meter.ask(aarq(initiate=QUIET.replace("065F", "055F"))) == ""
    assert meter.server.associations == 0


def test_a_standing_association_is_there_without_being_asked_for():
    meter = Meter()
    assert meter.ask(f"C001C1 {GAUGE} 02 00", STANDING) == "C401C10006" + "00001391"
    assert meter.server.associations == 1


def test_standing_associations_count_too():
    meter = Meter(most_associations=2)
    ask = f"C001C1 {GAUGE} 02 00"
    routes = [Route(STANDING, 1, physical) for physical in range(3)]
    answers = [meter.line.answer(Unit(route, bytes.fromhex(ask)), 0)[0].apdu[:1] for route in routes]
    assert answers == [b"\xc4", b"\xc4", b"\xd8"]
    meter.line.closed(routes[0], 0)
    assert meter.line.answer(Unit(routes[2], bytes.fromhex(ask)), 0)[0].apdu[:1] == b"\xc4"


def test_what_a_unit_without_connection_opens_is_closed_again():
    """UI frames come from any address, and no link tells that their sender is gone."""
    meter = Meter()
    octets = bytes.fromhex(f"C10181 {GAUGE} 02 00 06 00000007")
    for physical in range(100):
        assert meter.line.answer(Unit(Route(STANDING, 1, physical), octets, False), 0) == []
    assert meter.gauge.value == 7
    assert meter.server.associations == 0
    meter.line.answer(Unit(Route(STANDING, 1), octets), 0)
    assert meter.line.answer(Unit(Route(STANDING, 1), octets, False), 0) == []
    assert meter.server.associations == 1
    first = bytes.fromhex(f"C10281 {STORE} 02 00 00 00000001 02 0902")
    last = bytes.fromhex("C10381 01 00000002 02 4142")
    route = Route(STANDING, 1, 5)
    assert meter.line.answer(Unit(route, first, False), 0) == meter.line.answer(Unit(route, last, False), 0) == []
    assert meter.store.contents == b"AB"


def test_a_standing_association_can_neither_be_asked_for_nor_released():
    meter = Meter()
    assert meter.ask(aarq(), STANDING) == refusal(1, 1)
    assert meter.ask("6200", STANDING) == "6303800101"
    meter.ask(f"C001C1 {GAUGE} 02 00", STANDING)
    assert meter.ask("6203800100", STANDING) == "6303800101"
    assert meter.ask(f"C001C1 {GAUGE} 02 00", STANDING) == "C401C10006" + "00001391"


def test_the_association_object_shows_its_status():
    meter = Meter()
    card = meter.object("0-0:40.0.1")
    assert card.association_status == 0
    meter.open()
    assert card.association_status == 2
    meter.ask("6200")
    assert card.association_status == 0


def test_passwords_are_not_remembered():
    secret, plain = bytes.fromhex(HLS), bytes.fromhex(EXAMPLE)
    assert associations._parsed(plain) is associations._parsed(plain)
    assert associations._parsed(secret) is not associations._parsed(secret)
    keyed = bytes.fromhex("01 01 10" + "00" * 16 + "000006 5F1F0400 007E1F 04B0")
    assert associations._proposal(keyed) is not associations._proposal(keyed)
