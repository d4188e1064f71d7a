"""A small meter behind every kind of line, for tests of drivers and verbs: real link, real server, loopback sockets."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading

import dlms_meter
from anymeter.dlms.client.association import associate
from anymeter.dlms.client.get import get_value
from anymeter.dlms.client.session import Session, Settings
from anymeter.dlms.descriptors import AttributeDescriptor
from anymeter.drivers import serve
from anymeter.drivers.loopback import Loopback
from anymeter.links.events import Route
from anymeter.links.hdlc_primary import HdlcPrimary
from anymeter.links.hdlc_secondary import HdlcSecondary
from anymeter.links.wrapper_link import WrapperLink
from anymeter.obis import Obis

PUBLIC = Route(dlms_meter.PUBLIC, 1)
OTHER = Route(dlms_meter.GUARDED, 1)
GAUGE = AttributeDescriptor(0x2008, Obis("1-0:1.8.0"), 2)
STORE = AttributeDescriptor(0x2009, Obis("0-0:96.1.0"), 2)
HELD = 5009
"""What the gauge of the small meter holds."""

LINKS = {
    "wrapper": (WrapperLink, lambda: WrapperLink(server=True)),
    "datagrams": (lambda: WrapperLink(datagrams=True), lambda: WrapperLink(server=True, datagrams=True)),
    "hdlc": (HdlcPrimary, HdlcSecondary),
}


def ends(kind):
    """Both ends of a line, the client's first."""
    client, server = LINKS[kind]
    return client(), server()


def loopback(kind="wrapper", meter=None, **more):
    """A loopback to a small meter."""
    meter = meter or dlms_meter.Meter(datagrams=kind == "datagrams")
    return Loopback(*ends(kind), meter.server.line(datagrams=kind == "datagrams"), **more)


def session(client=dlms_meter.PUBLIC, **more):
    return Session(Settings(client=client, **more))


def read(line, one=None, route=PUBLIC, target=GAUGE):
    """Associate and read one value over a blocking line."""
    one = one or session(route.client)
    line.open(route)
    line.run(route, associate(one), one.take_unsent)
    return line.run(route, get_value(one, target), one.take_unsent)


class Background:
    """A server on a loop of its own in another thread, for clients that block. Use with ``with``.

    *make* is a coroutine function that gives what serves: something with ``port`` and ``close()``.
    """

    def __init__(self, make):
        self._make = make
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    def __enter__(self):
        self._thread.start()
        self.serving = self.run(self._make())
        return self

    @property
    def port(self):
        return self.serving.port

    def __exit__(self, *_):
        self.run(self.serving.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


def serving(kind="wrapper", meter=None, host="127.0.0.1", **settings):
    """The small meter behind a socket of ours, in the background."""
    meter = meter or dlms_meter.Meter(datagrams=kind == "datagrams")
    link = LINKS[kind][1]
    start = serve.serve_udp if kind == "datagrams" else serve.serve_tcp

    def served(local, peer):
        return meter.server.line(datagrams=kind == "datagrams")

    settings = {"clock": lambda: meter.now} | settings
    return Background(lambda: start(served, host, 0, link=link, settings=serve.Settings(**settings)))


@contextlib.contextmanager
def silent(kind=socket.SOCK_STREAM):
    """The port of a socket that takes connections and says nothing."""
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            sock.listen()
        yield sock.getsockname()[1]


def closed_port():
    """A port that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def ipv6():
    """Whether this machine has IPv6 on its loopback."""
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.bind(("::1", 0))
    except OSError:
        return False
    return True
