"""M-Bus messages to readings: wired frames and radio telegrams through their headers to the records."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Final

from anymeter.bridge.fixed import fixed_readings
from anymeter.bridge.reading import Meter
from anymeter.bridge.records import Translator
from anymeter.decoding.dlms import ApplicationLayer
from anymeter.decoding.keys import KeyRing
from anymeter.decoding.outcome import Outcome
from anymeter.decoding.recognise import radio_frame
from anymeter.errors import DecodeError, LocatedError
from anymeter.links import mbus as wired
from anymeter.links import transport, wireless
from anymeter.links.address import Address
from anymeter.mbus import afl, fixed, profiles, records
from anymeter.mbus.compact import FormatStore, decode_format
from anymeter.mbus.devices import medium
from anymeter.mbus.records import Plan, Records
from anymeter.mbus.telegram import Telegram, open_telegram

METERS: Final = 1024
BODY: Final = 6
"""Where the CI field stands in a long frame: behind 68 L L 68 C A."""


class MbusLayers:
    """Reads M-Bus telegrams into outcomes; keeps what one telegram tells about later ones: formats and fragments."""

    def __init__(self, keys: KeyRing, dlms: ApplicationLayer) -> None:
        self._keys, self._dlms = keys, dlms
        self._translator = Translator()
        self._formats = FormatStore()
        self._learnt: set[Plan] = set()
        self._fragments: dict[Address | None, afl.Reassembly] = {}

    def read_wired(self, octets: bytes) -> Outcome:
        """Wired frames in a row: the telegrams of one readout, or the segments of one COSEM APDU."""
        outcome = Outcome("mbus-wired")
        frame, end = wired.decode(octets, 0)
        if end == len(octets) and frame.ci is not None and frame.ci > transport.LAST_CI:
            self._answer(frame, octets[BODY : end - 2], BODY, outcome)
            return outcome
        frames = [frame, *wired.frames(octets[end:])]
        bodies = [f.body for f in frames]
        if bodies[0] and bodies[0][0] <= transport.LAST_CI:
            outcome.layer("mbus-transport")
            units = [unit.data for unit in joined(bodies, len(octets))]
            self._dlms.read(units, outcome, partial(_transported, frames, units))
            return outcome
        start = 0
        for frame, body in zip(frames, bodies, strict=True):
            self._answer(frame, body, start + BODY, outcome)
            start += len(frame.encode())
        return outcome

    def _answer(self, frame: wired.Frame, body: bytes, start: int, outcome: Outcome) -> None:
        """What a slave has sent; *body* is the frame's from the CI field on, and begins at *start* of the message."""
        if frame.from_master:
            why = f"{frame.name} goes from the master to a meter; it is no message of a meter"
            raise DecodeError(why, what=wired.WHAT, at=start - BODY + 1)
        if body:
            try:
                self._telegram(body, None, outcome)
            except LocatedError as e:
                raise e.moved(lambda at: start + at) from None

    def read_wireless(self, octets: bytes) -> Outcome:
        """One radio telegram, with its CRCs or without."""
        frame, end = radio_frame(octets)
        if end != len(octets):
            frame = wireless.parse(octets)
        outcome = Outcome("wmbus" if frame.crcs == "none" else f"wmbus-{frame.crcs.lower()}")
        if frame.body:
            try:
                self._telegram(frame.body, frame.address, outcome)
            except LocatedError as e:
                raise e.moved(partial(wireless.body_place, frame.crcs)) from None
        else:
            outcome.meter = _meter(frame.address)
        return outcome

    def read_application(self, octets: bytes) -> Outcome:
        """A telegram without its frame, CI field first."""
        outcome = Outcome()
        self._telegram(octets, None, outcome)
        return outcome

    def _key_for(self, address: Address) -> bytes | None:
        return self._keys.of_meter(address.manufacturer, address.id).get("key")

    def _telegram(self, body: bytes, link: Address | None, outcome: Outcome) -> None:
        telegram = open_telegram(body, link, self._key_for)
        if telegram.kind == "fragment":
            whole = self._whole(telegram)
            if whole is None:
                _introduce(telegram, outcome)
                outcome.status.append("more-fragments-follow")
                return
            self._opened(open_telegram(whole, link, self._key_for), outcome)
            return
        self._opened(telegram, outcome)

    def _opened(self, telegram: Telegram, outcome: Outcome) -> None:
        """A telegram whose layers are taken off."""
        _introduce(telegram, outcome)
        if telegram.encrypted:
            outcome.undecoded.append(telegram.payload)
            return
        try:
            self._payload(telegram, outcome)
        except LocatedError as e:
            raise e.moved(lambda at: telegram.at + at) from None

    def _whole(self, telegram: Telegram) -> bytes | None:
        """The message that this fragment completes, headed by its AFL."""
        if telegram.afl is None:
            return None
        if telegram.meter not in self._fragments and len(self._fragments) >= METERS:
            self._fragments.clear()
        joined = self._fragments.setdefault(telegram.meter, afl.Reassembly()).add(telegram.afl, telegram.payload)
        return None if joined is None else joined[0].encode() + joined[1]

    def _payload(self, telegram: Telegram, outcome: Outcome) -> None:
        kind, payload = telegram.kind, telegram.payload
        if kind == "records":
            found = records.decode(payload, tolerant=telegram.link is not None)
            if telegram.link is not None:
                self._learn(found)
            self._records(found, telegram, outcome)
        elif kind == "compact":
            self._compact(telegram, outcome)
        elif kind == "format":
            self._formats.add(decode_format(payload))
            outcome.layer("format")
        elif kind == "fixed":
            found_fixed = fixed.decode(payload)
            outcome.layer("fixed")
            outcome.sender(id=found_fixed.identification, medium=found_fixed.medium_name)
            outcome.add(fixed_readings(found_fixed))
        elif kind == "cosem":
            self._cosem(payload, outcome)
        elif kind == "alarm":
            outcome.status.append("alarm")
            outcome.undecoded.append(payload)
        else:
            outcome.add((), (payload,))

    def _learn(self, found: Records) -> None:
        """Keep the format of a full frame once for each layout."""
        if found.plan in self._learnt or found.error is not None or not found.headers:
            return
        if len(self._learnt) >= METERS:
            self._learnt.clear()
        self._learnt.add(found.plan)
        self._formats.learn(found)

    def _compact(self, telegram: Telegram, outcome: Outcome) -> None:
        outcome.layer("compact")
        if not self._formats.knows(telegram.payload):
            outcome.status.append("format-unknown")
            outcome.undecoded.append(telegram.payload)
            return
        checked_below = telegram.ell is not None and telegram.ell.session is not None
        expanded = self._formats.expand(telegram.payload, tolerant=checked_below)
        if not expanded.verified:
            outcome.status.append("full-frame-crc-wrong")
        self._records(records.decode(expanded.octets), telegram, outcome)

    def _records(self, found: Records, telegram: Telegram, outcome: Outcome) -> None:
        outcome.layer("records")
        device = telegram.meter.device_type if telegram.meter else 0
        readings, clock = self._translator.readings(found, device)
        outcome.add(readings, found.undecoded)
        outcome.time = outcome.time or clock
        if found.plan.profiles:
            outcome.add(self._translator.profile_readings(profiles.expand(found), device))
        if found.more_follow:
            outcome.status.append("more-records-follow")

    def _cosem(self, payload: bytes, outcome: Outcome) -> None:
        """A COSEM APDU behind an M-Bus header, with STSAP and DTSAP before it or without."""
        outcome.layer("cosem")
        self._dlms.read([payload], outcome)


def joined(bodies: list[bytes], size: int) -> list[transport.Unit]:
    """What the transport segments of a message of *size* octets carry; one that stops too early fails at its end."""
    try:
        return transport.reassemble(bodies)
    except DecodeError as e:
        raise DecodeError(e.why, what=e.what, at=size if e.at is None else e.at) from None


def _transported(frames: list[wired.Frame], units: list[bytes], unit: int, at: int) -> int:
    """Where an octet of a unit stands: behind CI, STSAP and DTSAP of the segment that carries it."""
    places: list[int] = []
    start = 0
    for frame in frames:
        size = len(frame.encode())
        places += range(start + BODY + transport.HEADER, start + size - 2)
        start += size
    reached = sum(map(len, units[:unit])) + at
    return places[reached] if reached < len(places) else start


def _introduce(telegram: Telegram, outcome: Outcome) -> None:
    """Layers, meter, status and security of a telegram."""
    outcome.through(telegram.layers)
    if outcome.meter is None and telegram.meter is not None:
        outcome.meter = _meter(telegram.meter)
    header = telegram.header
    if header is not None and header.status:
        outcome.status += telegram.status
    if (telegram.ell is not None or (header is not None and header.configuration)) and telegram.secured:
        outcome.protected(telegram.mode, telegram.verified)


@lru_cache(maxsize=METERS)
def _meter(address: Address) -> Meter:
    return Meter(address.id, address.manufacturer, address.version, medium(address.device_type), address.device_type)
