"""What a client of a peer's does with our meter, step by step, and what each step must give."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

from interop import device, processes
from interop.matrix import Checks

LONG = bytes(i % 251 for i in range(3000))
SHORT_VALUE = b"\x31\x32"
DOTS = str.maketrans("-:*", "...")


class Step(NamedTuple):
    """A step, the feature that it tries, and the judge of its answer."""

    feature: str
    told: list
    judge: Callable[[dict], None]


def value(wanted) -> Callable[[dict], None]:
    """The answer is this value."""

    def judge(answer):
        assert answer == {"value": wanted}

    return judge


def refused(number: int) -> Callable[[dict], None]:
    """The answer is this Data-Access-Result."""

    def judge(answer):
        assert answer.get("error") == number, answer

    return judge


def octets(wanted: bytes) -> Callable[[dict], None]:
    """The answer is this octet string."""
    return value({"octets": wanted.hex()})


def rows(first: int, last: int) -> Callable[[dict], None]:
    """The answer is the entries *first* to *last* of the profile, value by value."""

    def judge(answer):
        wanted = [[{"octets": stamp.hex()}, *rest] for stamp, *rest in map(device.row, range(first, last + 1))]
        found = answer.get("value")
        assert found is not None, answer
        assert len(found) == len(wanted)
        assert found == wanted

    return judge


def listed(meter: device.Meter, own: str) -> Callable[[dict], None]:
    """The answer lists every object of our meter; of the associations by short names only the client's *own*."""
    names = {(o.class_id, str(n).translate(DOTS)) for n, o in meter.logical.objects.items()}
    wanted = {(c, n) for c, n in names if not own or c != 12 or n == own}

    def judge(answer):
        assert "value" in answer, answer
        assert {(class_id, name) for class_id, _, name, *_ in answer["value"]} == wanted

    return judge


def reading(meter: device.Meter, own: str = "") -> list[Step]:
    """GET in all its forms. By short names (*own* association) the list comes first: it says where everything is."""
    return [
        Step("object list", ["objects"], listed(meter, own)),
        Step("GET: registers", ["get", 3, device.REGISTER, 2], value(device.ENERGY)),
        Step("GET: registers", ["get", 3, device.OTHER, 2], value(device.EXPORT)),
        Step("GET: registers", ["get", 3, device.REGISTER, 3], value([1, 30])),
        Step("GET: clock", ["get", 8, device.CLOCK, 2], octets(device.stamp(device.NOW))),
        Step("GET: logical device name", ["get", 1, device.LDN, 2], octets(device.NAME)),
    ]


def with_list() -> list[Step]:
    """Several attributes in one request."""
    wanted = [[3, device.REGISTER, 2], [3, device.OTHER, 2], [1, device.LDN, 2]]
    found = [device.ENERGY, device.EXPORT, {"octets": device.NAME.hex()}]
    return [Step("GET with list", ["list", *wanted], value(found))]


def whole() -> list[Step]:
    """The whole profile."""
    return [Step("profile: 2,976 rows whole", ["whole", device.PROFILE], rows(1, device.ROWS))]


def by_range(first: int = 5, last: int = 2900) -> list[Step]:
    """Rows by time."""
    start, end = (
        dt.datetime.fromtimestamp(device.START + (n - 1) * device.PERIOD, dt.UTC).isoformat() for n in (first, last)
    )
    return [Step("profile: by range", ["range", device.PROFILE, start, end], rows(first, last))]


def by_entry() -> list[Step]:
    """Rows by number."""
    return [Step("profile: by entry", ["entries", device.PROFILE, 3, 2000], rows(3, 2002))]


def writing(contents: bytes = SHORT_VALUE, feature: str = "SET") -> list[Step]:
    """SET, and that it was set."""
    told = ["set", 1, device.ROOM, 2, "OCTET_STRING", contents.hex()]
    return [Step(feature, told, value("done")), Step(feature, ["get", 1, device.ROOM, 2], octets(contents))]


def script() -> list[Step]:
    """ACTION with a parameter, and what it did: the script clears a register."""
    return [
        Step("ACTION", ["get", 3, device.CLEARED, 2], value(30)),
        Step("ACTION", ["action", 9, device.SCRIPTS, 1, "UINT16", 1], value(None)),
        Step("ACTION", ["get", 3, device.CLEARED, 2], value(0)),
    ]


def turned(class_id: int = 15, name: str = device.ASSOCIATION, method: int = 1) -> list[Step]:
    """ACTION with a result: the method turns the octets round."""
    told = ["action", class_id, name, method, "OCTET_STRING", "010203"]
    return [Step("ACTION with a result", told, octets(b"\x03\x02\x01"))]


def errors() -> list[Step]:
    """What is refused: a write that is not allowed, an object that is not there."""
    denied = ["set", 1, device.SERIAL_NUMBER, 2, "OCTET_STRING", "00"]
    return [
        Step("errors: write denied", denied, refused(3)),
        Step("errors: write denied", ["get", 1, device.SERIAL_NUMBER, 2], octets(device.SERIAL)),
        Step("errors: undefined object", ["get", 3, device.ABSENT, 2], refused(4)),
    ]


def tried(check: Checks, peer: str, port: int, steps: list[Step], **job) -> None:
    """Let the client of *peer* take *steps* in one session, each answer a cell; the association is one too."""
    answers = processes.ask(f"{peer}_client", port=port, steps=[step.told for step in steps], **job)
    broken = answers[-1].get("failure") if answers else None
    with check(f"association, {'LLS' if job.get('password') else 'no security'}", ""):
        assert len(answers) > bool(broken), broken
    by_feature: dict[str, list[tuple[Step, dict]]] = {}
    for i, step in enumerate(steps):
        answer = answers[i] if i < len(answers) else {"failure": broken}
        by_feature.setdefault(step.feature, []).append((step, answer))
    for feature, taken in by_feature.items():
        with check(feature):
            for step, answer in taken:
                assert "failure" not in answer, answer
                step.judge(answer)


def fails(check: Checks, peer: str, port: int, steps: list[Step], why: str, **job) -> None:
    """Steps that the peer cannot take, for a fault of its own: its cell says so, until it can."""
    with check.cannot(steps[-1].feature, why):
        answers = processes.ask(f"{peer}_client", port=port, steps=[step.told for step in steps], **job)
        for step, answer in zip(steps, answers, strict=True):
            step.judge(answer)


def refuses(check: Checks, peer: str, port: int, words: str, **job) -> None:
    """A wrong password is refused, and the peer says *words* of it."""
    with check("wrong password"):
        told = [["get", 3, device.REGISTER, 2]]
        (answer,) = processes.ask(f"{peer}_client", port=port, steps=told, password="11111111", **job)
        assert words in answer["failure"]
