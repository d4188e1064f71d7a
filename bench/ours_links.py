"""Links and push lists: HDLC frames, the wrapper, a Nordic list to readings."""

from __future__ import annotations

import struct

import cases
from timing import measure

from anymeter.bridge.push import push_octets
from anymeter.links import hdlc, wrapper
from anymeter.links.events import Route, Unit
from anymeter.links.hdlc_primary import HdlcPrimary
from anymeter.links.hdlc_secondary import HdlcSecondary
from anymeter.links.wrapper_link import WrapperLink

FRAMES = 1000


def hdlc_frame():
    """One item: a frame, header and frame check sequence verified."""
    frame = cases.frame_of_139_octets()

    def work():
        return len(hdlc.decode(frame).information)

    return work, 128, 1


def hdlc_stream():
    """One item: a frame of 139 octets in a row of a thousand."""
    octets = cases.frame_of_139_octets() * FRAMES

    def work():
        return len(hdlc.frames(octets))

    return work, FRAMES, FRAMES


def hdlc_encode():
    """One item: a frame made."""
    frame = hdlc.decode(cases.frame_of_139_octets())

    def work():
        return len(frame.encode())

    return work, 139, 1


def wrapped():
    """One item: a wrapped GET response."""
    octets = wrapper.Wpdu(1, 16, cases.GET_RESPONSE).encode()

    def work():
        return wrapper.decode(octets).source

    return work, 1, 1


ROUTE = Route(16, 1)
REQUEST, ANSWER = Unit(ROUTE, cases.GET_REQUEST), Unit(ROUTE, cases.GET_RESPONSE)


def lined(client, server, answer):
    """A request through both machines, and its answer back; returns the answer's length."""

    def work():
        client.send(REQUEST, 0.0)
        server.receive_data(client.data_to_send(), 0.0)
        server.next_event()
        server.send(answer, 0.0)
        client.receive_data(server.data_to_send(), 0.0)
        while (event := client.next_event()) is None:
            server.receive_data(client.data_to_send(), 0.0)
            client.receive_data(server.data_to_send(), 0.0)
        return len(event.apdu)

    return work


def connected(parameters):
    """Both ends of an HDLC line, the connection set up."""
    client, server = HdlcPrimary(parameters), HdlcSecondary(parameters)
    client.open(ROUTE, 0.0)
    server.receive_data(client.data_to_send(), 0.0)
    client.receive_data(server.data_to_send(), 0.0)
    client.next_event()
    server.next_event()
    return client, server


def hdlc_link():
    """One item: a GET request and its response, an I frame each, through primary and secondary."""
    return lined(*connected(hdlc.Parameters()), ANSWER), len(cases.GET_RESPONSE), 1


def hdlc_link_long():
    """One item: an I frame of an answer of 64 kB in frames of 128 octets, window 1, with the RR that asks for it."""
    answer = Unit(ROUTE, bytes(64_000))
    return lined(*connected(hdlc.Parameters()), answer), 64_000, 64_003 // 128 + 1


def wrapper_link():
    """One item: a GET request and its response through both ends of the wrapper."""
    client, server = WrapperLink(), WrapperLink(server=True)
    client.open(ROUTE, 0.0)
    client.send(REQUEST, 0.0)
    server.receive_data(client.data_to_send(), 0.0)
    for link in (client, server):
        while link.next_event() is not None:
            pass
    return lined(client, server, ANSWER), len(cases.GET_RESPONSE), 1


def push_list():
    """One item: a list of twelve objects with scaler and unit."""
    row = b"\x02\x03\x09\x06\x01\x00%c\x07\x00\xff\x06%b\x02\x02\x0f\xff\x16\x23"
    octets = b"\x01\x0c" + b"".join(row % (31 + i, struct.pack(">I", 2300 + i)) for i in range(12))

    def work():
        return len(push_octets(octets).readings)

    return work, 12, 1


measure(
    {
        "hdlc-139": hdlc_frame,
        "HDLC frames of 139 octets in a row": hdlc_stream,
        "HDLC frame of 139 octets, encoded": hdlc_encode,
        "wrapped GET response": wrapped,
        "GET there and back, HDLC links": hdlc_link,
        "HDLC links, I frames of a long answer": hdlc_link_long,
        "GET there and back, wrapper links": wrapper_link,
        "push list of twelve objects to readings": push_list,
    }
)
