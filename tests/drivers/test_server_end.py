"""The server's end of a line: units are answered, closed routes are told, nothing raises."""

from __future__ import annotations

from anymeter.drivers.server_end import ServerEnd
from anymeter.links.events import Closed, Discarded, Opened, Route, Unit
from anymeter.links.wrapper import Wpdu
from anymeter.links.wrapper_link import WrapperLink

A = Route(16, 1)


class Parrot:
    """Answers everything twice, and notes what it is told."""

    def __init__(self, due=None):
        self.log, self.due = [], due

    def answer(self, unit, now):
        self.log.append(("asked", unit.apdu, now))
        return [Unit(unit.route, unit.apdu), Unit(unit.route, unit.apdu[::-1])]

    def closed(self, route, now):
        self.log.append(("closed", route, now))

    def next_timeout(self):
        return self.due

    def handle_timeout(self, now):
        self.log.append(("timeout", now))
        self.due = None
        return [Unit(A, b"late")]


def answered(apdu):
    return Wpdu(1, 16, apdu).encode()


def asked(apdu):
    return Wpdu(16, 1, apdu).encode()


def make(**more):
    events, line = [], Parrot(**more)
    return ServerEnd(WrapperLink(server=True), line, events.append), line, events


def test_units_are_answered_at_the_time_of_the_device():
    end, line, events = make()
    end.receive(asked(b"ab") + asked(b"c")[:5], 1.0, 1_000_000.0)
    assert end.data_to_send() == answered(b"ab") + answered(b"ba")
    assert line.log == [("asked", b"ab", 1_000_000.0)]
    assert events == [Opened(A, 65535)]
    end.receive(asked(b"c")[5:], 2.0, 1_000_001.0)
    assert end.data_to_send() == answered(b"c") * 2


def test_the_line_has_the_time_of_the_device():
    end, line, _ = make(due=1_000_005.0)
    end.receive(asked(b"a"), 1.0, 1_000_000.0)
    end.data_to_send()
    end.handle_timeout(2.0, 1_000_004.0)
    assert end.data_to_send() == b""
    end.handle_timeout(3.0, 1_000_005.0)
    assert end.data_to_send() == answered(b"late")
    assert line.log[-1] == ("timeout", 1_000_005.0)


def test_the_link_has_its_own_time():
    end, line, events = make()
    end.receive(asked(b"a"), 1.0, 0.0)
    assert end.next_timeout() == 181.0
    end.handle_timeout(180.0, 0.0)
    assert not end.over
    end.handle_timeout(181.0, 7.0)
    assert end.over
    assert line.log[-1] == ("closed", None, 7.0)
    assert isinstance(events[-1], Closed)


def test_a_lost_carrier_closes_everything():
    end, line, events = make()
    end.receive(asked(b"a") + b"\x00\x01", 0.0, 0.0)
    end.lost(1.0, 9.0)
    assert line.log[-1] == ("closed", None, 9.0)
    assert [type(event) for event in events] == [Opened, Discarded, Closed]
    assert end.over


def test_an_answer_that_the_link_does_not_take_is_told_and_dropped():
    end, line, events = make()
    line.answer = lambda unit, now: [Unit(Route(1, 1), b"stray"), Unit(unit.route, b"right")]
    end.receive(asked(b"a"), 0.0, 0.0)
    assert end.data_to_send() == answered(b"right")
    assert events[-1] == Discarded("not connected: client 1, server 1", b"stray")


def test_pushes():
    end, _, events = make()
    end.send([Unit(A, b"push", False), Unit(A, b"no route", True)], 0.0)
    assert end.data_to_send() == answered(b"push")
    assert [event.octets for event in events] == [b"no route"]


def test_nobody_has_to_watch():
    end = ServerEnd(WrapperLink(server=True), Parrot())
    end.receive(b"\xff" * 20, 0.0, 0.0)
    assert end.over
    assert end.data_to_send() == b""
