"""Conversations of the client: a GET and an association by themselves, and a GET to our server and back."""

from __future__ import annotations

import cases
from timing import measure

from anymeter.cosem.access import READ, Rights
from anymeter.cosem.associations import AssociationProfile
from anymeter.cosem.classes.registers import Register
from anymeter.cosem.device import LogicalDevice, PhysicalDevice
from anymeter.cosem.schema import DOUBLE_LONG_UNSIGNED
from anymeter.cosem.selection import CLOCK_TIME, CaptureObject
from anymeter.dlms.client.association import associate, release
from anymeter.dlms.client.get import get
from anymeter.dlms.client.profiles import Layout, read_buffer
from anymeter.dlms.client.session import Session
from anymeter.dlms.get import GetResponseWithDatablock
from anymeter.dlms.server import Server
from anymeter.links.events import Opened, Route, Unit
from anymeter.links.wrapper_link import WrapperLink
from anymeter.obis import Obis

ENERGY = Obis("1-0:1.8.0")
AARE = bytes.fromhex("6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F040000501F01F40007")
RLRE = bytes.fromhex("6303800100")
ROUTE = Route(16, 1)


def answered(conversation, answers):
    """Run a conversation that is answered by *answers*, the next of them to each thing that it says."""
    next(conversation)
    for answer in answers:
        try:
            conversation.send(answer)
        except StopIteration as end:
            return end.value
    raise AssertionError("it goes on")


def get_alone():
    """One item: a GET of a number, its request made and its answer decoded."""
    session = Session()
    session.negotiated(0x7FFFFF, 1024)
    answers = [cases.GET_RESPONSE[:2] + bytes((0xC0 | invoke,)) + cases.GET_RESPONSE[3:] for invoke in range(16)]

    def work():
        conversation = get(session, ENERGY, Register.value)
        request = next(conversation)
        try:
            conversation.send(answers[request[2] & 0x0F])
        except StopIteration as end:
            return end.value
        return None

    return work, 123456, 1


def association_alone():
    """One item: an association asked for, accepted, released."""
    session = Session()

    def work():
        answered(associate(session), [AARE])
        return answered(release(session), [RLRE])

    return work, 0, 1


def meter():
    """A device with one register."""
    register = Register(ENERGY, value=123456, scaler_unit=(0, 30), types={2: DOUBLE_LONG_UNSIGNED})
    public = AssociationProfile(name="public", client=16, rights={ENERGY: Rights({1: READ, 2: READ, 3: READ})})
    return PhysicalDevice([LogicalDevice(1, b"AMT0000000000001", [register], [public])])


class Ends:
    """A client and a server with the wrapper between them: octets go from hand to hand."""

    def __init__(self):
        self.client, self.server = WrapperLink(), WrapperLink(server=True)
        self.line = Server(meter()).line()
        self.client.open(ROUTE, 0.0)
        assert isinstance(self.client.next_event(), Opened)
        self.session = Session()
        self.run(associate(self.session))

    def run(self, conversation):
        """Run a conversation to its end."""
        client, server, answer = self.client, self.server, self.line.answer
        sent = next(conversation)
        while True:
            client.send(Unit(ROUTE, sent), 0.0)
            server.receive_data(client.data_to_send(), 0.0)
            while (event := server.next_event()) is not None:
                if type(event) is Unit:
                    for unit in answer(event, 0.0):
                        server.send(unit, 0.0)
            client.receive_data(server.data_to_send(), 0.0)
            event = client.next_event()
            try:
                sent = conversation.send(event.apdu)
            except StopIteration as end:
                return end.value


def get_there_and_back():
    """One item: a GET from our client through the wrapper to our server and back, without sockets."""
    ends = Ends()

    def work():
        return ends.run(get(ends.session, ENERGY, Register.value))

    return work, 123456, 1


def association_there_and_back():
    """One item: released and associated anew, the same way."""
    ends = Ends()

    def work():
        ends.run(release(ends.session))
        ends.run(associate(ends.session))
        return ends.session.associated

    return work, True, 1


def profile():
    """One item: a profile of 2,976 rows, a month of quarters of an hour, read in blocks of 1,000 octets to columns."""
    session = Session()
    session.negotiated(0x7FFFFF, 1024)
    value = cases.fixed_rows(2976)
    name = Obis("1-0:99.1.0")
    columns = [CLOCK_TIME, *(CaptureObject(3, Obis((1, 0, n, 8, 0, 255))) for n in (1, 2, 3)), CaptureObject(1, name)]
    layout = Layout(tuple(columns), 900)
    blocks = []
    for number, start in enumerate(range(0, len(value), 1000), 1):
        raw = value[start : start + 1000]
        last = start + 1000 >= len(value)
        blocks.append(GetResponseWithDatablock(0, last, number, raw).encode())

    def work():
        conversation = read_buffer(session, name, layout=layout)
        invoke = bytes((next(conversation)[2],))
        try:
            for block in blocks:
                conversation.send(block[:2] + invoke + block[3:])
        except StopIteration as end:
            return len(end.value.profile().columns()["1-0:1.8.0*255"])
        return None

    return work, 2976, 1


measure(
    {
        "client-get": get_alone,
        "client-association": association_alone,
        "client-profile": profile,
        "get-there-and-back": get_there_and_back,
        "association-there-and-back": association_there_and_back,
    }
)
