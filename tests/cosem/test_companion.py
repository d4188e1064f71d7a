from __future__ import annotations

import tracemalloc

import pytest

from anymeter.cosem.access import ENCRYPTED_REQUEST, REQUEST_PROTECTION, WRITE
from anymeter.cosem.associations import CURRENT, MANAGEMENT_DEVICE, PUBLIC_CLIENT
from anymeter.cosem.companion import Companion, Identity, shipped
from anymeter.cosem.enums import ApplicationContext, Conformance, Mechanism
from anymeter.errors import LocalError
from anymeter.obis import Obis, describe

MEDIA = {
    "cold-water": 8, "hot-water": 9, "heat": 6, "cooling": 5, "gas": 7, "heat-cost-allocator": 4, "electricity": 1,
    "access-point": 0,
}  # fmt: skip
NAME, SAPS, CLOCK = Obis("0-0:42.0.0*255"), Obis("0-0:41.0.0*255"), Obis("0-0:1.0.0*255")

SMALL = """
name = "small"
[access]
value = { public = "r", reader = "r, value rw" }
[[association]]
name = "public"
client = 16
[[association]]
name = "reader"
client = 32
mechanism = "low-level"
secret = "hex:00FF"
conformance = ["get", "action"]
max_receive_pdu = 200
version = 0
[[object]]
name = "0-0:42.0.0*255"
class = 1
value = "{manufacturer}-{number}"
type = "octet-string"
device = "all"
access = "value"
[[object]]
name = "1-0:1.8.0*255"
class = 3
type = "double-long-unsigned"
value = 7
unit = "Wh"
access = { reader = "r" }
base_name = 0x1000
"""


@pytest.fixture(params=shipped())
def profile(request):
    return Companion.load(request.param)


def test_every_medium_of_the_issue_has_a_profile():
    assert set(MEDIA) <= set(shipped())


def test_a_shipped_profile_builds_a_device_with_what_every_device_has(profile):
    device = profile.build(Identity(number=42))
    management = device.management
    assert management.sap == MANAGEMENT_DEVICE
    assert management.name == b"AMT0000000000042"
    assert management.objects[NAME].get(2, 0) == management.name
    assert device.system_title == b"AMT\x00\x00\x00\x00\x2a"
    assert management.objects[SAPS].class_id == 17
    assert management.objects[CLOCK].class_id == 8
    assert {c: type(a).__name__ for c, a in management.associations.items()}.keys() >= {1, 16, 32, 48, 64, 80, 102}


def test_every_attribute_of_a_shipped_profile_has_a_value_of_its_type(profile):
    for obj in profile.build().management.objects.values():
        for number, attribute in obj.attributes.items():
            if not attribute.secret:
                assert obj.encoded(number, 1_790_000_000.0), (obj, attribute.name)


def test_names_of_a_shipped_profile_are_known_codes_of_its_medium(profile):
    for name, obj in profile.build().management.objects.items():
        meaning = describe(name)
        assert meaning.kind in ("object", "example", "composed"), name
        assert not meaning.classes or obj.class_id in meaning.classes or 3 in meaning.classes, name
        assert name.a in (0, MEDIA[profile.name]), name
        assert obj.logical_name == name


def test_a_shipped_profile_has_the_registers_of_its_medium(profile):
    own = [
        o for n, o in profile.build().management.objects.items() if n.a == MEDIA[profile.name] and o.class_id in (3, 4)
    ]
    assert len(own) >= 3
    for register in own:
        scaler, unit = register.stored(3)
        assert -9 <= scaler <= 6
        assert unit


def test_profiles_capture_the_clock_first_and_objects_that_are_there(profile):
    objects = profile.build().management.objects
    found = [o for o in objects.values() if o.class_id == 7]
    assert len(found) >= 3
    for buffer in found:
        columns = buffer.stored(3)
        assert columns[0][:3] == (8, CLOCK.octets, 2)
        for class_id, name, number, _ in columns:
            assert objects[Obis(bytes(name))].class_id == class_id
            assert number in objects[Obis(bytes(name))].attributes


@pytest.mark.parametrize("name", shipped())
def test_roles_are_those_of_table_1(name):
    profile = Companion.load(name)
    public, reader = profile.association("public"), profile.association("reader")
    assert (public.client, public.mechanism) == (PUBLIC_CLIENT, Mechanism.lowest)
    assert public.context == reader.context == ApplicationContext.logical_names
    assert (reader.client, reader.mechanism) == (32, Mechanism.low_level)
    for role, client in (("setting", 48), ("field", 64), ("firmware", 80), ("management", 1)):
        found = profile.association(role)
        assert (found.client, found.mechanism) == (client, Mechanism.high_level_gmac)
        assert found.ciphered
    assert profile.association("push").pre_established


def _writes(association):
    for name, rights in association.rights.items():
        for number, access in rights.attributes.items():
            if access & WRITE:
                yield name, number, access
        for number, access in rights.methods.items():
            if access:
                yield name, number, access


def test_the_public_reads_what_the_meter_is_and_nobody_writes_without_protection(profile):
    public, reader = profile.association("public"), profile.association("reader")
    assert list(_writes(public)) == []
    assert list(_writes(reader)) == []
    for name in (NAME, SAPS, CLOCK, CURRENT, public.object_name):
        assert public.rights_on(name).attributes[2]
    seen = [n for n, r in public.rights.items() if r.visible and n.a]
    assert seen == [], "the public client reads no values"
    assert len([n for n, r in reader.rights.items() if r.visible]) > 25
    for role in ("setting", "field", "firmware", "management", "push"):
        writes = [(n, k, a) for n, k, a in _writes(profile.association(role)) if not (n.c == 40 and n.d == 0)]
        assert writes
        assert all(a & REQUEST_PROTECTION and a & ENCRYPTED_REQUEST for _, _, a in writes), role


def test_secrets_are_readable_for_nobody(profile):
    opened = profile.laboratory("secret")
    for device in opened.devices:
        for association in device.associations:
            for obj in device.objects:
                for number, access in association.rights_on(obj.logical_name).attributes.items():
                    assert not (obj.attributes[number].secret and access & 1)


def test_the_laboratory_may_do_everything():
    opened = Companion.load("electricity").laboratory("letmein")
    association = opened.association("laboratory")
    assert (association.client, association.mechanism, association.secret) == (2, Mechanism.low_level, b"letmein")
    device = opened.build()
    assert association.object_name in device.management.objects
    switch = association.rights_on(Obis("0-0:96.3.10*255"))
    assert switch.methods[1] == switch.methods[2] == 1
    assert association.rights_on(CLOCK).attributes[2] == 3
    assert "laboratory" not in [a.name for a in Companion.load("electricity").devices[0].associations]


def test_meters_of_one_profile_share_what_they_do_not_change():
    profile = Companion.parse(SMALL)
    one, other = (profile.build(Identity(number=n)).management for n in (1, 2))
    energy = Obis("1-0:1.8.0*255")
    assert one.objects[energy] is not other.objects[energy]
    assert one.objects[energy].values is other.objects[energy].values
    one.objects[energy].put(2, 8, 0)
    assert (one.objects[energy].get(2, 0), other.objects[energy].get(2, 0)) == (8, 7)
    assert profile.build().management.objects[energy].get(2, 0) == 7
    assert one.associations is not other.associations
    assert one.associations[32] is other.associations[32]
    assert (one.objects[NAME].get(2, 0), other.objects[NAME].get(2, 0)) == (b"AMT-1", b"AMT-2")


def test_a_meter_takes_little_memory():
    profile = Companion.load("electricity")
    profile.build(Identity(number=1))
    tracemalloc.start()
    kept = [profile.build(Identity(number=n)) for n in range(100)]
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(kept) == 100
    assert size / 100 < 60_000  # 10,000 meters and what runs them stay below 1 GB


def test_an_association_is_what_its_table_says():
    profile = Companion.parse(SMALL)
    reader = profile.association("reader")
    assert reader.conformance == int(Conformance.get | Conformance.action)
    assert (reader.max_receive_pdu, reader.max_send_pdu, reader.secret, reader.version) == (200, 1024, b"\x00\xff", 0)
    assert reader.object_name == Obis("0-0:40.0.2*255")
    assert reader.rights_on(NAME).attributes == {1: 1, 2: 3}
    assert profile.association("public").rights_on(Obis("1-0:1.8.0*255")).attributes == {}
    device = profile.build().management
    assert device.objects[reader.object_name].class_id == 15
    assert device.objects[reader.object_name].version == 0
    assert device.short_names.base_of(Obis("1-0:1.8.0*255"), device.objects) == 0x1000


def test_logical_devices_have_objects_and_associations_of_their_own():
    text = (
        SMALL
        + """
[[device]]
sap = 1
[[device]]
sap = 18
name = "{manufacturer}two"
[[association]]
name = "special"
client = 33
device = [18]
context = "short-names"
version = 2
[[object]]
name = "1-0:1.8.0*255"
device = 18
class = 4
type = "long"
unit = "W"
access = { special = "r" }
"""
    )
    profile = Companion.parse(text)
    device = profile.build()
    assert device.saps() == [(1, b"AMT0000000000001"), (18, b"AMTtwo")]
    assert [device.logical[s].objects[Obis("1-0:1.8.0*255")].class_id for s in (1, 18)] == [3, 4]
    assert [sorted(device.logical[s].associations) for s in (1, 18)] == [[16, 32], [16, 32, 33]]
    special = profile.association("special", 18)
    assert special.short_names
    assert device.logical[18].objects[special.object_name].class_id == 12
    assert special.rights_on(Obis("1-0:1.8.0*255")).visible
    with pytest.raises(LocalError, match="no association 'special' at SAP 1"):
        profile.association("special")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("class = 3", "class = 9999"), r"w.toml, object 2 \(1-0:1.8.0\*255\): there is no class 9999"),
        (('"1-0:1.8.0*255"', '"1-0:1.8.0.x"'), r"w.toml, object 2 \(1-0:1.8.0.x\), name: not an OBIS code"),
        (('"1-0:1.8.0*255"', '"0-0:42.0.0*255"\ndevice = 1'), "object 2 .*this name is taken"),
        (('access = "value"', 'access = "vlaue"'), r"object 1 .*access: there is no \[access.vlaue\]"),
        (('{ reader = "r" }', '{ raeder = "r" }'), r"object 2 .*access: there is no association 'raeder'"),
        (('{ reader = "r" }', '{ reader = "q" }'), r"object 2 \(1-0:1.8.0\*255\), access.reader: access 'q' is not"),
        (('public = "r"', 'pulbic = "r"'), "access.value: there is no association 'pulbic'"),
        (('"low-level"', '"law-level"'), r"association 2 \(reader\): mechanism: one of lowest, low-level"),
        (("client = 32", "client = 0"), "association 2 .*client: a SAP from 1"),
        (('["get", "action"]', '["get", "fetch"]'), "conformance: there is no 'fetch', only general-protection"),
        (("client = 16", 'client = 16\ncontext = "names"'), "association 1 .*context: one of"),
        (("version = 0", "version = 9"), "association 2 .*version: there is no version 9 of class 15"),
        (("version = 0", 'object = "0-0:42.0.0*255"'), "association 2 .*object: this name is taken"),
        (("{manufacturer}-{number}", "{number!x}"), "cannot be filled in"),
        (('name = "small"', 'name = "small"\n[[device]]\nsap = 1\nname = "{colour}"'), "device 1, name: the pattern"),
    ],
)
def test_mistakes_are_told_with_their_place(change, why):
    assert change[0] in SMALL
    with pytest.raises(LocalError, match=why):
        Companion.parse(SMALL.replace(*change), "w.toml").build()


def test_each_logical_device_holds_its_own_name():
    more = """
name = "both"
include = ["common"]
[[device]]
sap = 1
[[device]]
sap = 18
name = "{manufacturer}two{number}"
"""
    device = Companion.parse(more).build(Identity(7))
    held = [one.objects[Obis("0-0:42.0.0*255")].get(2, 0) for one in device.logical.values()]
    assert held == [one.name for one in device.logical.values()] == [b"AMT0000000000007", b"AMTtwo7"]


def test_an_identity_fills_patterns():
    identity = Identity(number=123, manufacturer="XYZ")
    assert identity.fill("{manufacturer}{number:05}/{serial}") == "XYZ00123/00000123"
    assert identity.system_title == b"XYZ\x00\x00\x00\x00\x7b"
    assert identity.fill("{system_title}") == "58595a000000007b"
    with pytest.raises(LocalError, match=r"'{colour}' cannot be filled in"):
        identity.fill("{colour}")
