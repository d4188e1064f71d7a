"""Our client, blocking and asyncio, with servers of others: gurux-dlms and the simulator of pydlms-client."""

from __future__ import annotations

import asyncio

import pytest

from anymeter.cosem.enums import ApplicationContext
from anymeter.errors import AssociationRefused
from interop import meters, processes
from interop.matrix import Checks

pytestmark = [processes.needed, pytest.mark.slow]

GURUX, PYDLMS = (f"our client → {name} server" for name in ("gurux-dlms", "pydlms-client"))
PDUS = (128, 1024, 16384)
WRAPPER, HDLC = "TCP wrapper", "HDLC"
URLS = {WRAPPER: "dlms+tcp://127.0.0.1:{}?timeout=5", HDLC: "dlms+hdlc+tcp://127.0.0.1:{}?timeout=5"}
LOW = {"client": 32, "password": "12345678"}
SHORT = {"context": ApplicationContext.short_names}

GURUX_OBJECTS = {(1, "0-0:42.0.0*255"), (3, "1-0:1.8.0*255"), (8, "0-0:1.0.0*255"), (7, "1-0:99.1.0*255")}
FACTS = {
    "gurux": meters.Facts(
        name=b"GRX1000000000001",
        clock="2026-10-01T00:00:00+00:00",
        other=bytes.fromhex("06000010e1"),
        objects=frozenset(GURUX_OBJECTS),
        turning=(3, "1-0:2.8.0", 2),
    ),
    "pydlms": meters.Facts(
        name=b"PYD1000000000001",
        clock="2024-05-01T12:00:00+02:00",
        other=bytes.fromhex("1210e1"),
        objects=frozenset(GURUX_OBJECTS),
        turning=(3, "1-0:2.8.0", 2),
    ),
}
HABITS = {"gurux": {"any_invoke_id": True}, "pydlms": {}}
"""Its errors carry invoke id 1 whatever was asked."""

GURUX_BLOCKS = "gurux-dlms (Python) cannot take a SET in blocks: its server ends the request after the first one"
GURUX_SN_BLOCKS = (
    "gurux-dlms (Python) sends four octets of a long ReadResponse in a first block that it calls the last one"
)
GURUX_SN_METHODS = "gurux-dlms (Python) finds no method by its short name, and WriteRequest invokes none in it"
GURUX_SN_DENIED = "gurux-dlms (Python) answers success to a WriteRequest that it did not carry out"
PYDLMS_SELECTION = (
    "the simulator of pydlms-client takes parameterized access for methods only; to a selection it sends the whole "
    "buffer"
)
PYDLMS_WRITTEN_METHOD = (
    "the simulator of pydlms-client takes a WriteRequest to the short name of a method for one to an attribute; it "
    "invokes methods by ReadRequest only"
)
GURUX_UNKNOWN_METHOD = (
    "gurux-dlms (Python) breaks off at an ACTION on an object that it does not have, and answers with an APDU that is "
    "none"
)


def played(driver, port, link, scenario, **settings):
    """A scenario over one of our drivers."""
    url = URLS[link].format(port)
    if driver == "asyncio":
        asyncio.run(meters.run_async(url, scenario, **settings))
    else:
        meters.run_blocking(url, scenario, **settings)


def tried(check, driver, port, scenario, **settings):
    """A scenario; the association is a cell too."""
    with check(f"association, {'LLS' if 'password' in settings else 'no security'}", ""):
        played(driver, port, check.link, scenario, **settings)


def failing(driver, port, link, scenario, **settings):
    """A scenario that is bound to fail: raises what went wrong in it."""
    played(driver, port, link, scenario(lone := Checks(lambda name, value: None, "", link)), **settings)
    lone.settle()


@pytest.mark.parametrize("pdu", PDUS)
@pytest.mark.parametrize("driver", ["blocking", "asyncio"])
@pytest.mark.parametrize("link", [WRAPPER, HDLC])
@pytest.mark.parametrize(("peer", "pair"), [("gurux", GURUX), ("pydlms", PYDLMS)])
def test_everything_with_a_password(record_property, peer, pair, link, driver, pdu):
    check = Checks(record_property, pair, link, f"PDU {pdu}")
    settings = {"max_receive_pdu": pdu, **LOW, **HABITS[peer]}
    with processes.running(f"{peer}_server", rows=meters.ROWS, max_pdu=pdu, hdlc=link == HDLC) as port:
        tried(check, driver, port, meters.everything(check, FACTS[peer]), **settings)
        feature = "SET in blocks" if pdu < len(meters.LONG) else "SET of 3,000 octets"

        def long(check):
            return meters.writing(check, meters.LONG, feature)

        if peer == "gurux" and pdu < len(meters.LONG):
            with check.cannot(feature, GURUX_BLOCKS):
                failing(driver, port, link, long, **settings)
        else:
            played(driver, port, link, long(check), **settings)
        if peer == "gurux":
            with check.cannot("errors: undefined object, ACTION", GURUX_UNKNOWN_METHOD):
                failing(driver, port, link, meters.undefined_method, **settings)
        else:
            played(driver, port, link, meters.undefined_method(check), **settings)
    check.settle()


@pytest.mark.parametrize("link", [WRAPPER, HDLC])
@pytest.mark.parametrize(("peer", "pair"), [("gurux", GURUX), ("pydlms", PYDLMS)])
def test_without_security_and_with_a_wrong_password(record_property, peer, pair, link):
    check = Checks(record_property, pair, link)
    with processes.running(f"{peer}_server", hdlc=link == HDLC) as port:
        tried(check, "blocking", port, meters.reading(check, FACTS[peer]), client=16, **HABITS[peer])
        with check("wrong password"), pytest.raises(AssociationRefused, match="authentication-failure"):
            played("blocking", port, link, meters.whole(check), client=32, password="11111111")
    check.settle()


@pytest.mark.parametrize("link", [WRAPPER, HDLC])
@pytest.mark.parametrize("pdu", [1024, 65535])
def test_pydlms_by_short_names(record_property, link, pdu):
    check = Checks(record_property, f"{PYDLMS}, short names", link, f"PDU {pdu}")
    facts = FACTS["pydlms"]._replace(short_names=True, whole_only=True)
    told = {"rows": meters.ROWS, "short_names": True, "max_pdu": pdu, "hdlc": link == HDLC}
    with processes.running("pydlms_server", **told) as port:
        tried(check, "blocking", port, meters.everything(check, facts), max_receive_pdu=pdu, **SHORT, **LOW)
        with check.cannot("profile: by range and by entry", PYDLMS_SELECTION):
            failing("blocking", port, link, meters.parts, max_receive_pdu=pdu, **SHORT, **LOW)
        with check.cannot("ACTION", PYDLMS_WRITTEN_METHOD):
            failing("blocking", port, link, lambda c: meters.acting(c, facts), max_receive_pdu=pdu, **SHORT, **LOW)
        played("blocking", port, link, meters.acting_by_read(check), max_receive_pdu=pdu, **SHORT, **LOW)
        long = meters.writing(check, meters.LONG, "SET in blocks" if pdu < 3000 else "SET of 3,000 octets")
        played("asyncio", port, link, long, max_receive_pdu=pdu, **SHORT, **LOW)
    check.settle()


@pytest.mark.parametrize("link", [WRAPPER, HDLC])
def test_gurux_by_short_names(record_property, link):
    check = Checks(record_property, f"{GURUX}, short names", link)
    facts = FACTS["gurux"]._replace(short_names=True)

    def scenario():
        yield from meters.reading(check, facts)
        yield from meters.with_list(check, facts)
        yield from meters.whole(check)
        yield from meters.parts(check)
        yield from meters.writing(check)

    told = {"rows": meters.ROWS, "short_names": True, "max_pdu": 65535, "hdlc": link == HDLC}
    with processes.running("gurux_server", **told) as port:
        settings = {**SHORT, **HABITS["gurux"]}
        tried(check, "blocking", port, scenario(), **settings)
        with check.cannot("errors: write denied", GURUX_SN_DENIED):
            failing("blocking", port, link, meters.denied, **settings)
        with check.cannot("ACTION", GURUX_SN_METHODS):
            failing("blocking", port, link, lambda c: meters.acting(c, facts), **settings)
    with (
        processes.running("gurux_server", **told | {"max_pdu": 128}) as port,
        check.cannot(f"profile: {meters.ROWS:,} rows whole", GURUX_SN_BLOCKS, "PDU 128"),
    ):
        failing("blocking", port, link, meters.whole, max_receive_pdu=128, **settings)
    check.settle()


@pytest.mark.parametrize(
    ("link", "window", "driver", "lost"),
    [
        (WRAPPER, 1, "blocking", ""),
        (WRAPPER, 1, "blocking", ", blocks lost"),
        (WRAPPER, 5, "blocking", ", blocks lost"),
        (WRAPPER, 5, "asyncio", ""),
        (WRAPPER, 5, "asyncio", ", blocks lost"),
        (HDLC, 5, "blocking", ""),
    ],
)
def test_general_block_transfer_with_pydlms(record_property, link, window, driver, lost):
    check = Checks(record_property, PYDLMS, link, f"window {window}{lost}")
    told: dict[str, object] = {"lose": [3], "lose_requests": [2]} if lost else {}
    told = {"gbt": True, "gbt_window": window, "rows": meters.ROWS, "max_pdu": 128, "hdlc": link == HDLC} | told
    settings = {"max_receive_pdu": 128, "general_blocks": True, "window": window, **LOW}
    url = URLS[link].replace("timeout=5", "timeout=1")  # nothing else than a timeout tells that a last block is lost
    with processes.running("pydlms_server", **told) as port:
        play = meters.run_blocking if driver == "blocking" else meters.run_async
        played_now = play(url.format(port), meters.general_blocks(check), **settings)
        if played_now is not None:
            asyncio.run(played_now)
    check.settle()


@pytest.mark.parametrize("link", [WRAPPER, HDLC])
def test_access_with_pydlms(record_property, link):
    check = Checks(record_property, PYDLMS, link)
    with processes.running("pydlms_server", hdlc=link == HDLC) as port:
        for driver in ("blocking", "asyncio"):
            tried(check, driver, port, meters.by_access(check), **LOW)
    check.settle()


@pytest.mark.parametrize(("size", "window"), [(128, 3), (1024, 1), (2030, 3), (128, 7)])
def test_windows_and_long_frames_with_pydlms(record_property, size, window):
    check = Checks(record_property, PYDLMS, HDLC, f"frames of {size}, window {window}")

    def scenario():
        yield from meters.whole(check)
        yield from meters.writing(check, meters.LONG, "SET of 3,000 octets")

    with processes.running("pydlms_server", rows=meters.ROWS, max_pdu=16384, hdlc=True, window=window) as port:
        url = URLS[HDLC] + f"&max_info={size}&window={window}"
        meters.run_blocking(url.format(port), scenario(), max_receive_pdu=16384, **LOW)
    check.settle()
