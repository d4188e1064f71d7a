"""Readouts of IEC 62056-21 and P1 telegrams to messages: who sent them, when, and their readings."""

from __future__ import annotations

from typing import Final

from anymeter.bridge.dataset_times import clock
from anymeter.bridge.dataset_values import Found
from anymeter.bridge.dataset_words import Words, words
from anymeter.bridge.naming import medium_of
from anymeter.bridge.reading import Message, Meter, Reading
from anymeter.cosem.datetimes import DateTime
from anymeter.links import iec62056_21, p1

_HEAT: Final = (b"6.8(", b"6.26(")


def readings(text: bytes, *, medium: int = 1, deviation: int | None = None) -> tuple[Reading, ...]:
    """The readings of the data sets in *text*; *medium* is value group A where an address leaves it out.

    >>> for r in readings(b"1.8.0(000012.5*kWh)\\r\\n1.6.0(02.468*kW)(1703100930)"):
    ...     print(r.obis, r.value, r.unit, r.time)
    1-0:1.8.0*255 12500 Wh None
    1-0:1.6.0*255 2468 W 2017-03-10T09:30
    """
    return tuple(Found(_words(text, medium), text, deviation).readings)


def readout_message(octets: bytes, *, strict: bool = False, medium: int = 1, deviation: int | None = None) -> Message:
    """The message of a readout (modes A to D, or data sets alone) or of an answer in programming mode.

    *deviation* is that of the meter's normal time in minutes (CET: -60), left unspecified unless given; *strict* and
    errors are those of :func:`anymeter.links.iec62056_21.readout`. ``status`` holds a nonzero error register F.F, an
    error the meter answered with, and ``bcc-missing`` where no block check character vouches for framed data.
    """
    made = iec62056_21.readout(octets, strict=strict)
    found = Found(_words(made.text, medium), made.text, deviation)
    mode = made.mode
    return Message(
        protocol="iec62056-21",
        layers=("iec62056-21" if mode is None else f"iec62056-21-mode-{mode.lower()}", "data-sets"),
        meter=_meter(made.identification, found),
        time=_time(found),
        status=(*_status(found), *(("bcc-missing",) if not made.verified and mode != "D" else ())),
        readings=tuple(found.readings),
        undecoded=_undecoded(found, made.rest),
    )


def p1_message(octets: bytes, *, check: bool = True, deviation: int | None = None) -> Message:
    """The message of the first telegram in *octets*; *check* and errors are those of :func:`anymeter.links.p1.decode`.

    *deviation* is that of normal time in minutes (CET: -60), left unspecified unless given: a telegram tells whether
    daylight saving applies, not where it was sent.
    """
    made = p1.decode(octets, check=check)
    found = Found(words(p1=True), made.text, deviation)
    return Message(
        protocol="p1",
        layers=("p1",),
        meter=_meter(made.identification, found),
        time=_time(found),
        status=_status(found),
        readings=tuple(found.readings),
        undecoded=_undecoded(found, made.rest),
    )


def _words(text: bytes, medium: int) -> Words:
    """Heat meters of one large maker use numbers of their own, which must not be taken for OBIS codes."""
    return words(heat=all(mark in text for mark in _HEAT), medium=medium)


def _meter(who: iec62056_21.Identification | None, found: Found) -> Meter | None:
    identity = _marked(found, "id1") or _marked(found, "id2") or _marked(found, "id3") or None
    medium = "heat" if found.words.heat else medium_of(found.readings)
    if who is None and identity is None and medium is None:
        return None
    return Meter(identity, None if who is None else who.flag, None, medium)


def _marked(found: Found, role: str) -> str:
    made = found.marks.get(role)
    return "" if made is None or made.number is None else str(made.number).strip()


def _time(found: Found) -> DateTime | None:
    made = found.marks.get("clock")
    if made is not None and isinstance(made.number, DateTime):
        return made.number
    date, time = _marked(found, "date"), _marked(found, "time")
    return clock(date, time, found.deviation) if date and time else None


def _status(found: Found) -> tuple[str, ...]:
    errors = _marked(found, "error")
    return (f"error-{errors}",) if errors.strip("0") else ()


def _undecoded(found: Found, rest: bytes) -> tuple[bytes, ...]:
    return (*found.undecoded, rest) if rest else tuple(found.undecoded)
