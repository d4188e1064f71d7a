"""``anymeter read``: chosen objects of a meter, or everything it offers."""

from __future__ import annotations

import sys
from typing import Annotated, Final

import typer

from anymeter.bridge.asking import Asking
from anymeter.bridge.naming import medium_of
from anymeter.bridge.reading import Message, Meter, Reading
from anymeter.cli import render, status, values
from anymeter.cli.options import Json, KeysFile, Trace, Url
from anymeter.cli.screen import Screen
from anymeter.cli.talking import Talk, finish, verb_app
from anymeter.cli.targets import target
from anymeter.cosem import data
from anymeter.decoding.form import message_form
from anymeter.dlms.client.session import Session
from anymeter.dlms.conversation import Conversation
from anymeter.drivers.connect_sync import BlockingMeter
from anymeter.obis import Obis

app: Final = verb_app()
_HEADS: Final = ("OBIS", "reading", "value", "unit", "")


@app.command(name="read", epilog="Example: anymeter read dlms+tcp://10.0.0.5:4059 1-0:1.8.0 0-0:1.0.0")
def read(
    url: Url,
    objects: Annotated[
        list[str] | None,
        typer.Argument(metavar="[OBIS[.attribute]…]", help="What to read; nothing for all that has a value."),
    ] = None,
    as_json: Json = False,
    keys: KeysFile = None,
    verbose: Trace = False,
) -> None:
    """Read a meter: chosen objects, or what it offers."""
    talk = Talk(url, keys, as_json, verbose, sys.stdout)
    wanted = [target(text) for text in objects or ()]
    finish(talk, lambda: run(talk, wanted))


def run(talk: Talk, wanted: list[tuple[Obis, str | None]]) -> int:
    """Read and print; the exit status."""
    with talk.meter() as meter:
        found = _readings(talk, meter, wanted)
    talk.progress.clear()
    labels, readings = [label for label, _ in found], [one for _, one in found]
    if talk.as_json:
        told = Meter(medium=medium_of(readings))
        talk.line(message_form(Message("dlms", talk.layers, told, readings=tuple(readings))))
    else:
        Screen(talk.out).table(_HEADS, list(map(_row, labels, readings)), right=(2,), flexible=1)
    refused = sum(1 for one in readings if one.value is None and not one.raw)
    return status.of(len(readings) - refused, refused)


def _row(label: str, reading: Reading) -> list[str]:
    """The cells of one reading, called as it was asked for; a structured value as one writes it."""
    cells = render.row(reading)
    cells[0] = label or cells[0]
    if reading.status == "structured":
        cells[2], cells[-1] = values.written(data.parse(reading.raw)), ""
    return cells


def _readings(talk: Talk, meter: BlockingMeter, wanted: list[tuple[Obis, str | None]]) -> list[tuple[str, Reading]]:
    """The readings in the order they were asked for; those of attributes with object and attribute."""
    asking, steps = meter.asking, talk.progress.steps
    if not wanted:
        return [("", one) for one in meter.read(progress=steps)]
    whole = [name for name, attribute in wanted if attribute is None]
    read_whole = iter(meter.run(lambda session: asking.read(whole, steps)))
    found: list[tuple[str, Reading]] = []
    for name, attribute in wanted:
        if attribute is None:
            found += [("", one) for one in next(read_whole)]
        else:
            found.append((f"{name}.{attribute}", meter.run(_attribute, asking, name, attribute)))
    return found


def _attribute(session: Session, asking: Asking, name: Obis, attribute: str) -> Conversation[Reading]:
    return asking.read_attribute(name, attribute)
