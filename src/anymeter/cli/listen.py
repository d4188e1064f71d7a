"""``anymeter listen``: receive what meters push, until stopped."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from typing import Annotated, Final, TextIO

import typer

from anymeter.cli import render, status
from anymeter.cli.decode import key_ring
from anymeter.cli.options import Json, KeysFile
from anymeter.cli.screen import Screen
from anymeter.cli.talking import verb_app
from anymeter.decoding import KeyRing
from anymeter.decoding.form import error_form, message_form, to_json
from anymeter.drivers import hosts
from anymeter.drivers.listen import Heard, listen
from anymeter.errors import AnymeterError, LinkError

app: Final = verb_app()


@app.command(name="listen", epilog="Example: anymeter listen dlms+udp://[::]:4059")
def listen_to(
    url: Annotated[
        str, typer.Argument(metavar="URL", help="Where to listen: dlms+tcp://0.0.0.0:4059, dlms+udp://[::]")
    ],
    count: Annotated[
        int | None, typer.Option("--count", min=1, metavar="N", help="End after so many messages.")
    ] = None,
    seconds: Annotated[float | None, typer.Option("--for", metavar="SECONDS", help="End after so long.")] = None,
    as_json: Json = False,
    keys: KeysFile = None,
) -> None:
    """Receive what meters push, until stopped with Ctrl-C."""
    ring = key_ring(None, None, keys)
    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(run(url, ring, count, seconds, as_json, sys.stdout))
    except LinkError as error:
        sys.stderr.write(f"anymeter: {error}\n")
        raise typer.Exit(status.FAILED) from None
    raise typer.Exit(status.DONE)


async def run(url: str, keys: KeyRing, count: int | None, seconds: float | None, as_json: bool, out: TextIO) -> None:
    """Listen and print."""
    async with listen(url, keys=keys) as listener:
        for host, port in listener.addresses:
            sys.stderr.write(f"listening on {hosts.written(host, port)}\n")
        sys.stderr.flush()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                async for heard in listener:
                    tell(heard, as_json, out)
                    count = None if count is None else count - 1
                    if count == 0:
                        break


def tell(heard: Heard, as_json: bool, out: TextIO) -> None:
    """Print one message."""
    message = heard.message
    sender = "" if heard.peer is None else hosts.written(*heard.peer)
    if as_json:
        form = error_form(message, sender) if isinstance(message, AnymeterError) else message_form(message)
        out.write(to_json(form) + "\n")
    else:
        if sender:
            Screen(out).line((f"from {sender}", "dim"))
        render.result(sender, message, False, out)
    out.flush()
