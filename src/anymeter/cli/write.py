"""``anymeter write``: set an attribute of a meter."""

from __future__ import annotations

import sys
from typing import Annotated, Any, Final

import typer

from anymeter.cli import status, values
from anymeter.cli.options import Json, KeysFile, Trace, Url
from anymeter.cli.screen import Screen
from anymeter.cli.talking import Talk, finish, verb_app
from anymeter.cli.targets import target
from anymeter.cosem.infer import schema_of
from anymeter.cosem.schema import Schema
from anymeter.dlms.client.get import get_octets
from anymeter.dlms.client.set import set_octets
from anymeter.drivers.connect_sync import BlockingMeter
from anymeter.errors import AccessError, LocalError
from anymeter.obis import Obis

app: Final = verb_app()
SCHEMA: Final = "anymeter.written/1"
_VALUE: Final = "2"


@app.command(
    name="write", epilog="Example: anymeter write dlms+tcp://10.0.0.5:4059?client=1 0-0:1.0.0 2026-11-22T08:15+01:00"
)
def write(
    url: Url,
    attribute: Annotated[
        str, typer.Argument(metavar="OBIS[.attribute]", help="Which attribute: the value, unless named.")
    ],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="The value as the meter holds it, without its scaler.")],
    type_name: Annotated[
        str | None,
        typer.Option("--type", metavar="TYPE", help="The type, where the meter does not tell it: unsigned, …"),
    ] = None,
    as_json: Json = False,
    keys: KeysFile = None,
    verbose: Trace = False,
) -> None:
    """Set an attribute. The value gets the type that the meter's own has now."""
    talk = Talk(url, keys, as_json, verbose, sys.stdout)
    name, member = target(attribute)
    schema = None if type_name is None else values.named_type(type_name)
    finish(talk, lambda: run(talk, name, member or _VALUE, value, schema))


def run(talk: Talk, name: Obis, member: str, text: str, schema: Schema[Any] | None) -> int:
    """Write and tell; the exit status."""
    with talk.meter() as meter:
        asking = meter.asking
        descriptor, cls = meter.run(lambda session: asking.attribute(name, member))
        known = None if cls is None else cls.attributes.get(descriptor.attribute_id)
        was = _now(meter, descriptor) if schema is None else b""
        if schema is None:
            schema = schema_of(was) if was else None if known is None else known.schema
        if schema is None:
            raise LocalError(
                f"{name} attribute {member} may not be read, so its type is not known: name it with --type"
            )
        octets = schema.encode(values.parse(text, schema, None if known is None else known.words, was=was))
        meter.run(set_octets, descriptor, octets)
    word = str(descriptor.attribute_id) if known is None else known.name
    if talk.as_json:
        form = {"schema": SCHEMA, "obis": str(name), "attribute": descriptor.attribute_id, "name": word}
        talk.line(form | {"type": schema.name, "raw": octets.hex().upper()})
    else:
        Screen(talk.out).line((f"{name} {word} ", ""), ("written", "bold"), (f": {text} ({schema.name})", ""))
    return status.DONE


def _now(meter: BlockingMeter, descriptor: Any) -> bytes:
    """The octets of the value there is; empty where it may not be read."""
    try:
        return meter.run(get_octets, descriptor)
    except AccessError:
        return b""
