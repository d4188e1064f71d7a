"""Meters of one template: what one of them is told, and does, leaves the others and the template as they were."""

import contextlib

import pytest

from anymeter.cosem.classes.activation import RegisterActivation
from anymeter.cosem.classes.calendar import ActivityCalendar
from anymeter.cosem.classes.limiter import Limiter
from anymeter.cosem.classes.monitors import ParameterMonitor, RegisterMonitor
from anymeter.cosem.classes.profile import ProfileGeneric
from anymeter.cosem.classes.push import PushSetup
from anymeter.cosem.classes.schedules import Schedule, SpecialDaysTable
from anymeter.cosem.companion import Companion, Identity, shipped
from anymeter.cosem.schema import BOOLEAN, LONG_UNSIGNED, OCTET_STRING
from anymeter.errors import AccessError
from cosem.classes.surroundings import PROBE, SCRIPTS, device, utc
from cosem.classes.test_schedules import entry

START = utc("2026-06-10 00:00:00")
PROBED = (8500, bytes(PROBE), 2)
NOTE = (bytes(SCRIPTS), 1)


def two(prototype):
    """Two devices, each with a clone of *prototype* and a probe of its own."""
    found = [device(prototype.clone()) for _ in range(2)]
    for one in found:
        one.advance(START)
    return [(one, one.objects[prototype.logical_name]) for one in found]


def seen(obj):
    return {number: obj.encoded(number, START) for number in obj.attributes}


@pytest.mark.parametrize(
    ("prototype", "act"),
    [
        (Schedule("0-0:12.0.0*255", entries=[entry(1, "06:00")]), lambda one: one.insert(entry(2, "07:00"), START)),
        (
            SpecialDaysTable("0-0:11.0.0*255", entries=[(1, b"\xff\xff\x01\x01\xff", 1)]),
            lambda one: one.insert((2, b"\xff\xff\x05\x01\xff", 2), START),
        ),
        (
            ActivityCalendar("0-0:13.0.0*255", calendar_name_active=b"A", calendar_name_passive=b"P"),
            lambda one: one.activate_passive_calendar(0, START),
        ),
        (
            RegisterActivation("0-0:14.0.0*255", register_assignment=[(8500, bytes(PROBE))]),
            lambda one: one.add_mask((b"M", [1]), START),
        ),
        (
            ProfileGeneric("1-0:99.1.0*255", capture_objects=[(*PROBED, 0)], profile_entries=5),
            lambda one: one.capture(0, START),
        ),
        (
            ParameterMonitor("0-0:16.2.0*255", parameter_list=[PROBED]),
            lambda one: one.device.objects[PROBE].put(2, 9, START),
        ),
        (PushSetup("0-0:25.9.0*255", push_object_list=[(*PROBED, 0)]), lambda one: one.push(0, START)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_clone_changes_alone(prototype, act):
    before = seen(prototype)
    (_, changed), (untouched_device, untouched) = two(prototype)
    own = seen(untouched)
    act(changed)
    assert seen(prototype) == before
    assert seen(untouched) == own
    assert untouched_device.outbox == []
    assert seen(changed) != own or changed.device.outbox != []


@pytest.mark.parametrize(
    "prototype",
    [
        RegisterMonitor(
            "0-0:16.1.0*255",
            monitored_value=PROBED,
            thresholds=[100],
            actions=[(NOTE, (bytes(SCRIPTS), 2))],
        ),
        Limiter(
            "0-0:17.0.0*255",
            monitored_value=PROBED,
            threshold_normal=100,
            actions=(NOTE, (bytes(SCRIPTS), 2)),
            types={3: LONG_UNSIGNED, 4: LONG_UNSIGNED, 5: LONG_UNSIGNED},
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_clone_watches_the_objects_of_its_own_device(prototype):
    (one, _), (other, _) = two(prototype)
    one.objects[PROBE].put(2, 500, START + 1)
    assert [number for _, number in one.objects[PROBE].log] == [1]
    other.advance(START + 600)
    assert other.objects[PROBE].log == []
    other.objects[PROBE].put(2, 500, START + 601)
    assert [number for _, number in other.objects[PROBE].log] == [1]
    assert len(one.objects[PROBE].log) == 1


@pytest.mark.parametrize("name", shipped())
def test_meters_of_a_companion_profile_share_nothing_that_a_client_can_change(name):
    companion = Companion.load(name)

    def made():
        meter = companion.build(Identity(7))
        meter.advance(START)
        return meter

    def shown(meter):
        return {
            (sap, obj.logical_name, number): obj.encoded(number, START)
            for sap, logical in meter.logical.items()
            for obj in logical.objects.values()
            for number in obj.attributes
        }

    reference, changed, other = shown(made()), made(), made()
    for logical in changed.logical.values():
        for obj in list(logical.objects.values()):
            change(obj)
    assert shown(changed) != reference
    assert shown(other) == reference
    assert shown(made()) == reference


def change(obj):
    """Write every attribute anew, empty arrays and turn round booleans, and invoke every method that takes nothing."""
    for number in obj.attributes:
        octets = obj.encoded(number, START)
        other = {1: b"\x01\x00", 3: BOOLEAN.encode(octets[-1:] == b"\x00"), 9: OCTET_STRING.encode(octets[2:][::-1])}
        attempt(obj.write, number, other.get(octets[0], octets[:1] + octets[1:][::-1]))
    for number in obj.methods:
        attempt(obj.invoke, number, b"\x0f\x00")


def attempt(act, number, octets):
    with contextlib.suppress(AccessError):
        act(number, octets, START)
