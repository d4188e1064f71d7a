"""Clients of others with our server: gurux-dlms, dlms-cosem and pydlms-client, over the wrapper and HDLC."""

from __future__ import annotations

import pytest

from interop import device, processes, steps
from interop.matrix import Checks

pytestmark = [processes.needed, pytest.mark.slow]

GURUX, COSEM, PYDLMS = (f"{name} client → our server" for name in ("gurux-dlms", "dlms-cosem", "pydlms-client"))
PDUS = (128, 1024, 16384)
WRAPPER, UDP, HDLC = "TCP wrapper", "UDP wrapper", "HDLC"
LOW = {"client": device.READER, "password": device.PASSWORD}
NONE = {"client": device.PUBLIC}
OWN = {device.SHORT: "0.0.40.0.3.255", device.SHORT_READER: "0.0.40.0.4.255"}
NAMES = {WRAPPER: "wrapper", UDP: "udp", HDLC: "hdlc"}

GURUX_WINDOW = (
    "gurux-dlms (Python) forgets the number of a frame inside a window: it stores it in a local variable instead of "
    "its state, and takes the following frame for a wrong one"
)
GURUX_LONG_SN = (
    "gurux-dlms (Python) sends only the header of a value that is too long for one WriteRequest, as the last block"
)
COSEM_FLAG = (
    "dlms-cosem reads a frame up to the next octet 7E instead of by its length, but in HDLC frames of type 3 an octet "
    "7E may stand anywhere (IEC 62056-46): it breaks off at the first frame that has one"
)


def everything(meter):
    return [
        *steps.reading(meter),
        *steps.with_list(),
        *steps.by_range(),
        *steps.by_entry(),
        *steps.whole(),
        *steps.writing(),
        *steps.script(),
        *steps.turned(),
        *steps.errors(),
    ]


@pytest.mark.parametrize("pdu", PDUS)
@pytest.mark.parametrize(
    ("peer", "pair", "link"),
    [
        ("gurux", GURUX, WRAPPER),
        ("gurux", GURUX, HDLC),
        ("pydlms", PYDLMS, WRAPPER),
        ("pydlms", PYDLMS, UDP),
        ("pydlms", PYDLMS, HDLC),
    ],
)
def test_everything_with_a_password(record_property, peer, pair, link, pdu):
    check, meter = Checks(record_property, pair, link, f"PDU {pdu}"), device.Meter(pdu)
    taken = everything(meter) + steps.writing(steps.LONG, "SET in blocks" if pdu < 3000 else "SET of 3,000 octets")
    with device.served(meter, NAMES[link]) as serving:
        steps.tried(check, peer, serving.port, taken, link=NAMES[link], **LOW)
    assert not meter.server.faults
    check.settle()


@pytest.mark.parametrize("pdu", PDUS)
def test_dlms_cosem_with_a_password(record_property, pdu):
    check, meter = Checks(record_property, COSEM, WRAPPER, f"PDU {pdu}"), device.Meter(pdu)
    taken = [*steps.reading(meter), *steps.by_range(), *steps.whole(), *steps.writing()]
    taken += [*steps.script(), *steps.turned(), *steps.errors()]
    with device.served(meter) as serving:
        steps.tried(check, "dlms_cosem", serving.port, taken, link="wrapper", **LOW)
        taken = steps.writing(steps.LONG, "SET in blocks" if pdu < 3000 else "SET of 3,000 octets")
        if pdu < 3000:
            steps.fails(
                check, "dlms_cosem", serving.port, taken, "dlms-cosem has no SET in blocks", link="wrapper", **LOW
            )
        else:
            steps.tried(check, "dlms_cosem", serving.port, taken, link="wrapper", **LOW)
    check.lacks("GET with list", "dlms-cosem has GET with list as an APDU, not in its client")
    check.lacks("profile: by entry", "dlms-cosem has no entry descriptor in its client")
    assert not meter.server.faults
    check.settle()


def test_dlms_cosem_over_hdlc(record_property):
    check, meter = Checks(record_property, COSEM, HDLC), device.Meter(1024)
    taken = [*steps.reading(meter), *steps.by_range(5, 8), *steps.writing()]
    taken += [*steps.script(), *steps.turned(), *steps.errors()]
    with device.served(meter, "hdlc") as serving:
        steps.tried(check, "dlms_cosem", serving.port, taken, link="hdlc", **LOW)
        steps.fails(check, "dlms_cosem", serving.port, steps.whole(), COSEM_FLAG, link="hdlc", patience=1, **LOW)
    check.settle()


@pytest.mark.parametrize("link", [WRAPPER, HDLC])
@pytest.mark.parametrize(("peer", "pair"), [("gurux", GURUX), ("dlms_cosem", COSEM), ("pydlms", PYDLMS)])
def test_without_security_and_with_a_wrong_password(record_property, peer, pair, link):
    words = {
        "gurux": "Authentication failure",
        "dlms_cosem": "AUTHENTICATION_FAILED",
        "pydlms": "AUTHENTICATION_FAILURE",
    }
    check, meter = Checks(record_property, pair, link), device.Meter()
    with device.served(meter, NAMES[link]) as serving:
        steps.tried(check, peer, serving.port, steps.reading(meter), link=NAMES[link], **NONE)
        steps.refuses(check, peer, serving.port, words[peer], link=NAMES[link], client=device.READER)
    check.settle()


@pytest.mark.parametrize("link", [WRAPPER, HDLC])
@pytest.mark.parametrize("client", [device.SHORT, device.SHORT_READER])
def test_gurux_by_short_names(record_property, link, client):
    check, meter = Checks(record_property, f"{GURUX}, short names", link), device.Meter()
    job = {"link": NAMES[link], "client": client, "short_names": True}
    if client == device.SHORT_READER:
        job["password"] = device.PASSWORD
    taken = [
        *steps.reading(meter, OWN[client]),
        *steps.with_list(),
        *steps.by_range(),
        *steps.by_entry(),
        *steps.whole(),
    ]
    taken += [*steps.writing(), *steps.script(), *steps.errors()[:2]]
    with device.served(meter, NAMES[link]) as serving:
        steps.tried(check, "gurux", serving.port, taken, **job)
        long = [steps.reading(meter, OWN[client])[0], *steps.writing(steps.LONG, "SET in blocks")]
        steps.fails(check, "gurux", serving.port, long, GURUX_LONG_SN, **job)
    check.lacks("ACTION with a result", "gurux-dlms invokes methods by WriteRequest, which has no result")
    check.settle()


@pytest.mark.parametrize("link", [WRAPPER, UDP, HDLC])
@pytest.mark.parametrize("client", [device.SHORT, device.SHORT_READER])
def test_pydlms_by_short_names(record_property, link, client):
    check, meter = Checks(record_property, f"{PYDLMS}, short names", link), device.Meter()
    job = {"link": NAMES[link], "client": client, "short_names": True}
    if client == device.SHORT_READER:
        job["password"] = device.PASSWORD
    taken = [
        *steps.reading(meter, OWN[client]),
        *steps.with_list(),
        *steps.by_range(),
        *steps.by_entry(),
        *steps.whole(),
    ]
    taken += [
        *steps.writing(),
        *steps.writing(steps.LONG, "SET in blocks"),
        *steps.script(),
        *steps.turned(12, OWN[client], 8),
    ]
    with device.served(meter, NAMES[link]) as serving:
        steps.tried(check, "pydlms", serving.port, taken + steps.errors()[:2], **job)
    check.settle()


@pytest.mark.parametrize(("size", "window"), [(128, 3), (1024, 1), (2030, 3), (128, 7)])
def test_windows_and_long_frames_with_pydlms(record_property, size, window):
    check = Checks(record_property, PYDLMS, HDLC, f"frames of {size}, window {window}")
    meter = device.Meter(16384)
    taken = [*steps.reading(meter)[:2], *steps.whole(), *steps.writing(steps.LONG, "SET of 3,000 octets")]
    with device.served(meter, "hdlc", size=size, window=window) as serving:
        steps.tried(check, "pydlms", serving.port, taken, link="hdlc", max_info=size, window=window, **LOW)
    check.settle()


def test_windows_and_long_frames_with_gurux(record_property):
    check = Checks(record_property, GURUX, HDLC, "frames of 1024, window 1")
    meter = device.Meter(16384)
    with device.served(meter, "hdlc", size=1024, window=3) as serving:
        taken = [*steps.reading(meter)[:2], *steps.whole()]
        steps.tried(check, "gurux", serving.port, taken, link="hdlc", max_info=1024, **LOW)
        check.variant = "frames of 1024, window 3"
        steps.fails(
            check,
            "gurux",
            serving.port,
            steps.whole(),
            GURUX_WINDOW,
            link="hdlc",
            max_info=1024,
            window=3,
            patience=1,
            **LOW,
        )
    check.settle()


@pytest.mark.parametrize(("peer", "pair"), [("gurux", GURUX), ("pydlms", PYDLMS)])
def test_a_list_of_a_thousand_objects_over_hdlc(record_property, peer, pair):
    check, meter = Checks(record_property, pair, HDLC, "1,000 objects"), device.Meter(1024, extra=980)
    assert len(meter.logical.objects) >= 1000
    with device.served(meter, "hdlc") as serving:
        steps.tried(check, peer, serving.port, steps.reading(meter)[:1], link="hdlc", **LOW)
    check.settle()


@pytest.mark.parametrize("window", [1, 5])
@pytest.mark.parametrize("link", [WRAPPER, UDP])
def test_general_block_transfer_with_pydlms(record_property, window, link):
    check, meter = Checks(record_property, PYDLMS, link, f"window {window}"), device.Meter(128)
    named = [
        step._replace(feature=f"general block transfer: {word}")
        for word, some in (
            ("2,976 rows", steps.whole()),
            ("SET of 3,000 octets", steps.writing(steps.LONG)),
        )
        for step in some
    ]
    with device.served(meter, NAMES[link]) as serving:
        steps.tried(check, "pydlms", serving.port, named, link=NAMES[link], gbt_window=window, **LOW)
    check.settle()


@pytest.mark.parametrize("link", [WRAPPER, UDP, HDLC])
def test_access_with_pydlms(record_property, link):
    check, meter = Checks(record_property, PYDLMS, link), device.Meter()
    told = ["access", [3, device.REGISTER, 2], [3, device.ABSENT, 2], [1, device.LDN, 2]]
    wanted = [device.ENERGY, {"error": 4}, {"octets": device.NAME.hex()}]
    with device.served(meter, NAMES[link]) as serving:
        step = steps.Step("ACCESS", told, steps.value(wanted))
        steps.tried(check, "pydlms", serving.port, [step], link=NAMES[link], access=True, **LOW)
    check.settle()
