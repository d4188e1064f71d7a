"""Whatever a client writes and invokes, objects with behaviour refuse it or go on; nothing else comes out of them."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anymeter.cosem.associations import AssociationProfile
from anymeter.cosem.classes import (
    arbitrator,
    array_access,
    association_sn,
    associations,
    calendar,
    disconnect,
    image,
    limiter,
    management,
    mbus_ports,
    monitors,
    protection,
    push,
    schedules,
    scripts,
    security_setup,
    sensors,
    single_action,
)
from anymeter.cosem.model import InterfaceClass
from anymeter.cosem.schema import ANY_TAG, ARRAY, STRUCTURE
from anymeter.cosem.values import BitString
from anymeter.errors import AccessError
from anymeter.obis import Obis
from cosem.classes.surroundings import CLOCK, PROBE, SCRIPTS, device, europe, utc

MODULES = (
    arbitrator, array_access, association_sn, associations, calendar, disconnect, image, limiter, management,
    mbus_ports, monitors, protection, push, schedules, scripts, security_setup, sensors, single_action,
)  # fmt: skip
CLASSES = sorted(
    {
        kind
        for module in MODULES
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, InterfaceClass) and kind is not InterfaceClass
        if not kind.catalogued
    },
    key=lambda kind: (kind.class_id, kind.version),
)
START = utc("2026-03-28 12:00:00")
NAMES = [bytes(PROBE), bytes(SCRIPTS), bytes(Obis(CLOCK)), bytes(Obis("0-0:96.99.0*255")), bytes(6)]
OCTET = st.one_of(st.sampled_from([0, 1, 2, 3, 6, 12, 0x1F, 0x7F, 0x80, 0xFD, 0xFE, 0xFF]), st.integers(0, 255))


def octets(size):
    drawn = st.lists(OCTET, min_size=size, max_size=size).map(bytes)
    return st.one_of(st.sampled_from(NAMES), drawn) if size == 6 else drawn


def number(code):
    bits = {"b": 8, "h": 16, "i": 32, "q": 64}[code.lower()]
    low, high = (0, 2**bits - 1) if code.isupper() else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    odd = [n for n in (0, 1, 2, 3, 5, 7, 9, 70, 8500) if n <= high]
    return st.one_of(st.sampled_from([*odd, low, high]), st.integers(low, high))


def encoded(schema):
    """Encoded values of a type."""
    if schema.tag == ANY_TAG and schema.parts:
        return st.one_of([encoded(part) for part in schema.parts])
    if schema.tag == ANY_TAG:
        return st.sampled_from(
            [b"\x00", b"\x12\x00\x05", b"\x11\x01", b"\x09\x01a", b"\x02\x00", b"\x0f\x00", b"\x01\x00"]
        )
    if schema.tag == ARRAY:
        return st.lists(encoded(schema.parts[0]), max_size=3).map(lambda v: bytes((1, len(v))) + b"".join(v))
    if schema.tag == STRUCTURE:
        head = bytes((2, len(schema.parts)))
        return st.tuples(*[encoded(part) for part in schema.parts]).map(lambda v: head + b"".join(v))
    if schema.name == "boolean":
        return st.booleans().map(schema.encode)
    if schema.name == "bit-string":
        return st.text("01", max_size=12).map(BitString.of).map(schema.encode)
    if schema.name in ("visible-string", "utf8-string"):
        return st.sampled_from(["", "name", "ä"]).map(schema.encode)
    if schema.name == "null-data":
        return st.just(b"\x00")
    if schema.code:
        return number(schema.code).map(schema.encode)
    sizes = st.just(schema.size) if schema.size is not None else st.sampled_from([0, 1, 6, 7, 12])
    return sizes.flatmap(octets).map(schema.encode)


@st.composite
def steps(draw, kind):
    out = []
    for _ in range(draw(st.integers(1, 6))):
        what = draw(
            st.sampled_from(["write", "invoke", "wait", "clock"] if kind.methods else ["write", "wait", "clock"])
        )
        if what == "write":
            n = draw(st.sampled_from([n for n in kind.attributes if n > 1]))
            out.append((what, n, draw(encoded(kind.attributes[n].schema))))
        elif what == "invoke":
            n = draw(st.sampled_from(list(kind.methods)))
            out.append((what, n, draw(encoded(kind.methods[n].schema))))
        else:
            out.append((what, 0, draw(st.integers(-90_000 if what == "clock" else 0, 90_000))))
    return out


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: f"{kind.class_id}v{kind.version}")
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_whatever_comes_is_taken_or_refused(kind, data):
    one = kind("0-0:96.99.0*255")
    own = AssociationProfile(name="a", client=16, object_name=one.logical_name)
    found, now = device(one, clock=europe(), associations=[own]), START
    found.advance(now)
    for what, n, given_ in data.draw(steps(kind)):
        try:
            if what == "write":
                one.write(n, given_, now)
            elif what == "invoke":
                one.invoke(n, given_, now)
            elif what == "wait":
                now += given_
                found.advance(now)
            else:
                found.clock.set_utc(found.clock.utc(now) + given_, now)
        except AccessError:
            continue
    for n in kind.attributes:
        assert one.encoded(n, now)
