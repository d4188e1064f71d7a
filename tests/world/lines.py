"""Both ends of a line of every kind, around the device of the world tests, and a client of it."""

from __future__ import annotations

from contextlib import contextmanager

from anymeter.cosem.enums import ApplicationContext, Mechanism
from anymeter.dlms.client.association import associate
from anymeter.dlms.client.session import Session, Settings
from anymeter.drivers.loopback import Loopback
from anymeter.links.hdlc_parameters import Parameters
from anymeter.links.hdlc_primary import HdlcPrimary
from anymeter.links.hdlc_secondary import HdlcSecondary
from anymeter.links.wrapper_link import WrapperLink
from world.device import NOW, PASSWORD, READER, ROUTES, SHORT, Meter


def hdlc(octets: int = 128, window: int = 1):
    """Both ends of an HDLC line, as makers of links."""
    sizes = Parameters(octets, octets, window, window)
    return lambda: HdlcPrimary(sizes, response_timeout=2.0, retries=2, busy_timeout=10.0), lambda: HdlcSecondary(sizes)


def wrapper(*, datagrams: bool = False):
    """Both ends of a wrapper line, as makers of links."""
    return lambda: WrapperLink(datagrams=datagrams), lambda: WrapperLink(server=True, datagrams=datagrams)


LINKS = {
    "wrapper": wrapper(),
    "datagrams": wrapper(datagrams=True),
    "hdlc": hdlc(),
    "hdlc window 7": hdlc(128, 7),
    "hdlc long frames": hdlc(2030, 7),
}


def line(kind: str = "wrapper", meter: Meter | None = None, **more) -> Loopback:
    """A loopback to a meter."""
    client, server = LINKS[kind]
    end = (meter or Meter()).server.line(datagrams=kind == "datagrams")
    return Loopback(client(), server(), end, device_time=NOW, **more)


def session(client: int = 16, **more) -> Session:
    """A client of the world device: by its SAP the right context and password."""
    if client == READER:
        more = {"mechanism": Mechanism.low_level, "secret": PASSWORD} | more
    if client == SHORT:
        more = {"context": ApplicationContext.short_names} | more
    return Session(Settings(client=client, **more))


class Talk:
    """One association over a line that blocks or a loopback: ``talk(get, ...)`` runs a conversation."""

    def __init__(self, over, one: Session) -> None:
        self.over, self.session = over, one
        self.route = ROUTES[one.settings.client]

    def __call__(self, builder, *arguments, **more):
        return self.over.run(self.route, builder(self.session, *arguments, **more), self.session.take_unsent)

    def open(self):
        """Connect and associate."""
        self.over.open(self.route)
        self(associate)
        return self


def talk(kind: str = "wrapper", meter: Meter | None = None, client: int = 16, **settings) -> Talk:
    """An open association over a loopback."""
    return Talk(line(kind, meter), session(client, **settings)).open()


@contextmanager
def nothing_wrong(meter: Meter):
    """Whatever happens inside, no object of the meter is at fault itself."""
    yield
    assert not list(meter.server.faults)
