"""``anymeter call``: invoke a method of a meter."""

from __future__ import annotations

import sys
from typing import Annotated, Any, Final

import typer

from anymeter.cli import status, values
from anymeter.cli.options import Json, KeysFile, Trace, Url
from anymeter.cli.screen import Screen
from anymeter.cli.talking import Talk, finish, verb_app
from anymeter.cli.targets import target
from anymeter.cosem.members import Method
from anymeter.cosem.schema import ANY_TAG, INTEGER, NULL, Schema
from anymeter.dlms.client.action import invoke_octets
from anymeter.dlms.client.naming import class_of
from anymeter.dlms.descriptors import MethodDescriptor
from anymeter.errors import LocalError
from anymeter.obis import Obis

app: Final = verb_app()
SCHEMA: Final = "anymeter.called/1"


@app.command(
    name="call", epilog="Example: anymeter call dlms+tcp://10.0.0.5:4059?client=1 0-0:96.3.10.remote_disconnect"
)
def call(
    url: Url,
    method: Annotated[str, typer.Argument(metavar="OBIS.method", help="Which method, by its name or number.")],
    value: Annotated[
        str | None, typer.Argument(metavar="[VALUE]", help="Its parameters; most methods have none.")
    ] = None,
    type_name: Annotated[
        str | None, typer.Option("--type", metavar="TYPE", help="Their type, where the class does not tell it.")
    ] = None,
    as_json: Json = False,
    keys: KeysFile = None,
    verbose: Trace = False,
) -> None:
    """Invoke a method; print what it returns."""
    talk = Talk(url, keys, as_json, verbose, sys.stdout)
    name, member = target(method)
    if member is None:
        raise LocalError(f"{method!r} names no method: write it behind the code, such as {name}.reset")
    schema = None if type_name is None else values.named_type(type_name)
    finish(talk, lambda: run(talk, name, member, value, schema))


def run(talk: Talk, name: Obis, member: str, text: str | None, schema: Schema[Any] | None) -> int:
    """Invoke and tell; the exit status."""
    with talk.meter() as meter:
        asking = meter.asking
        entry, number = meter.run(lambda session: asking.method(name, member))
        cls = class_of(entry.class_id, entry.version) or class_of(entry.class_id)
        known = None if cls is None else cls.methods.get(number)
        octets = _parameters(known, text, schema)
        returns = known is not None and known.returns is not None
        descriptor = MethodDescriptor(entry.class_id, name, number)
        result = meter.run(invoke_octets, descriptor, octets, returns=returns)
    word = str(number) if known is None else known.name
    raw = None if result is None else result.hex().upper()
    if talk.as_json:
        talk.line({"schema": SCHEMA, "obis": str(name), "method": number, "name": word, "returned": raw})
    else:
        Screen(talk.out).line((f"{name} {word} ", ""), ("done", "bold"), (f": {raw}" if raw else "", ""))
    return status.DONE


def _parameters(known: Method[Any, Any] | None, text: str | None, schema: Schema[Any] | None) -> bytes | None:
    """The encoded parameters; integer(0) and null-data, which mean none, may be left out."""
    wanted = schema or (None if known is None else known.schema)
    if text is None:
        if wanted is None or wanted.tag in (NULL, ANY_TAG):
            return None
        if wanted.tag == INTEGER.tag:
            return INTEGER.encode(0)
        raise LocalError(f"this method has parameters ({wanted.name}): give their value")
    if wanted is None:
        raise LocalError("the class of this object is not known: name the type of the parameters with --type")
    return wanted.encode(values.parse(text, wanted))
