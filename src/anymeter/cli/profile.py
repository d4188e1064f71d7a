"""``anymeter profile``: the entries of a profile, as a table, CSV or Parquet."""

from __future__ import annotations

import datetime as dt
import re
import sys
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from anymeter.cli import status
from anymeter.cli.options import Json, KeysFile, Trace, Url
from anymeter.cli.screen import Screen
from anymeter.cli.talking import Talk, finish, verb_app
from anymeter.cli.targets import target
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.profile_rows import Profile
from anymeter.decoding.form import value_form
from anymeter.errors import LocalError
from anymeter.obis import Obis

app: Final = verb_app()
PROFILE: Final = "anymeter.profile/1"
ENTRY: Final = "anymeter.entry/1"
Entries = int | tuple[int, int] | None


@app.command(
    name="profile", epilog="Example: anymeter profile dlms+tcp://10.0.0.5:4059 1-0:99.1.0 --entries 96 --csv day.csv"
)
def profile(
    url: Url,
    name: Annotated[str, typer.Argument(metavar="OBIS", help="Which profile.")],
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help="From then on: 2026-11-01, 2026-11-01T06:00+01:00")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="TIME", help="Until then, included.")] = None,
    entries: Annotated[
        str | None, typer.Option("--entries", metavar="N|A-B", help="The last N, or A to B, counted from 1.")
    ] = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write a CSV file; - for standard output.")
    ] = None,
    parquet: Annotated[
        Path | None, typer.Option("--parquet", metavar="FILE", help="Write a Parquet file; needs pyarrow.")
    ] = None,
    as_json: Json = False,
    keys: KeysFile = None,
    verbose: Trace = False,
) -> None:
    """Read a profile: load curves, daily and billing values, events."""
    talk = Talk(url, keys, as_json, verbose, sys.stdout)
    obis, attribute = target(name)
    if attribute is not None:
        raise LocalError(f"{name!r} names an attribute; the profile is {obis}")
    part = {"since": moment(since, "--since"), "until": moment(until, "--until"), "entries": span(entries)}
    if parquet is not None:
        _parquet()
    for file in (csv, parquet):
        if file is not None and not file.parent.is_dir():
            raise LocalError(f"{file} cannot be written: there is no folder {file.parent}")
    finish(talk, lambda: run(talk, obis, part, csv, parquet))


def run(talk: Talk, name: Obis, part: dict[str, Any], csv: Path | None, parquet: Path | None) -> int:
    """Read and write; the exit status."""
    with talk.meter() as meter:
        found = meter.profile(name, **part, progress=talk.progress.octets)
    talk.progress.clear()
    try:
        if parquet is not None:
            _parquet().write_table(found.to_arrow(), parquet)
        if csv is not None and str(csv) != "-":
            with csv.open("w", encoding="utf-8", newline="") as file:
                found.to_csv(file)
    except OSError as error:
        raise LocalError(f"{error.filename}: {error.strerror}") from None
    if csv is not None and str(csv) == "-":
        found.to_csv(talk.out)
    elif talk.as_json:
        _json(talk, name, found)
    elif csv is None and parquet is None:
        _table(talk, found)
    else:
        Screen(talk.out).line((f"{name}: {len(found)} entries", ""))
    return status.DONE


def moment(text: str | None, option: str) -> dt.datetime | None:
    """A time of the command line, local to the meter where it has no offset; LocalError."""
    if text is None:
        return None
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        raise LocalError(f"{option} {text!r} is no time; write 2026-11-01 or 2026-11-01T06:00+01:00") from None


def span(text: str | None) -> Entries:
    """``N`` for the last N entries, ``A-B`` for those; LocalError.

    >>> span("96"), span("1-24"), span(None)
    (96, (1, 24), None)
    """
    if text is None:
        return None
    match = re.fullmatch(r"(\d{1,9})(?:-(\d{1,9}))?", text, re.ASCII)
    first, last = match.groups() if match else (None, None)
    if first is None or int(first) < 1 or (last is not None and int(last) < int(first)):
        raise LocalError(f"--entries {text!r}: write the number of the last ones, or first-last, counted from 1")
    return int(first) if last is None else (int(first), int(last))


def _parquet() -> Any:
    """The module that writes Parquet; LocalError where it is not installed."""
    try:
        import pyarrow.parquet as module  # noqa: PLC0415
    except ImportError:
        raise LocalError("--parquet needs pyarrow; say: pip install pyarrow") from None
    return module


def _table(talk: Talk, found: Profile) -> None:
    heads = [f"{name} {unit}".rstrip() for name, unit in zip(found.names, found.units, strict=True)]
    rows = [[_text(value) for value in row] for row in found.scaled()]
    Screen(talk.out).table(heads, rows, right=[i for i in range(len(heads)) if i != found.time])


def _json(talk: Talk, name: Obis, found: Profile) -> None:
    """What the columns are, then an object for each entry."""
    columns = [{"name": one, "unit": unit} for one, unit in zip(found.names, found.units, strict=True)]
    talk.line({"schema": PROFILE, "obis": str(name), "entries": len(found), "columns": columns})
    for row in found.scaled():
        talk.line({"schema": ENTRY, "values": [_plain(value) for value in row]})


def _text(value: Any) -> str:
    if isinstance(value, DateTime):
        return value.iso().replace("T", " ")
    if isinstance(value, bytes):
        return value.hex().upper()
    return "" if value is None else str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex().upper()
    if value is None or isinstance(value, bool | str | float):
        return value
    return value_form(value) if isinstance(value, int | DateTime) or hasattr(value, "as_tuple") else str(value)
