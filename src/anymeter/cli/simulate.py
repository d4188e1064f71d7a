"""``anymeter simulate``: be one meter, or ten thousand."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Final, TextIO

import typer

from anymeter.cli.options import Json
from anymeter.cli.screen import Screen
from anymeter.cli.status import DONE, FAILED
from anymeter.errors import LinkError, LocalError
from anymeter.simulator.example import EXAMPLE
from anymeter.simulator.serve import Serving, serve
from anymeter.simulator.world import Plan, World

app: Final = typer.Typer(
    add_completion=False, rich_markup_mode=None, context_settings={"help_option_names": ["-h", "--help"]}
)
_SHOWN: Final = 20
"""More meters than these are counted, not listed, on a terminal for people."""


@app.command(
    name="simulate", epilog="Example: anymeter simulate --example > street.toml; anymeter simulate street.toml"
)
def simulate(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE.toml", help="The world: which meters, and where.")
    ] = None,
    as_json: Json = False,
    plan: Annotated[bool, typer.Option("--plan", help="Say what there would be, and end.")] = False,
    example: Annotated[bool, typer.Option("--example", help="Print a world with comments, and end.")] = False,
    seconds: Annotated[float | None, typer.Option("--for", metavar="SECONDS", help="End after so long.")] = None,
) -> None:
    """Be one meter, or ten thousand: serve what a world file describes, until Ctrl-C."""
    if example:
        sys.stdout.write(EXAMPLE)
        raise typer.Exit(DONE)
    if file is None:
        raise LocalError("name a world file, or see one with --example")
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LocalError(f"{file} cannot be read: {error}") from None
    world = World.parse(text, time.time(), file.name, str(file.parent))
    if plan:
        announce(world, [(p, p.url) for p in world.plans], as_json, sys.stdout)
        raise typer.Exit(DONE)
    _open_files()
    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(_run(world, seconds, as_json, sys.stdout))
    except LinkError as error:
        sys.stderr.write(f"anymeter: {error}\n")
        raise typer.Exit(FAILED) from None
    raise typer.Exit(DONE)


def _open_files() -> None:
    """Let as many files be open as the system allows: every socket is one."""
    try:
        import resource  # noqa: PLC0415  (there is none on Windows, nor such a limit)
    except ImportError:
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def _run(world: World, seconds: float | None, as_json: bool, out: TextIO) -> None:
    async with serve(world, time.time) as serving:
        announce(world, serving.places, as_json, out)
        if not as_json:
            out.write("Ctrl-C ends it.\n" if seconds is None else f"It ends in {seconds:g} s.\n")
        out.flush()
        await _until(serving, seconds)


async def _until(serving: Serving, seconds: float | None) -> None:
    """Wait for the end that was asked for, or for an error of the serving itself."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await serving.failed()


def announce(world: World, places: list[tuple[Plan, str]], as_json: bool, out: TextIO) -> None:
    """Print which meters answer where: a line for each, or all but the first few counted where there are many."""
    rows = [_row(world, plan, url) for plan, url in places]
    if as_json:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        return
    begin = dt.datetime.fromtimestamp(world.start, dt.UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
    pace = "" if world.text.speed == 1 else f", {world.text.speed:g} times as fast"
    screen = Screen(out)
    screen.line((f"{world.text.name}: {len(rows)} meter{'s' * (len(rows) != 1)}, from {begin}{pace}", "bold"))
    shown = rows if len(rows) <= _SHOWN else rows[: _SHOWN - 1]
    width = max((len(row["companion"]) for row in shown), default=0)
    for row in shown:
        screen.line((f"{row['name']}  {row['companion']:{width}}  {row['url']}", ""))
    if len(shown) < len(rows):
        last = rows[-1]
        screen.line((f"… and {len(rows) - len(shown)} more, up to {last['name']} at {last['url']}", "dim"))


def _row(world: World, plan: Plan, url: str) -> dict[str, Any]:
    companion = world.companion(world.text.meters[plan.group])
    name = plan.identity.fill(companion.devices[0].name)
    return {"name": name, "companion": companion.name, "medium": companion.medium, "url": url}
