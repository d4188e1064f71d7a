"""The verbs and their options; each verb's work is in the file of its name."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from anymeter import __version__
from anymeter.cli import decode as decode_verb
from anymeter.cli import demo as demo_verb
from anymeter.cli import explain as explain_verb
from anymeter.cli import obis as obis_verb
from anymeter.cli.status import WRONG_USAGE
from anymeter.errors import LocalError

app: Final = typer.Typer(
    name="anymeter",
    help="Any meter, any medium, any link, one COSEM model.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Json = Annotated[bool, typer.Option("--json", help="JSON Lines on standard output, nothing else there.")]
Key = Annotated[str | None, typer.Option("--key", metavar="HEX", help="M-Bus user key, or DLMS encryption key.")]
AuthKey = Annotated[str | None, typer.Option("--auth-key", metavar="HEX", help="DLMS authentication key.")]
KeysFile = Annotated[Path | None, typer.Option("--keys", metavar="FILE", help="Keys by meter (TOML), private to you.")]
Protocol = Annotated[
    str | None,
    typer.Option("--as", metavar="PROTOCOL", help="Don't guess: mbus, wmbus, hdlc, wrapper, dlms, iec62056-21, p1."),
]
Inputs = Annotated[
    list[str] | None,
    typer.Argument(metavar="INPUT…", help="Hex with any separators, @file, - (a line each), or a .pcap capture."),
]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"anymeter {__version__}")
        raise typer.Exit


def _inputs(given: list[str] | None) -> list[str]:
    """The inputs, or standard input where messages are piped in."""
    if not given and sys.stdin.isatty():
        raise LocalError("there is no message; give hex, @file, or - to type a message a line")
    return given or ["-"]


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Any meter, any medium, any link, one COSEM model."""


@app.command(epilog="Example: anymeter decode --json 68151568080172785634122D2C01072A000000041315CD5B077516")
def decode(
    inputs: Inputs = None,
    as_json: Json = False,
    key: Key = None,
    auth_key: AuthKey = None,
    keys: KeysFile = None,
    protocol: Protocol = None,
    lines: Annotated[bool, typer.Option("--lines", help="Each line of an @file is a message.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="With an error, show the octets.")] = False,
) -> None:
    """Any telegram, frame or readout to readings."""
    ring = decode_verb.key_ring(key, auth_key, keys)
    sources = decode_verb.Sources(_inputs(inputs), lines)
    raise typer.Exit(decode_verb.run(sources, ring, protocol, as_json, verbose, sys.stdout))


@app.command(epilog="Example: anymeter explain 1040014116")
def explain(
    inputs: Inputs = None,
    as_json: Json = False,
    key: Key = None,
    auth_key: AuthKey = None,
    keys: KeysFile = None,
    protocol: Protocol = None,
) -> None:
    """The same octets, annotated: offset, octets, field, meaning, clause."""
    ring = decode_verb.key_ring(key, auth_key, keys)
    sources = decode_verb.Sources(_inputs(inputs), False)
    raise typer.Exit(explain_verb.run(sources, ring, protocol, as_json, sys.stdout))


@app.command(epilog="Example: anymeter obis 7-0:3.2.0, or anymeter obis heat energy set date")
def obis(
    words: Annotated[list[str], typer.Argument(metavar="CODE|WORDS…", help="A code in any form, or words.")],
    as_json: Json = False,
) -> None:
    """What a code means; which code means that."""
    raise typer.Exit(obis_verb.run(tuple(words), as_json, sys.stdout))


@app.command()
def demo() -> None:
    """All of it in one minute, on this machine alone."""
    raise typer.Exit(demo_verb.run(sys.stdout))


def main() -> None:
    """The ``anymeter`` command."""
    gc.freeze()  # the modules stay until the end: looking through them for garbage is a tenth of a short run
    try:
        app()
    except LocalError as e:
        print(f"anymeter: {e}", file=sys.stderr)  # noqa: T201
        sys.exit(WRONG_USAGE)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
