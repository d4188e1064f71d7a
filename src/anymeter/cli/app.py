"""The verbs and their options; each verb's work is in the file of its name."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_command

from anymeter import __version__
from anymeter.cli import decode as decode_verb
from anymeter.cli import explain as explain_verb
from anymeter.cli import obis as obis_verb
from anymeter.cli.options import AuthKey, Inputs, Json, Key, KeysFile, Protocol
from anymeter.cli.status import WRONG_USAGE
from anymeter.errors import LocalError

VERBS: Final[dict[str, str]] = {
    "read": "anymeter.cli.read",
    "write": "anymeter.cli.write",
    "call": "anymeter.cli.call",
    "scan": "anymeter.cli.scan",
    "listen": "anymeter.cli.listen",
    "profile": "anymeter.cli.profile",
    "simulate": "anymeter.cli.simulate",
    "demo": "anymeter.cli.demo",
}
"""The verbs that talk to meters, each an ``app`` of its own: imported when asked for, so the others start without."""


class Verbs(TyperGroup):
    """All verbs, those of :data:`VERBS` found when they are asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of all verbs."""
        return [*(name for name in super().list_commands(ctx) if name not in VERBS), *VERBS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of this name, None where there is none."""
        if cmd_name in VERBS and cmd_name not in self.commands:
            self.add_command(get_command(import_module(VERBS[cmd_name]).app), cmd_name)
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: Any) -> Any:
        """Run the verb. That nobody reads on, as behind ``| head``, is no failure."""
        try:
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()
        except BrokenPipeError:
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  (it stays open until the end)
            raise typer.Exit from None


app: Final = typer.Typer(
    name="anymeter",
    cls=Verbs,
    help="Any meter, any medium, any link, one COSEM model.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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
