"""Messages and errors as tables for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO, TypeAlias

from anymeter.bridge.reading import Meaning, Message, Reading
from anymeter.cli.units import friendly
from anymeter.decoding.inputs import written
from anymeter.errors import AnymeterError, DecodeError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

Result: TypeAlias = "Message | AnymeterError"


def console(out: TextIO) -> Console:
    """A console on *out*: coloured and as wide as the terminal, plain and wide anywhere else."""
    from rich.console import Console  # noqa: PLC0415 (JSON goes without it)

    return Console(file=out, highlight=False, soft_wrap=not out.isatty(), width=None if out.isatty() else 140)


def result(given: str, what: Result, verbose: bool, out: TextIO) -> None:
    """Print one message, or the sentence that says why it is none."""
    from rich.text import Text  # noqa: PLC0415 (JSON goes without it)

    screen = console(out)
    if isinstance(what, AnymeterError):
        screen.print(Text(f"{type(what).__name__}: {what}", style="red"))
        if verbose:
            screen.print(octet_trace(given, getattr(what, "at", None)))
        return
    screen.print(heading(what))
    if what.readings:
        screen.print(table(what.readings))
    for octets in what.undecoded:
        screen.print(Text(f"not decoded ({len(octets)} octets): {octets.hex(' ').upper()}", style="dim"))


def heading(message: Message) -> Text:
    """Who sent it, how it came, in one line."""
    from rich.text import Text  # noqa: PLC0415 (JSON goes without it)

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
    return Text("  ".join(filter(None, parts)), style="bold")


def table(readings: tuple[Reading, ...]) -> Table:
    """One row a reading."""
    from rich.table import Table  # noqa: PLC0415 (JSON goes without it)
    from rich.text import Text  # noqa: PLC0415 (JSON goes without it)

    made = Table(box=None, pad_edge=False, header_style="dim")
    for column, justify in (("OBIS", "left"), ("reading", "left"), ("value", "right"), ("unit", "left"), ("", "left")):
        made.add_column(column, justify=justify, no_wrap=column != "reading")  # type: ignore[arg-type]
    for r in readings:
        value, unit = friendly(r.value, r.unit)
        code = str(r.obis) if r.obis is not None else r.meaning.address or ""
        notes = [r.time.iso().replace("T", " ") if r.time else "", r.status or ""]
        made.add_row(code, Text(described(r.meaning)), Text(value), unit, Text("  ".join(filter(None, notes))))
    return made


def described(meaning: Meaning) -> str:
    """The name, and what sets the value apart from others of the same name."""
    parts = [meaning.name or meaning.quantity or ""]
    if meaning.function != "instantaneous":
        parts.append(meaning.function)
    for name in ("storage", "tariff", "subunit") if meaning.address is None else ():
        if number := getattr(meaning, name):
            parts.append(f"{name} {number}")
    return ", ".join(parts)


def octet_trace(given: str, at: int | None) -> Text:
    """The octets of a failed message, sixteen a line, with the one where it failed marked; its text if it is none."""
    from rich.text import Text  # noqa: PLC0415 (JSON goes without it)

    try:
        octets = written(given).octets
    except DecodeError:
        return Text(f"       {given}")
    text = Text()
    for line in range(0, len(octets), 16):
        text.append(f"{line:5d}  ", style="dim")
        for i in range(line, min(line + 16, len(octets))):
            text.append(f"{octets[i]:02X}", style="bold red" if i == at else "")
            text.append(" ")
        text.append("\n")
    return text
