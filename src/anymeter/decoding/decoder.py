"""Any message to readings: recognised, taken through its layers, remembered where later messages need it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import accumulate
from typing import Final

import msgspec

from anymeter.bridge.datasets import p1_message, readout_message
from anymeter.bridge.reading import Message
from anymeter.decoding import capture
from anymeter.decoding.dlms import ApplicationLayer, Place
from anymeter.decoding.explain import explain
from anymeter.decoding.inputs import Written, odd, written
from anymeter.decoding.keys import KeyRing
from anymeter.decoding.mbus import MbusLayers
from anymeter.decoding.outcome import Outcome, refuse_lost
from anymeter.decoding.recognise import PROTOCOLS, is_bare_hdlc, is_whole, is_wired_mbus, protocol_of
from anymeter.errors import AnymeterError, DecodeError, LocalError
from anymeter.links import hdlc, wrapper
from anymeter.links.events import Discarded
from anymeter.links.wrapper import Wpdu
from anymeter.wire.fields import Field

PEERS: Final = 1024
STRAY_DIGIT: Final = "stray-digit"
"""The status of a message that is whole, but has half an octet behind it."""


class Decoder:
    """Decodes messages one after the other, with the keys of their meters.

    What one message tells about the next is kept, bounded: formats of compact frames, fragments, and for DLMS the open
    requests, scalers and system titles of each pair of client and server. *protocol* (see ``PROTOCOLS``) switches the
    recognition off; *title* is the system title of senders that tell none.
    """

    def __init__(self, keys: KeyRing | None = None, *, protocol: str | None = None, title: bytes | None = None) -> None:
        if protocol is not None and protocol not in PROTOCOLS:
            raise LocalError(f"{protocol!r} is none of {', '.join(PROTOCOLS)}")
        self._keys = keys or KeyRing()
        self._protocol, self._title = protocol, title
        self._peers: dict[tuple[int, int], ApplicationLayer] = {}
        self._mbus = MbusLayers(self._keys, self._peer(0, 0))
        self._readers: dict[str, Callable[[bytes], Message]] = {
            "mbus": self._wired,
            "wmbus": lambda octets: self._mbus.read_wireless(octets).message("wmbus"),
            "hdlc": self._hdlc,
            "wrapper": self._wrapper,
            "dlms": self._apdu,
            "iec62056-21": readout_message,
            "p1": p1_message,
        }

    def decode(self, message: bytes | str) -> Message:
        """The readings of one message, given as octets or as hex.

        A stray half octet behind a whole telegram is told in the status. Raises :class:`DecodeError`,
        :class:`SecurityError` or :class:`ApplicationError`.
        """
        if message.__class__ is bytes and message:
            return self._readers[self._protocol or protocol_of(message)](message)
        octets, stray = _whole(message)
        found = self._readers[self._protocol or protocol_of(octets)](octets)
        return msgspec.structs.replace(found, status=(*found.status, STRAY_DIGIT)) if stray else found

    def explain(self, message: bytes | str) -> tuple[list[Field], AnymeterError | None]:
        """The fields of one message, outermost layer first, and why it could not be told to its end."""
        octets, _ = _whole(message)
        return explain(self._protocol or protocol_of(octets), octets, self._keys, self._title)

    def decode_capture(self, octets: bytes) -> Iterator[tuple[str, Message | AnymeterError]]:
        """Every message of a pcap or pcapng capture: its octets in hex, and the message or why it is none.

        Each connection is read by a decoder of its own. A capture that breaks off ends in the error that says where.
        """
        connections: dict[object, Decoder] = {}
        try:
            for connection, piece in capture.pieces(octets):
                if connection not in connections:
                    if len(connections) >= PEERS:
                        connections.clear()
                    connections[connection] = Decoder(self._keys, protocol=self._protocol, title=self._title)
                try:
                    yield piece.hex().upper(), connections[connection].decode(piece)
                except AnymeterError as e:
                    yield piece.hex().upper(), e
        except DecodeError as e:
            yield "", e

    def _peer(self, client: int, server: int) -> ApplicationLayer:
        found = self._peers.get((client, server))
        if found is None:
            if len(self._peers) >= PEERS:
                self._peers.clear()
            found = self._peers[client, server] = ApplicationLayer(self._keys, self._title)
        return found

    def _wired(self, octets: bytes) -> Message:
        framed = octets[:1] == b"\x68" or is_wired_mbus(octets)
        outcome = self._mbus.read_wired(octets) if framed else self._mbus.read_application(octets)
        return outcome.message("mbus")

    def _hdlc(self, octets: bytes) -> Message:
        outcome = Outcome("hdlc")
        bare = is_bare_hdlc(octets)
        flagged = b"\x7e" + octets + b"\x7e" if bare else octets
        units = hdlc.reassemble(hdlc.frames(flagged))
        refuse_lost(units, "HDLC")
        outcome.undecoded += (u.octets for u in units if isinstance(u, Discarded))
        apdus = [u for u in units if isinstance(u, hdlc.Unit) and u.apdu]
        starts = list(accumulate((len(u.apdu) for u in apdus), initial=0))

        def place(unit: int, at: int) -> int:
            """Segments and check sequences lie between the octets of an APDU: the annotated frames tell where."""
            places = [
                p for f in hdlc.explain(flagged) if f.name == "information" for p in range(f.at, f.at + len(f.octets))
            ]
            reached = starts[unit] + at
            return (places[reached] if reached < len(places) else len(flagged)) - bare

        self._read_each(((u.client, u.server, u.apdu) for u in apdus), outcome, place)
        return outcome.message("dlms")

    def _wrapper(self, octets: bytes) -> Message:
        outcome = Outcome("wrapper")
        found = wrapper.split(octets)
        refuse_lost(found, "wrapper")
        outcome.undecoded += (f.octets for f in found if isinstance(f, Discarded))
        sizes = (len(f.octets) if isinstance(f, Discarded) else wrapper.HEADER + len(f.apdu) for f in found)
        ends = [end for end, f in zip(accumulate(sizes), found, strict=True) if isinstance(f, Wpdu)]
        sent = [
            (min(f.source, f.destination), max(f.source, f.destination), f.apdu) for f in found if isinstance(f, Wpdu)
        ]
        self._read_each(sent, outcome, lambda unit, at: ends[unit] - len(sent[unit][2]) + at)
        return outcome.message("dlms")

    def _read_each(self, sent: Iterable[tuple[int, int, bytes]], outcome: Outcome, place: Place) -> None:
        """The APDUs of each client and server in order; *place* tells where the octets of each stand in the message."""
        peers: dict[tuple[int, int], list[tuple[int, bytes]]] = {}
        for unit, (client, server, apdu) in enumerate(sent):
            peers.setdefault((client, server), []).append((unit, apdu))
        for (client, server), units in peers.items():
            numbers = [unit for unit, _ in units]
            self._peer(client, server).read([apdu for _, apdu in units], outcome, partial(_numbered, place, numbers))

    def _apdu(self, octets: bytes) -> Message:
        outcome = Outcome()
        self._peer(0, 0).read([octets], outcome)
        return outcome.message("dlms")


def _whole(message: bytes | str) -> Written:
    """The octets of a message, a stray half octet behind them only where they are whole without it."""
    found = written(message)
    if not found.octets:
        raise DecodeError("there is no message here", what="input", at=0)
    if found.stray and not is_whole(found.octets):
        raise odd(found.octets)
    return found


def _numbered(place: Place, numbers: list[int], n: int, at: int) -> int:
    """The place of an octet in the *n*-th unit of one peer, by the unit's number in the message."""
    return place(numbers[n], at)
