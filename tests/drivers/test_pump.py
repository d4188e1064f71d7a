"""The loop itself: jobs, routes, silence, loss, in virtual time over a link that is nothing but lengths and octets."""

from __future__ import annotations

from collections import deque

import pytest

from anymeter.drivers.pump import PATIENCE, Pump
from anymeter.errors import AccessError, LinkError, LinkTimeout, LocalError
from anymeter.links.events import Closed, Discarded, Opened, Route, Unit

A, B = Route(16, 1), Route(1, 1)


class Letters:
    """A link for tests: a unit is its client, its length, its octets. Opens when told *opens*, or waits for events."""

    def __init__(self, opens=True):
        self.opens, self.events, self.out, self.log = opens, deque(), [], []
        self.due, self.longest, self.buffer = None, 100, b""
        self.when_sent = None

    def open(self, route, now):
        self.log.append(("open", route))
        if self.opens:
            self.events.append(Opened(route))

    def close(self, route, now):
        self.log.append(("close", route))
        self.events.append(Closed("", route))

    def send(self, unit, now):
        if len(unit.apdu) > self.longest:
            raise LocalError("too long")
        self.log.append(("send", unit.apdu, unit.confirmed))
        self.out.append(bytes((unit.route.client, len(unit.apdu))) + unit.apdu)

    def receive_data(self, data, now):
        self.buffer += data
        while len(self.buffer) > 1 and len(self.buffer) >= 2 + self.buffer[1]:
            client, size = self.buffer[:2]
            self.events.append(Unit(Route(client, 1), self.buffer[2 : 2 + size]))
            self.buffer = self.buffer[2 + size :]

    def data_to_send(self):
        out, self.out = b"".join(self.out), []
        if self.when_sent is not None:
            self.events.append(self.when_sent)
            self.when_sent = None
        return out

    def next_event(self):
        return self.events.popleft() if self.events else None

    def next_timeout(self):
        return self.due

    def handle_timeout(self, now):
        self.log.append(("timeout", now))
        self.due = None
        self.events.append(Closed("no answer", A, timed_out=True))

    def connection_lost(self, now):
        self.events.append(Closed("the line was lost"))


def said(apdu, route=A):
    return bytes((route.client, len(apdu))) + apdu


def asking(*questions):
    """A conversation that says these one after the other and returns the answers."""
    answers = []
    for question in questions:
        answers.append((yield question))
    return answers


def up(*routes, **more):
    link = Letters()
    pump = Pump(link, "here:1", timeout=10.0, **more)
    for route in routes or (A,):
        assert pump.open(route, 0.0).result() is None
    return pump, link


def test_a_conversation_goes_back_and_forth():
    pump, _ = up()
    job = pump.run(A, asking(b"one", b"two"), 1.0)
    assert (pump.data_to_send(), pump.data_to_send()) == (said(b"one"), b"")
    pump.receive(said(b"uno"), 1.5)
    assert not job.done
    assert pump.data_to_send() == said(b"two")
    pump.receive(said(b"due"), 2.0)
    assert job.result() == [b"uno", b"due"]
    assert pump.next_timeout() is None


def test_who_waits_is_told_once():
    pump, _ = up()
    told = []
    job = pump.run(A, asking(b"one"), 0.0)
    job.finished = lambda: told.append(job.result())
    pump.receive(said(b"uno"), 0.0)
    assert told == [[b"uno"]]


def test_octets_may_come_in_any_pieces():
    pump, _ = up()
    job = pump.run(A, asking(b"one"), 0.0)
    for octet in said(b"uno"):
        assert not job.done
        pump.receive(bytes((octet,)), 0.0)
    assert job.result() == [b"uno"]


def test_a_burst_goes_out_together_and_an_empty_apdu_is_handed_down():
    pump, link = up()
    pump.run(A, asking((b"one", b"two"), b""), 0.0)
    assert pump.data_to_send() == said(b"one") + said(b"two")
    pump.receive(said(b"uno"), 0.0)
    assert link.log[-3:] == [("send", b"one", True), ("send", b"two", True), ("send", b"", True)]


def test_what_a_conversation_raises_is_what_its_job_raises():
    def refused():
        yield b"one"
        raise AccessError(3, "it")

    pump, _ = up()
    job = pump.run(A, refused(), 0.0)
    pump.receive(said(b"no"), 0.0)
    with pytest.raises(AccessError):
        job.result()


def test_a_conversation_may_end_without_a_word():
    pump, _ = up()
    assert pump.run(A, asking(), 0.0).result() == []


def test_jobs_of_one_route_wait_for_each_other():
    pump, _ = up()
    first, second = pump.run(A, asking(b"one"), 0.0), pump.run(A, asking(b"two"), 0.0)
    closing = pump.close(A, 0.0)
    assert pump.data_to_send() == said(b"one")
    pump.receive(said(b"uno"), 0.0)
    assert (first.done, second.done, closing.done) == (True, False, False)
    assert pump.data_to_send() == said(b"two")
    pump.receive(said(b"due"), 0.0)
    assert (second.result(), closing.result()) == ([b"due"], None)


def test_routes_do_not_wait_for_each_other():
    pump, _ = up(A, B)
    first, second = pump.run(A, asking(b"one"), 0.0), pump.run(B, asking(b"two"), 0.0)
    assert pump.data_to_send() == said(b"one") + said(b"two", B)
    pump.receive(said(b"due", B), 0.0)
    assert (first.done, second.result()) == (False, [b"due"])


def test_silence_is_a_timeout_with_who_and_how_long():
    pump, _ = up()
    job = pump.run(A, asking(b"one"), 5.0)
    assert pump.next_timeout() == 15.0
    pump.handle_timeout(14.9)
    assert not job.done
    pump.handle_timeout(15.0)
    with pytest.raises(LinkTimeout, match="here:1 did not answer within 10 s"):
        job.result()


def test_a_conversation_may_bear_silence():
    def patient():
        try:
            yield b"one"
        except LinkTimeout:
            return (yield b"again")

    pump, _ = up()
    job = pump.run(A, patient(), 0.0)
    pump.data_to_send()
    pump.handle_timeout(10.0)
    assert pump.data_to_send() == said(b"again")
    assert pump.next_timeout() == 20.0
    pump.receive(said(b"uno"), 11.0)
    assert job.result() == b"uno"


def test_octets_on_the_line_are_no_silence_but_not_for_ever():
    pump, _ = up()
    job = pump.run(A, asking(b"one"), 0.0)
    now = 0.0
    while not job.done:
        pump.handle_timeout(now)
        now += 9.0
        pump.receive(b"", now)
        assert now < 1000
    assert now == pytest.approx(PATIENCE * 10, abs=18)
    with pytest.raises(LinkTimeout):
        job.result()


def test_what_nobody_waits_for_is_handed_on():
    units = []
    pump, _ = up(unasked=units.append)
    pump.receive(said(b"push") + said(b"other", B), 0.0)
    assert units == [Unit(A, b"push"), Unit(B, b"other")]


def test_other_events_are_watched():
    events = []
    pump, link = up(watch=events.append)
    link.events.append(Discarded("noise", b"\xff"))
    pump.receive(b"", 0.0)
    assert events == [Discarded("noise", b"\xff")]


def test_without_anybody_interested_all_is_dropped():
    pump, link = up()
    link.events.append(Discarded("noise", b"\xff"))
    pump.receive(said(b"push"), 0.0)
    assert pump.dead is None


@pytest.mark.parametrize("too_early", [True, False])
def test_the_link_has_its_own_time(too_early):
    pump, link = up()
    job = pump.run(A, asking(b"one"), 0.0)
    link.due = 3.0
    assert pump.next_timeout() == 3.0
    pump.handle_timeout(2.9 if too_early else 3.0)
    assert job.done is not too_early
    if not too_early:
        with pytest.raises(LinkTimeout, match="here:1: no answer"):
            job.result()


def test_a_route_that_breaks_off_ends_its_conversation_only():
    pump, link = up(A, B)
    first, second = pump.run(A, asking(b"one"), 0.0), pump.run(B, asking(b"two"), 0.0)
    link.events.append(Closed("FRMR", A))
    pump.receive(said(b"due", B), 0.0)
    with pytest.raises(LinkError, match="here:1: FRMR") as e:
        first.result()
    assert not isinstance(e.value, LinkTimeout)
    assert second.result() == [b"due"]
    with pytest.raises(LinkError, match="is not connected"):
        pump.run(A, asking(b"more"), 0.0).result()


def test_a_conversation_cannot_go_on_without_its_route():
    def stubborn():
        while True:
            try:
                yield b"one"
            except LinkError:
                continue

    pump, link = up()
    job = pump.run(A, stubborn(), 0.0)
    link.events.append(Closed("gone", A))
    pump.receive(b"", 0.0)
    with pytest.raises(LinkError, match="gone"):
        job.result()


def test_a_conversation_that_ends_well_without_its_route_has_its_outcome():
    def content():
        try:
            yield b"one"
        except LinkError:
            return "well"

    pump, _ = up()
    job = pump.run(A, content(), 0.0)
    pump.lost("reset", 0.0)
    assert job.result() == "well"


def test_a_line_that_is_lost_ends_everything_and_stays_lost():
    pump, _ = up(A, B)
    jobs = [pump.run(A, asking(b"one"), 0.0), pump.run(A, asking(b"two"), 0.0), pump.run(B, asking(b"three"), 0.0)]
    pump.lost("connection reset by peer", 1.0)
    for job in (*jobs, pump.run(A, asking(b"four"), 2.0), pump.open(Route(2, 1), 2.0)):
        with pytest.raises(LinkError, match="here:1"):
            job.result()
    assert pump.next_timeout() is None
    assert pump.dead is not None


def test_an_event_that_comes_with_sending_is_seen():
    pump, link = up()
    job = pump.run(A, asking(b"one"), 0.0)
    link.when_sent = Closed("no answer, asked 4 times", A, timed_out=True)
    pump.data_to_send()
    with pytest.raises(LinkTimeout, match="asked 4 times"):
        job.result()


def test_what_the_link_refuses_is_told_to_the_conversation():
    pump, _ = up()
    job = pump.run(A, asking(bytes(101)), 0.0)
    with pytest.raises(LocalError, match="too long"):
        job.result()


def test_a_conversation_that_insists_on_what_the_link_refuses_ends():
    def stubborn():
        while True:
            try:
                yield bytes(101)
            except LocalError:
                continue

    pump, _ = up()
    with pytest.raises(LocalError):
        pump.run(A, stubborn(), 0.0).result()


def test_what_is_still_unsent_goes_out_afterwards_and_wants_no_answer():
    pump, link = up()
    job = pump.run(A, asking(b"one"), 0.0, lambda: [b"thanks"])
    pump.receive(said(b"uno"), 0.0)
    assert job.result() == [b"uno"]
    assert link.log[-1] == ("send", b"thanks", False)


def test_what_is_still_unsent_and_too_long_is_told():
    pump, _ = up()
    job = pump.run(A, asking(b"one"), 0.0, lambda: [bytes(101)])
    pump.receive(said(b"uno"), 0.0)
    with pytest.raises(LocalError):
        job.result()


def test_a_job_that_is_given_up_makes_room_for_the_next():
    pump, _ = up()
    first, second, third = (pump.run(A, asking(word), 0.0) for word in (b"one", b"two", b"three"))
    pump.data_to_send()
    pump.cancel(second, 0.0)
    pump.cancel(first, 0.0)
    pump.cancel(first, 0.0)
    assert pump.data_to_send() == said(b"three")
    with pytest.raises(LinkError, match="given up"):
        first.result()
    pump.receive(said(b"tre"), 0.0)
    assert third.result() == [b"tre"]


def test_opening_waits_for_the_link_and_tells_why_not():
    link = Letters(opens=False)
    pump = Pump(link, "here:1")
    job = pump.open(A, 0.0)
    assert not job.done
    link.events.append(Closed("DM", A))
    pump.receive(b"", 0.0)
    with pytest.raises(LinkError, match="here:1: DM"):
        job.result()


def test_opening_does_not_last_for_ever():
    pump = Pump(Letters(opens=False), "here:1", timeout=1.0)
    job = pump.open(A, 0.0)
    pump.handle_timeout(PATIENCE * 1.0)
    with pytest.raises(LinkTimeout):
        job.result()


def test_a_route_is_opened_once():
    pump, _ = up()
    with pytest.raises(LocalError, match="in use"):
        pump.open(A, 0.0)


def test_closing():
    pump, link = up()
    assert pump.close(A, 0.0).result() is None
    assert pump.close(A, 0.0).result() is None
    assert link.log == [("open", A), ("close", A)]
    assert pump.open(A, 0.0).result() is None


def test_a_line_that_is_lost_while_closing_is_closed():
    pump, link = up()
    link.close = lambda route, now: None
    job = pump.close(A, 0.0)
    pump.lost("reset", 0.0)
    assert job.result() is None


def test_telling_wants_no_answer():
    pump, link = up()
    pump.tell(A, b"confirmed", 0.0)
    assert link.log[-1] == ("send", b"confirmed", False)


def test_a_connection_that_went_down_meanwhile_is_the_reason_and_not_the_sending():
    """The answer and the end of the connection come together: what the conversation says next cannot be sent."""
    link = Letters()
    pump = Pump(link, "there")
    pump.open(A, 0.0)

    def talk():
        yield b"one"
        yield bytes(101)

    job = pump.run(A, talk(), 0.0)
    link.events.extend([Unit(A, b"answer"), Closed("the meter has left", A)])
    pump.receive(b"", 0.1)
    with pytest.raises(LinkError, match="there: the meter has left"):
        job.result()
