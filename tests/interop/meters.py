"""What our client does with the servers of others: one scenario, for the blocking and the asyncio driver alike.

A scenario yields what a meter shall run (a conversation's builder and its arguments) and is sent the answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator
from typing import Any, NamedTuple

from anymeter.cosem.enums import DataAccessResult
from anymeter.cosem.selection import EntryDescriptor
from anymeter.dlms.access import AccessGet
from anymeter.dlms.client.access import access
from anymeter.dlms.client.action import invoke_octets
from anymeter.dlms.client.clock import read_clock
from anymeter.dlms.client.get import get_many, get_value
from anymeter.dlms.client.objects import logical_device_name, object_list
from anymeter.dlms.client.profiles import between, read_buffer, read_layout
from anymeter.dlms.client.set import set_octets
from anymeter.dlms.descriptors import AttributeDescriptor, MethodDescriptor
from anymeter.drivers.connect import connect
from anymeter.drivers.connect_sync import connect_sync
from anymeter.errors import AccessError, AnymeterError
from anymeter.obis import Obis
from interop.matrix import Checks

ROWS = 2976
START = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)
PROFILE = Obis("1-0:99.1.0")
LONG = b"\x09\x82\x0b\xb8" + bytes(i % 251 for i in range(3000))
Scenario = Generator[tuple[Any, ...], Any, None]


class Facts(NamedTuple):
    """What is in a meter of a peer's."""

    name: bytes
    clock: str
    other: bytes
    objects: frozenset[tuple[int, str]]
    turning: tuple[int, str, int]
    short_names: bool = False
    whole_only: bool = False
    """By short names, with parameterized access for methods alone."""


def attribute(class_id: int, name: str, number: int) -> AttributeDescriptor:
    """An attribute to ask for."""
    return AttributeDescriptor(class_id, Obis(name), number)


REGISTER, EXPORT = attribute(3, "1-0:1.8.0", 2), attribute(3, "1-0:2.8.0", 2)
NAME, SERIAL, ABSENT = attribute(1, "0-0:42.0.0", 2), attribute(1, "0-0:96.1.0", 2), attribute(3, "1-0:9.9.9", 2)


def reading(check: Checks, facts: Facts) -> Scenario:
    """GET in all its forms."""
    with check("GET: registers"):
        assert (yield get_value, REGISTER) == 12345678
        assert (yield get_value, EXPORT) == 4321
        assert tuple((yield get_value, attribute(3, "1-0:1.8.0", 3))) == (0, 30)
    with check("GET: clock"):
        assert (yield (read_clock,)).iso() == facts.clock
    with check("GET: logical device name"):
        assert (yield (logical_device_name,)) == facts.name
    with check("object list"):
        found = {(entry.class_id, str(entry.name)) for entry in (yield (object_list,))}
        assert found >= facts.objects, found


def with_list(check: Checks, facts: Facts) -> Scenario:
    """Several attributes in one request."""
    with check("GET with list"):
        found = yield get_many, [REGISTER, EXPORT, NAME]
        assert found == [bytes.fromhex("0600bc614e"), facts.other, bytes((9, len(facts.name))) + facts.name]


def _rows(buffer: Any, first: int, last: int) -> None:
    profile = buffer.profile()
    moments = [START + dt.timedelta(minutes=15 * (n - 1)) for n in range(first, last + 1)]
    found = [(stamp.octets[:4] + stamp.octets[5:8], value) for stamp, value in profile.rows]
    wanted = [
        (m.year.to_bytes(2, "big") + bytes((m.month, m.day, m.hour, m.minute, 0)), 1000 + 7 * (n - 1))
        for n, m in enumerate(moments, first)
    ]
    assert found == wanted


def whole(check: Checks) -> Scenario:
    """The whole profile, in blocks where it is too long."""
    with check(f"profile: {ROWS:,} rows whole"):
        _rows((yield read_buffer, PROFILE), 1, ROWS)


def parts(check: Checks) -> Scenario:
    """Rows by time and by number."""
    with check("profile: by range"):
        layout = yield read_layout, PROFILE
        start, end = (START + dt.timedelta(minutes=15 * (n - 1)) for n in (5, 900))
        _rows((yield _by_range, layout, start, end), 5, 900)
    with check("profile: by entry"):
        _rows((yield read_buffer, PROFILE, EntryDescriptor(first=3, last=2002)), 3, 2002)


def _by_range(session: Any, layout: Any, start: dt.datetime, end: dt.datetime) -> Any:
    return (yield from read_buffer(session, PROFILE, between(session, layout, start, end), layout=layout))


def writing(check: Checks, octets: bytes = b"\x09\x0212", feature: str = "SET") -> Scenario:
    """SET, and that it was set."""
    with check(feature):
        yield set_octets, SERIAL, octets
        assert (yield get_value, SERIAL) == octets[2 if len(octets) < 128 else 4 :]


def acting(check: Checks, facts: Facts) -> Scenario:
    """ACTION: a register is reset; and one with a parameter and a result."""
    with check("ACTION"):
        assert (yield invoke_octets, MethodDescriptor(3, EXPORT.instance_id, 1), b"\x0f\x00") is None
        assert (yield get_value, EXPORT) == 0
    if not facts.short_names:
        with check("ACTION with a result"):
            class_id, name, number = facts.turning
            turning = MethodDescriptor(class_id, Obis(name), number)
            assert (yield _turned, turning) == b"\x09\x03\x03\x02\x01"


def acting_by_read(check: Checks) -> Scenario:
    """By short names: a method whose result is awaited is read with its parameters."""
    with check("ACTION with a result"):
        yield _awaited, MethodDescriptor(3, EXPORT.instance_id, 1)
        assert (yield get_value, EXPORT) == 0


def _awaited(session: Any, method: MethodDescriptor) -> Any:
    return (yield from invoke_octets(session, method, b"\x0f\x00", returns=True))


def _turned(session: Any, method: MethodDescriptor) -> Any:
    return (yield from invoke_octets(session, method, b"\x09\x03\x01\x02\x03", returns=True))


def denied(check: Checks) -> Scenario:
    """A write that is not allowed."""
    with check("errors: write denied"):
        assert (yield _result_of, set_octets, NAME, b"\x09\x01x") == DataAccessResult.read_write_denied


def undefined(check: Checks, short_names: bool = False) -> Scenario:
    """An object that is not there; by short names our own client knows that before it asks."""
    if not short_names:
        with check("errors: undefined object"):
            assert (yield _result_of, get_value, ABSENT) == DataAccessResult.object_undefined


def undefined_method(check: Checks) -> Scenario:
    """A method of an object that is not there."""
    with check("errors: undefined object, ACTION"):
        absent = MethodDescriptor(3, ABSENT.instance_id, 1)
        assert (yield _result_of, invoke_octets, absent, b"\x0f\x00") in (4, 11), "object-undefined or -unavailable"


def _result_of(session: Any, builder: Any, *told: Any) -> Any:
    """The result that a request is refused with, None when it is not."""
    try:
        yield from builder(session, *told)
    except AccessError as refused:
        return refused.result
    return None


def by_access(check: Checks) -> Scenario:
    """ACCESS: two that are there, one that is not."""
    with check("ACCESS"):
        found = yield access, [(AccessGet(one), b"\x00") for one in (REGISTER, ABSENT, NAME)]
        assert [result for result, _ in found] == [0, 4, 0]
        assert found[0][1] == bytes.fromhex("0600bc614e")


def general_blocks(check: Checks) -> Scenario:
    """A long answer and a long request by general block transfer."""
    with check("general block transfer: 2,976 rows"):
        _rows((yield read_buffer, PROFILE), 1, ROWS)
    with check("general block transfer: SET of 3,000 octets"):
        yield set_octets, SERIAL, LONG
        assert (yield get_value, SERIAL) == LONG[4:]


def everything(check: Checks, facts: Facts) -> Scenario:
    """All of it."""
    yield from reading(check, facts)
    yield from with_list(check, facts)
    yield from whole(check)
    if not facts.whole_only:
        yield from parts(check)
    yield from writing(check)
    if not facts.whole_only:
        yield from acting(check, facts)
    yield from denied(check)
    yield from undefined(check, facts.short_names)


def run_blocking(url: str, scenario: Scenario, password: str | None = None, **settings: Any) -> None:
    """Play a scenario over the blocking driver."""
    with connect_sync(url, password=password, **settings) as meter:
        answer: Any = None
        problem: AnymeterError | None = None
        while True:
            try:
                wanted = scenario.send(answer) if problem is None else scenario.throw(problem)
            except StopIteration:
                return
            answer, problem = None, None
            try:
                answer = meter.run(*wanted)
            except AnymeterError as error:
                problem = error


async def run_async(url: str, scenario: Scenario, password: str | None = None, **settings: Any) -> None:
    """Play a scenario over the asyncio driver."""
    async with connect(url, password=password, **settings) as meter:
        answer: Any = None
        problem: AnymeterError | None = None
        while True:
            try:
                wanted = scenario.send(answer) if problem is None else scenario.throw(problem)
            except StopIteration:
                return
            answer, problem = None, None
            try:
                answer = await meter.run(*wanted)
            except AnymeterError as error:
                problem = error
