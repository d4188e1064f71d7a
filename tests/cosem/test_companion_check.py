from __future__ import annotations

import pytest

from anymeter.cosem.associations import CURRENT
from anymeter.cosem.companion import Companion, shipped
from anymeter.cosem.companion_check import Finding, Observed, ObservedObject, check
from anymeter.cosem.enums import Conformance
from anymeter.cosem.schema import DOUBLE_LONG_UNSIGNED, INTEGER, VISIBLE_STRING, Schema
from anymeter.cosem.values import Enum
from anymeter.errors import LocalError
from anymeter.obis import Obis

NOW = 1_790_000_000.0
ENERGY, PROFILE, CLOCK = Obis("1-0:1.8.0*255"), Obis("1-0:99.1.0*255"), Obis("0-0:1.0.0*255")


def seen(profile, name="reader"):
    """What a client reads from a device that was built from the profile."""
    association = profile.association(name)
    device = profile.build().management
    visible = [o for n, o in device.objects.items() if association.rights_on(n).visible]
    objects = [
        ObservedObject(
            o.logical_name, o.class_id, o.version, association.rights_on(o.logical_name).attributes,
            association.rights_on(o.logical_name).methods,
        )
        for o in visible
    ]  # fmt: skip
    values = {
        (o.logical_name, number): o.encoded(number, NOW)
        for o in visible
        for number, access in association.rights_on(o.logical_name).attributes.items()
        if (access & 1 and o.class_id not in (7, 12, 15)) or (number in (3, 4) and o.class_id == 7)
    }
    return Observed(
        client=association.client,
        objects=objects,
        values=values,
        conformance=association.conformance,
        max_send_pdu=association.max_receive_pdu,
    )


@pytest.fixture(scope="module")
def profile():
    return Companion.load("electricity")


@pytest.fixture
def observed(profile):
    return seen(profile)


def changed(observed, which, **fields):
    objects = [ObservedObject(**{**_fields(o), **fields}) if o.name == which else o for o in observed.objects]
    return Observed(**{**_fields(observed), "objects": objects})


def _fields(struct):
    return {f: getattr(struct, f) for f in struct.__struct_fields__}


def valued(observed, name, number, octets):
    return Observed(**{**_fields(observed), "values": {**observed.values, (name, number): octets}})


@pytest.mark.parametrize("name", shipped())
@pytest.mark.parametrize("role", ["public", "reader", "management"])
def test_a_device_that_was_built_from_a_profile_keeps_to_it(name, role):
    built = Companion.load(name)
    assert check(built, seen(built, role)) == []
    assert check(built, seen(built, role), extras=True) == []


def test_an_object_that_is_missing(profile, observed):
    less = Observed(**{**_fields(observed), "objects": [o for o in observed.objects if o.name != ENERGY]})
    (found,) = check(profile, less)
    assert found == Finding(
        "missing", "1-0:1.8.0*255", "there is one (active energy import)", "there is no such object"
    )
    assert str(found) == (
        "1-0:1.8.0*255: there is no such object, but the profile says there is one (active energy import)"
    )


def test_the_association_may_show_itself_as_the_current_one(profile, observed):
    own = profile.association("reader").object_name
    assert check(profile, changed(observed, own, name=CURRENT)) == []


def test_a_class_and_a_version(profile, observed):
    assert [f.kind for f in check(profile, changed(observed, ENERGY, class_id=4))] == ["class"]
    (found,) = check(profile, changed(observed, PROFILE, version=0))
    assert (found.kind, found.expected, found.found) == ("version", "version 1", "it is of version 0")


@pytest.mark.parametrize(
    ("attributes", "methods", "expected", "what"),
    [
        ({1: 1, 2: 3, 3: 1}, {}, "read", "1-0:1.8.0*255 value"),
        ({1: 1, 3: 1}, {}, "read", "1-0:1.8.0*255 value"),
        ({1: 1, 2: 1, 3: 1}, {1: 1}, "none", "1-0:1.8.0*255 reset()"),
    ],
)
def test_too_much_and_too_little_access(profile, observed, attributes, methods, expected, what):
    (found,) = check(profile, changed(observed, ENERGY, attributes=attributes, methods=methods))
    assert (found.kind, found.expected, found.what) == ("access", expected, what)


def test_an_object_list_without_rights_is_not_held_to_them(profile, observed):
    assert check(profile, changed(observed, ENERGY, attributes=None, methods=None)) == []


def test_types(profile, observed):
    (found,) = check(profile, valued(observed, ENERGY, 2, VISIBLE_STRING.encode("7")))
    assert (found.kind, found.what, found.expected) == ("type", "1-0:1.8.0*255 value", "double-long-unsigned")
    assert found.found == "it is visible-string"
    assert check(profile, valued(observed, ENERGY, 2, DOUBLE_LONG_UNSIGNED.encode(99))) == []
    (found,) = check(profile, valued(observed, ENERGY, 2, b"\x06\x00"))
    assert found.kind == "type"
    assert "cannot be decoded" in found.found


def test_units_and_scalers(profile, observed):
    schema: Schema = profile.build().management.objects[ENERGY].schema_of(3)
    (found,) = check(profile, valued(observed, ENERGY, 3, schema.encode((3, Enum(30)))))
    assert (found.kind, found.expected, found.found) == ("unit", "10^0 Wh", "it is 10^3 Wh")
    (found,) = check(profile, valued(observed, ENERGY, 3, INTEGER.encode(3)))
    assert found.kind == "type"


def test_what_profiles_capture(profile, observed):
    buffer = profile.build().management.objects[PROFILE]
    columns = buffer.stored(3)[:2]
    (found,) = check(profile, valued(observed, PROFILE, 3, buffer.schema_of(3).encode(columns)))
    assert found.kind == "capture"
    assert "1-0:2.8.0*255 2" in found.expected
    assert "1-0:2.8.0*255" not in found.found
    (found,) = check(profile, valued(observed, PROFILE, 4, DOUBLE_LONG_UNSIGNED.encode(3600)))
    assert (found.kind, found.expected, found.found) == ("capture", "900 s", "it is 3600 s")


def test_conformance_and_pdu_size(profile, observed):
    lacking = Observed(**{**_fields(observed), "conformance": int(Conformance.get), "max_send_pdu": 200})
    conformance, size = check(profile, lacking)
    assert (conformance.kind, size.kind) == ("conformance", "pdu-size")
    assert "it lacks" in conformance.found
    assert "selective-access" in conformance.found
    assert size.found == "it takes 200 octets"
    unknown = Observed(**{**_fields(observed), "conformance": None, "max_send_pdu": None})
    assert check(profile, unknown) == []


def test_objects_that_the_profile_does_not_name_are_findings_where_asked_for(profile, observed):
    more = [*observed.objects, ObservedObject(Obis("0-0:128.0.0*255"), 1, 0)]
    extra = Observed(**{**_fields(observed), "objects": more})
    assert check(profile, extra) == []
    (found,) = check(profile, extra, extras=True)
    assert (found.kind, found.what) == ("extra", "0-0:128.0.0*255")


def test_an_object_may_be_optional():
    text = """
    name = "x"
    [[association]]
    name = "a"
    client = 16
    [[object]]
    name = "1-0:1.8.0*255"
    class = 3
    type = "long"
    unit = "Wh"
    optional = true
    access = { a = "r" }
    """
    profile = Companion.parse(text)
    everything = seen(profile, "a")
    own = [o for o in everything.objects if o.name.c == 40]
    assert check(profile, Observed(client=16, objects=own)) == []
    assert [f.kind for f in check(profile, Observed(client=16, objects=[]))] == ["missing"]
    strict = Companion.parse(text.replace("optional = true", ""))
    assert [f.what for f in check(strict, Observed(client=16, objects=own))] == ["1-0:1.8.0*255"]


def test_a_client_that_the_profile_does_not_know(profile, observed):
    (found,) = check(profile, Observed(**{**_fields(observed), "client": 99}))
    assert found.kind == "association"
    assert "16 (public)" in found.expected


def test_a_logical_device_that_the_profile_does_not_know(profile, observed):
    with pytest.raises(LocalError, match="electricity has no logical device at SAP 17"):
        check(profile, observed, sap=17)


def test_a_wrong_device_shows_all_that_is_wrong_with_it(observed):
    gas = Companion.load("gas")
    kinds = {f.kind for f in check(gas, observed)}
    assert "missing" in kinds
    assert {f.what for f in check(gas, observed)} >= {"7-0:13.2.0*255", "7-0:52.0.0*255", "7-0:99.99.2*255"}
