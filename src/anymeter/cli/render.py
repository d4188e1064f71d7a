"""Messages and errors as tables for people."""

from __future__ import annotations

from typing import TextIO, TypeAlias

from anymeter.bridge.reading import Meaning, Message, Reading
from anymeter.cli.screen import Screen, Span
from anymeter.cli.units import friendly
from anymeter.decoding.inputs import written
from anymeter.errors import AnymeterError, DecodeError

Result: TypeAlias = "Message | AnymeterError"
_HEADS = ("OBIS", "reading", "value", "unit", "")


def result(given: str, what: Result, verbose: bool, out: TextIO) -> None:
    """Print one message, or the sentence that says why it is none."""
    screen = Screen(out)
    if isinstance(what, AnymeterError):
        screen.line((f"{type(what).__name__}: {what}", "red"))
        for line in octet_trace(given, getattr(what, "at", None)) if verbose else ():
            screen.line(*line)
        return
    screen.line((heading(what), "bold"))
    if what.readings:
        screen.table(_HEADS, [row(r) for r in what.readings], right=(2,), flexible=1)
    if what.security and what.undecoded and not what.readings:
        screen.line(("the contents are encrypted: give --key HEX, or --keys FILE", ""))
    for octets in what.undecoded:
        screen.line((f"not decoded ({len(octets)} octets): {octets.hex(' ').upper()}", "dim"))


def heading(message: Message) -> str:
    """Who sent it, how it came, in one line."""
    meter, parts = message.meter, []
    if meter:
        who = ".".join(filter(None, (meter.manufacturer, meter.id)))
        parts += [who, meter.medium or ""]
        if meter.version is not None:
            parts.append(f"version {meter.version}")
    parts.append(" › ".join(message.layers))
    if message.time:
        parts.append(message.time.iso().replace("T", " "))
    if message.security:
        parts.append(f"security {message.security.mode}, {'verified' if message.security.verified else 'not verified'}")
    parts.extend(message.status)
    return "  ".join(filter(None, parts))


def row(reading: Reading) -> list[str]:
    """The cells of one reading: its code or address, what it is, value, unit, and its own time and status."""
    value, unit = friendly(reading.value, reading.unit)
    code = str(reading.obis) if reading.obis is not None else reading.meaning.address or ""
    notes = [reading.time.iso().replace("T", " ") if reading.time else "", reading.status or ""]
    return [code, described(reading.meaning), value, unit, "  ".join(filter(None, notes))]


def described(meaning: Meaning) -> str:
    """The name, and what sets the value apart from others of the same name."""
    parts = [meaning.name or meaning.quantity or ""]
    if meaning.function != "instantaneous":
        parts.append(meaning.function)
    for name in ("storage", "tariff", "subunit") if meaning.address is None else ():
        if number := getattr(meaning, name):
            parts.append(f"{name} {number}")
    return ", ".join(parts)


def octet_trace(given: str, at: int | None) -> list[list[Span]]:
    """The octets of a failed message, sixteen a line, with the one where it failed marked; its text if it is none."""
    try:
        octets = written(given).octets
    except DecodeError:
        return [[(f"       {given}", "")]]
    lines: list[list[Span]] = []
    for start in range(0, len(octets), 16):
        line: list[Span] = [(f"{start:5d} ", "dim")]
        for i in range(start, min(start + 16, len(octets))):
            line += [(" ", ""), (f"{octets[i]:02X}", "marked" if i == at else "")]
        lines.append(line)
    return lines
