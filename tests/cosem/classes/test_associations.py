"""Association LN: its object list whole and in part, what was agreed on, secrets, objects and users."""

import pytest

from anymeter.cosem.access import ACCESS, AUTHENTICATED_REQUEST, ENCRYPTED_REQUEST, READ, READ_WRITE, Rights
from anymeter.cosem.associations import AssociationProfile
from anymeter.cosem.classes.associations import AssociationLn, AssociationLnV1, AssociationLnV2, AssociationLnV3
from anymeter.cosem.data import parse
from anymeter.cosem.enums import ApplicationContext, Mechanism
from anymeter.cosem.values import BitString
from anymeter.obis import Obis
from cosem.classes.surroundings import CLOCK, PROBE, SCRIPTS, Probe, device, refused

OWN = Obis("0-0:40.0.2*255")
ALL = [AssociationLn, AssociationLnV1, AssociationLnV2, AssociationLnV3]
RIGHTS = {
    Obis(CLOCK): Rights({1: READ, 2: READ_WRITE}, {1: ACCESS}),
    PROBE: Rights({2: READ | AUTHENTICATED_REQUEST}, {1: ACCESS | ENCRYPTED_REQUEST}, {2: (1, 2)}),
    OWN: Rights({2: READ}, {}, {2: (1, 2, 3, 4)}),
}


def association(kind=AssociationLnV1, **more):
    one = kind(OWN)
    profile = AssociationProfile(
        **{
            "name": "reader",
            "client": 32,
            "context": ApplicationContext.logical_names_ciphered,
            "mechanism": Mechanism.low_level,
            "secret": b"12345678",
            "conformance": 0x00101D,
            "max_receive_pdu": 512,
            "max_send_pdu": 700,
            "object_name": OWN,
            "rights": RIGHTS,
            "users": ((1, "reader"), (2, "fitter")),
            **more,
        }
    )
    found = device(one, associations=[profile])
    return found, one


def test_the_object_list_shows_what_the_association_sees():
    _, one = association()
    entries = parse(one.encoded(2, 0))
    assert [(class_id, Obis(name)) for class_id, _, name, _ in entries] == [(8, Obis(CLOCK)), (8500, PROBE), (15, OWN)]
    attributes, methods = entries[0][3]
    assert attributes[:3] == [(1, 1, None), (2, 3, None), (3, 0, None)]
    assert len(attributes) == 9
    assert methods == [(1, 1), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0)]
    assert entries[1][3] == ([(1, 0, None), (2, 4, [1, 2]), (3, 0, None)], [(1, 2), (2, 0)])
    assert entries[2][:2] == (15, 1)
    assert parse(one.encoded(2, 0)) == one.get(2, 0)


def test_the_modes_of_the_versions():
    rights = {kind: parse(association(kind)[1].encoded(2, 0))[1][3] for kind in ALL}
    assert rights[AssociationLn] == ([(1, 0, None), (2, 4, [1, 2]), (3, 0, None)], [(1, True), (2, False)])
    assert rights[AssociationLnV1] == rights[AssociationLnV2]
    assert rights[AssociationLnV3] == ([(1, 0, None), (2, 5, [1, 2]), (3, 0, None)], [(1, 9), (2, 0)])


def test_parts_of_the_object_list():
    _, one = association()
    whole = one.get(2, 0)
    by_name = bytes.fromhex("0202 122134 0906".replace(" ", "")) + PROBE
    assert parse(one.select(2, 1, b"\x00", 0)) == [(*entry[:3], ([], [])) for entry in whole]
    assert parse(one.select(2, 2, bytes.fromhex("010112000F"), 0)) == whole[2:]
    assert parse(one.select(2, 2, bytes.fromhex("0100"), 0)) == []
    assert parse(one.select(2, 3, b"\x01\x01" + by_name, 0)) == whole[1:2]
    assert parse(one.select(2, 4, by_name, 0)) == whole[1:2]


def test_selections_that_are_refused():
    _, one = association()
    assert refused(lambda: one.select(2, 5, b"\x00", 0)) == 13
    assert refused(lambda: one.select(3, 1, b"\x00", 0)) == 13
    assert refused(lambda: one.select(2, 2, b"\x00", 0)) == 12
    assert refused(lambda: one.select(2, 4, bytes.fromhex("0201120001"), 0)) == 12


def test_what_was_agreed_on():
    _, one = association()
    assert parse(one.encoded(3, 0)) == (32, 1)
    assert parse(one.encoded(4, 0)) == (2, 16, 756, 5, 8, 1, 3)
    conformance = BitString(bytes.fromhex("00101D"), 24)
    assert parse(one.encoded(5, 0)) == (conformance, 512, 700, 6, 0, b"")
    assert parse(one.encoded(6, 0)) == (2, 16, 756, 5, 8, 2, 1)
    assert one.encoded(4, 0).hex() == "0207" + "1102" + "1110" + "1202f4" + "1105" + "1108" + "1101" + "1103"
    one.names_as_octets = True
    assert (one.encoded(4, 0).hex(), one.encoded(6, 0).hex()) == ("090760857405080103", "090760857405080201")


def test_what_was_negotiated_is_shown_where_the_server_says_so():
    _, one = association()
    negotiated = (BitString(bytes(3), 24), 128, 128, 6, 0, b"")
    one.put(5, negotiated, 0)
    assert parse(one.encoded(5, 0)) == negotiated


def test_a_client_above_127():
    assert association(client=200)[1].get(3, 0) == (-56, 1)


@pytest.mark.parametrize("kind", ALL)
def test_an_association_object_without_an_association(kind):
    one = kind("0-0:40.0.7*255")
    for number in kind.attributes:
        assert one.encoded(number, 0)
    device(one)
    assert one.encoded(2, 0) == b"\x01\x00"


def test_the_secret_is_written_and_never_read():
    _, one = association()
    assert AssociationLn.secret.secret
    assert AssociationLnV3.attributes[7].secret
    one.write(7, b"\x09\x03abc", 0)
    one.invoke(2, b"\x09\x03xyz", 0)
    assert one.secret == b"xyz"
    assert refused(lambda: one.write(7, b"\x09\x00", 0)) == 250
    assert refused(lambda: one.invoke(2, b"\x09\x00", 0)) == 250
    assert one.secret == b"xyz"


def test_high_level_security_comes_from_elsewhere():
    _, one = association()
    assert refused(lambda: one.invoke(1, b"\x09\x01a", 0)) == 250
    one.replies = lambda octets, now: octets[::-1]
    assert one.invoke(1, b"\x09\x02ab", 0) == b"\x09\x02ba"


def element(one, class_id, name, access, version=0):
    return one.methods[3].schema.encode((class_id, version, bytes(name), access))


@pytest.mark.parametrize("kind", ALL)
def test_objects_are_added_and_removed(kind):
    found, one = association(kind)
    methods = [(1, True)] if kind is AssociationLn else [(1, 1)]
    new = element(one, 9, SCRIPTS, ([(2, 1, None)], methods))
    one.invoke(3, new, 0)
    assert found.associations[32].rights[SCRIPTS] == Rights({2: READ}, {1: ACCESS}, {})
    assert Obis(parse(one.encoded(2, 0))[1][2]) == SCRIPTS
    one.invoke(4, new, 0)
    assert all(entry[0] != 9 for entry in parse(one.encoded(2, 0)))
    assert refused(lambda: one.invoke(4, new, 0)) == 250


def test_objects_that_cannot_be_added_or_removed():
    _, one = association()
    nothing = ([], [])
    for class_id, name, version in ((9, PROBE, 0), (9, SCRIPTS, 1), (9, Obis("0-0:10.0.9*255"), 0)):
        octets = element(one, class_id, name, nothing, version)
        assert refused(lambda octets=octets: one.invoke(3, octets, 0)) == 4
    wrong = element(one, 9, SCRIPTS, ([(2, 9, None)], []))
    assert refused(lambda: one.invoke(3, wrong, 0)) == 250
    own = element(one, 15, OWN, nothing, 1)
    assert refused(lambda: one.invoke(4, own, 0)) == 250


@pytest.mark.parametrize("kind", [AssociationLnV2, AssociationLnV3])
def test_users(kind):
    _, one = association(kind)
    assert parse(one.encoded(10, 0)) == [(1, "reader"), (2, "fitter")]
    add = one.methods[5].schema.encode
    one.invoke(5, add((0, "first")), 0)
    one.invoke(5, add((2, "other")), 0)
    assert one.get(10, 0) == [(0, "first"), (1, "reader"), (2, "other")]
    one.invoke(6, add((1, "reader")), 0)
    assert refused(lambda: one.invoke(6, add((1, "reader")), 0)) == 250
    assert one.get(10, 0) == [(0, "first"), (2, "other")]


def test_not_more_users_than_ids():
    _, one = association(AssociationLnV2)
    for number in range(256):
        one.add_user((number, "x"), 0)
    one.add_user((5, "y"), 0)
    assert len(one.get(10, 0)) == 256


def test_a_list_of_1000_objects_is_there():
    names = [Obis(bytes((0, 0, 96, 50, n // 250, n % 250))) for n in range(1000)]
    found, one = association(rights={name: Rights({2: READ}) for name in names})
    for name in names:
        found.add(Probe(name))
    assert len(parse(one.encoded(2, 0))) == 1000


def test_offsets_of_methods():
    assert [kind.methods[1].short_offset for kind in ALL] == [0x60] * 4
    assert [len(kind.attributes) for kind in ALL] == [8, 9, 11, 11]


@pytest.mark.parametrize("number", [2, 3, 4, 5, 6, 8])
def test_what_is_agreed_on_is_not_set(number):
    _, one = association(AssociationLnV2)
    before = one.encoded(number, 0)
    assert refused(lambda: one.write(number, before, 0)) == 3
    assert refused(lambda: one.write(number, b"\x09\x00", 0)) in (3, 12)
    assert one.encoded(number, 0) == before


def test_the_list_of_users_is_set_as_a_whole():
    _, one = association(AssociationLnV2)
    encode = one.attributes[10].schema.encode
    one.write(10, encode([(3, "new")]), 0)
    assert one.get(10, 0) == [(3, "new")]
    assert refused(lambda: one.write(10, encode([(n % 256, "x") for n in range(257)]), 0)) == 250
