"""``anymeter explain``: the octets of a message, annotated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO, TypeAlias

import msgspec

from anymeter.cli import render, status
from anymeter.cli.decode import Sources
from anymeter.cli.screen import Screen
from anymeter.decoding import Decoder, KeyRing, is_capture
from anymeter.decoding.capture import pieces
from anymeter.decoding.form import error_form, to_json
from anymeter.errors import AnymeterError, DecodeError
from anymeter.wire.fields import Field

_SHOWN = 16
_HEADS = ("at", "octets", "field", "meaning", "clause")
Explained: TypeAlias = "tuple[str, list[Field], AnymeterError | None]"


def run(sources: Sources, keys: KeyRing, protocol: str | None, as_json: bool, out: TextIO) -> int:
    """Annotate every message and print it; returns the exit status."""
    decoder = Decoder(keys, protocol=protocol)
    done = failed = 0
    for given, fields, error in _explained(decoder, sources):
        done, failed = (done + 1, failed) if error is None else (done, failed + 1)
        if as_json:
            for field in fields:
                out.write(to_json(field_form(field)) + "\n")
            if error is not None:
                out.write(to_json(error_form(error, given)) + "\n")
        else:
            if fields:
                Screen(out).table(_HEADS, [row(f) for f in fields], right=(0,), dim=(0, 4), flexible=3)
            if error is not None:
                render.result(given, error, False, out)
    return status.of(done, failed)


def _explained(decoder: Decoder, sources: Iterable[str | bytes]) -> Iterator[Explained]:
    """Every message as it was given, its fields, and what ended them early; a capture has many messages."""
    for source in sources:
        if isinstance(source, str) or not is_capture(source):
            yield _explain(decoder, source)
            continue
        try:
            yield from (_explain(decoder, piece) for _, piece in pieces(source))
        except DecodeError as e:
            yield "", [], e


def _explain(decoder: Decoder, message: str | bytes) -> Explained:
    given = message if isinstance(message, str) else message.hex().upper()
    try:
        return given, *decoder.explain(message)
    except AnymeterError as e:
        return given, [], e


def field_form(field: Field) -> dict[str, object]:
    """The object of ``anymeter.field/1``."""
    form = {"schema": "anymeter.field/1"} | msgspec.structs.asdict(field)
    form["octets"] = field.octets.hex().upper()
    return form


def row(field: Field) -> list[str]:
    """The cells of one field, its name further in the deeper it is nested."""
    octets = field.octets[:_SHOWN].hex(" ").upper() + (" …" if len(field.octets) > _SHOWN else "")
    return [str(field.at), octets, "  " * field.depth + field.name, field.meaning, field.clause]
