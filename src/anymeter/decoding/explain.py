"""The octets of a message annotated, layer by layer, from the declarations that decode them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from anymeter.cosem import data
from anymeter.decoding.dlms import keys_of
from anymeter.decoding.keys import KeyRing
from anymeter.decoding.mbus import joined
from anymeter.decoding.outcome import refuse_lost
from anymeter.decoding.recognise import LLC, is_bare_hdlc, is_data, is_wired_mbus
from anymeter.dlms import apdu
from anymeter.errors import AnymeterError
from anymeter.links import hdlc, iec62056_21, p1, transport, wireless, wrapper
from anymeter.links import mbus as wired
from anymeter.links.address import Address
from anymeter.mbus import fixed, records, telegram
from anymeter.wire.fields import Field, shifted

APPLICATION_LAYER: Final = "EN 13757-1:2014, 8.3"
DATA_TYPES: Final = "EN 13757-1:2014, 6.2"


class _Explainer:
    """One message on its way through the layers: the fields so far stay when a layer fails."""

    def __init__(self, keys: KeyRing, title: bytes | None) -> None:
        self.keys, self.title = keys, title
        self.fields: list[Field] = []

    def mbus(self, octets: bytes) -> None:
        if not is_wired_mbus(octets):
            self._telegram(octets, None, range(len(octets)), 0)
            return
        segments: list[tuple[bytes, range]] = []
        at = 0
        while at < len(octets):
            frame, end = wired.decode(octets, at)
            inside = range(end - 2 - len(frame.body), end - 2)
            rows = wired.explain(octets[:end], at)
            if not frame.body:
                self.fields += rows
            elif frame.body[0] <= transport.LAST_CI:
                self.fields += self._around(rows, inside, shifted(transport.explain(frame.body), inside.start, 1))
                segments.append((frame.body, inside))
            else:
                self.fields += (r for r in rows if r.at < inside.start)
                self._telegram(frame.body, None, inside)
                self.fields += (r for r in rows if r.at >= inside.stop)
            at = end
        if segments:
            places = [place for _, inside in segments for place in inside[3:]]
            for unit in joined([body for body, _ in segments], len(octets)):
                self._apdu(unit.data, places[: len(unit.data)], 1)
                del places[: len(unit.data)]

    @staticmethod
    def _around(rows: list[Field], inside: range, inner: list[Field]) -> list[Field]:
        """The rows of a frame with the rows of its body where the body stands."""
        return [*(r for r in rows if r.at < inside.start), *inner, *(r for r in rows if r.at >= inside.stop)]

    def wmbus(self, octets: bytes) -> None:
        rows = wireless.explain(octets)
        self.fields += rows
        frame = wireless.parse(octets)
        if frame.body:
            self._telegram(frame.body, frame.address, _places(rows, "data"))

    def _telegram(self, body: bytes, link: Address | None, places: Sequence[int], depth: int = 1) -> None:
        """CI field to payload; *places* tells where each octet of the body stands in the message."""
        rows, opened = telegram.explain(body, link, lambda a: self.keys.of_meter(a.manufacturer, a.id).get("key"))
        explained = None if opened.encrypted else _PAYLOADS.get(opened.kind)
        if explained is not None:
            rows = rows + shifted(explained(opened.payload), opened.at, 1)
        self.fields += _placed(rows, places, depth)
        if opened.kind == "cosem" and not opened.encrypted:
            self._apdu(opened.payload, places[opened.at :], depth + 1)

    def hdlc(self, octets: bytes) -> None:
        bare = is_bare_hdlc(octets)
        flagged = b"\x7e" + octets + b"\x7e" if bare else octets
        rows = hdlc.explain(flagged)
        if bare:
            rows = _unflagged(rows, len(octets))
        self.fields += rows
        places = _places(rows, "information")
        units = hdlc.reassemble(hdlc.frames(flagged))
        for unit in units:
            if isinstance(unit, hdlc.Unit) and unit.apdu:
                self._apdu(unit.apdu, places[: len(unit.apdu)], 1)
                del places[: len(unit.apdu)]
        refuse_lost(units, "HDLC")

    def wrapper(self, octets: bytes) -> None:
        at = 0
        while at < len(octets):
            unit, end = wrapper.decode_at(octets, at)
            start = end - len(unit.apdu)
            self.fields += (r for r in wrapper.explain(octets[:end], at) if r.at < start)
            self._apdu(unit.apdu, range(start, end), 1)
            at = end

    def dlms(self, octets: bytes) -> None:
        if octets[:3] in LLC:
            direction = "command" if octets[:3] == hdlc.LLC_COMMAND else "response"
            self.fields.append(Field(0, octets[:3], "LLC", direction, "IEC 62056-46"))
            self._apdu(octets[3:], range(3, len(octets)), 0)
        elif is_data(octets):
            self.fields += (msgspec.structs.replace(r, clause=DATA_TYPES) for r in data.explain(octets, 0))
        else:
            self._apdu(octets, range(len(octets)), 0)

    def _apdu(self, octets: bytes, places: Sequence[int], depth: int) -> None:
        title = getattr(apdu.decode(octets), "system_title", None) or self.title
        keys = self.keys.of_title(title)
        rows = apdu.explain(octets, keys_of(keys) if keys else None, title)
        for r in _placed(rows, places, depth):
            self.fields.append(r if r.clause else msgspec.structs.replace(r, clause=APPLICATION_LAYER))

    def readout(self, octets: bytes) -> None:
        self.fields += iec62056_21.explain(octets)

    def p1(self, octets: bytes) -> None:
        self.fields += p1.explain(octets)


def _unflagged(rows: list[Field], size: int) -> list[Field]:
    """The rows of a frame of *size* octets whose flags are not in the message."""
    out: list[Field] = []
    for r in rows:
        at = max(r.at - 1, 0)
        octets = r.octets[1 - min(r.at, 1) :][: size - at]
        if octets and r.name != "flag":
            out.append(msgspec.structs.replace(r, at=at, octets=octets))
    return out


def _places(rows: Iterable[Field], name: str) -> list[int]:
    """Where the octets of all fields of this name stand, one after the other."""
    return [place for r in rows if r.name == name for place in range(r.at, r.at + len(r.octets))]


def _placed(rows: Iterable[Field], places: Sequence[int], depth: int) -> list[Field]:
    """Fields of a part at the places its octets have in the whole message."""
    last = places[-1] + 1 if places else 0
    return [
        msgspec.structs.replace(r, at=places[r.at] if r.at < len(places) else last, depth=r.depth + depth) for r in rows
    ]


_PAYLOADS: Final[dict[str, Callable[[bytes], list[Field]]]] = {
    "records": records.explain,
    "fixed": fixed.explain,
}
_PROTOCOLS: Final[dict[str, Callable[[_Explainer, bytes], None]]] = {
    "mbus": _Explainer.mbus,
    "wmbus": _Explainer.wmbus,
    "hdlc": _Explainer.hdlc,
    "wrapper": _Explainer.wrapper,
    "dlms": _Explainer.dlms,
    "iec62056-21": _Explainer.readout,
    "p1": _Explainer.p1,
}


def explain(
    protocol: str, octets: bytes, keys: KeyRing, title: bytes | None = None
) -> tuple[list[Field], AnymeterError | None]:
    """The fields of a message of this protocol, and the error that ended them early.

    Every field tells where its octets stand in the message, through segments and blocks with CRCs; those of plaintext
    stand where they were ciphered.
    """
    explainer = _Explainer(keys, title)
    try:
        _PROTOCOLS[protocol](explainer, octets)
    except AnymeterError as e:
        return explainer.fields, e
    return explainer.fields, None
