"""What a newcomer types: URLs that are none, hosts that do not answer, meters that hang up; blocking and asyncio."""

import asyncio
import socket
import struct
import threading
from contextlib import contextmanager

import pytest

import anymeter
import driver_meters
from anymeter.errors import AnymeterError, LinkError, LinkTimeout, LocalError
from driver_meters import closed_port, ipv6, silent
from world.device import ENERGY, HELD, PASSWORD, PROFILE, STORE, Meter

TCP = ["dlms+tcp", "dlms+hdlc+tcp"]


def read_sync(url, **more):
    with anymeter.connect_sync(url, **more) as meter:
        return meter.read(ENERGY).value


def read_async(url, **more):
    async def read():
        async with anymeter.connect(url, **more) as meter:
            return (await meter.read(ENERGY)).value

    return asyncio.run(read())


WAYS = [read_sync, read_async]


@pytest.mark.parametrize("read", WAYS)
@pytest.mark.parametrize(
    "url",
    [
        "",
        "meter",
        "dlms+tcp",
        "dlms+tcp://",
        "dlms+tcp://:4059",
        "http://127.0.0.1",
        "dlms+tcp://127.0.0.1:99999",
        "dlms+tcp://127.0.0.1:abc",
        "dlms+tcp://[::1",
        "dlms+tcp://127.0.0.1:1?timeout=never",
        "dlms+tcp://127.0.0.1:1?timeout=nan",
        "dlms+tcp://127.0.0.1:1?nosuch=1",
        "dlms+tcp://127.0.0.1:1?client=70000",
        "dlms+tcp://127.0.0.1:1?client=1&client=2",
        "dlms+tcp://user:password@127.0.0.1:1",
        "dlms+hdlc+tcp://127.0.0.1:1?window=9",
    ],
)
def test_a_url_that_is_none_is_a_mistake_of_ours(read, url):
    with pytest.raises(LocalError):
        read(url)


@pytest.mark.parametrize("read", WAYS)
def test_a_host_that_there_is_not(read):
    with pytest.raises(LinkError, match=r"no host is called 'a..b'"):
        read("dlms+tcp://a..b")


@pytest.mark.parametrize("read", WAYS)
@pytest.mark.parametrize("scheme", [*TCP, "dlms+udp"])
def test_a_port_that_nobody_listens_on(read, scheme):
    with pytest.raises(LinkError, match=r"127\.0\.0\.1:.*refused"):
        read(f"{scheme}://127.0.0.1:{closed_port()}?timeout=2")


@pytest.mark.parametrize("read", WAYS)
@pytest.mark.parametrize("scheme", TCP)
def test_a_meter_that_says_nothing(read, scheme):
    with silent() as port, pytest.raises(LinkTimeout, match=f"127.0.0.1:{port}"):
        read(f"{scheme}://127.0.0.1:{port}?timeout=0.2")


@pytest.mark.parametrize("read", WAYS)
def test_a_meter_that_says_nothing_over_udp(read):
    with silent(socket.SOCK_DGRAM) as port, pytest.raises(LinkTimeout, match=f"127.0.0.1:{port}"):
        read(f"dlms+udp://127.0.0.1:{port}?timeout=0.4")


def closes(sock):
    sock.close()


def closes_when_asked(sock):
    sock.recv(1000)
    sock.close()


def resets(sock):
    sock.recv(1000)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def speaks_http(sock):
    sock.recv(1000)
    sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    sock.close()


@contextmanager
def peer(behaves):
    """The port of something that takes one connection and *behaves* so."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=lambda: behaves(server.accept()[0]), daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(10)


@pytest.mark.parametrize("read", WAYS)
@pytest.mark.parametrize("scheme", TCP)
@pytest.mark.parametrize("behaves", [closes, closes_when_asked, resets, speaks_http])
def test_peers_that_are_no_meters(read, scheme, behaves):
    with peer(behaves) as port, pytest.raises(LinkError, match=f"127.0.0.1:{port}: "):
        read(f"{scheme}://127.0.0.1:{port}?timeout=2")


@pytest.mark.parametrize("read", WAYS)
@pytest.mark.parametrize(
    ("kind", "scheme"), [("wrapper", "dlms+tcp"), ("datagrams", "dlms+udp"), ("hdlc", "dlms+hdlc+tcp")]
)
def test_a_meter_is_read_over_every_carrier(read, kind, scheme):
    meter = Meter()
    with driver_meters.serving(kind, meter) as serving:
        assert read(f"{scheme}://127.0.0.1:{serving.port}") == HELD
        assert read(f"{scheme}://127.0.0.1:{serving.port}?client=1", password=PASSWORD) == HELD
        assert read(f"{scheme}://127.0.0.1:{serving.port}?client=2&names=sn") == HELD
        with pytest.raises(AnymeterError, match="refused"):
            read(f"{scheme}://127.0.0.1:{serving.port}?client=1", password=b"wrong")
    assert not meter.server.faults


@pytest.mark.skipif(not ipv6(), reason="no IPv6 here")
@pytest.mark.parametrize("read", WAYS)
@pytest.mark.parametrize(
    ("kind", "scheme"), [("wrapper", "dlms+tcp"), ("datagrams", "dlms+udp"), ("hdlc", "dlms+hdlc+tcp")]
)
def test_over_ipv6(read, kind, scheme):
    with driver_meters.serving(kind, Meter(), host="::1") as serving:
        assert read(f"{scheme}://[::1]:{serving.port}") == HELD


def test_everything_a_newcomer_tries_first():
    meter = Meter(rows=100)
    with driver_meters.serving("wrapper", meter) as serving:  # noqa: SIM117  (the second needs the first)
        with anymeter.connect_sync(f"dlms+tcp://127.0.0.1:{serving.port}") as there:
            assert len(there.objects()) >= 9
            assert {str(one.obis) for one in there.read()} >= {str(ENERGY)}
            assert len(there.profile(PROFILE)) == 100
            assert [row[1] for row in there.profile(PROFILE, entries=3).rows] == [7 * n for n in (98, 99, 100)]
            assert there.scan().name in ("ANY0000000000042", b"ANY0000000000042")
            with pytest.raises(AnymeterError):
                there.read("1-0:9.9.9")
            with there.association(client=1, mechanism=1, secret=PASSWORD) as reader:
                assert reader.read(ENERGY).value == HELD
            assert there.read(ENERGY).value == HELD
    assert not meter.server.faults
    assert meter.obj(STORE).get(2, 0) == b""


def test_the_meter_goes_away_in_the_middle():
    meter = Meter(rows=50_000)
    with driver_meters.serving("wrapper", meter) as serving:

        def goes(_):
            for connection in list(serving.serving.connections):
                serving._loop.call_soon_threadsafe(connection.hang_up)

        with (
            pytest.raises(LinkError, match=r"127\.0\.0\.1:"),
            anymeter.connect_sync(f"dlms+tcp://127.0.0.1:{serving.port}?max_pdu=200") as there,
        ):
            there.profile(PROFILE, progress=goes)
