"""What the verbs have in common that talk to a meter: keys, connection, trace, progress, errors, exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TextIO

import typer

from anymeter.cli import status
from anymeter.cli.decode import key_ring
from anymeter.decoding import KeyRing
from anymeter.decoding.form import error_form, to_json
from anymeter.drivers import urls
from anymeter.drivers.blocking import Trace
from anymeter.drivers.connect_sync import BlockingMeter, connect_sync
from anymeter.drivers.settings import connection
from anymeter.errors import (
    AnymeterError,
    AssociationRefused,
    LinkTimeout,
    LocalError,
    LocatedError,
    ServiceRefused,
)

PASSWORD: Final = "ANYMETER_PASSWORD"
"""The variable of the environment that holds a low level password."""
_A_LINE: Final = 32
_ADDRESSES: Final = "check client= and server= in the URL"
_PROOF: Final = "this client has to give a password: --keys FILE"
_ADVICE: Final = {
    0: _ADDRESSES,
    1: _ADDRESSES,
    2: "try names=sn or names=ln in the URL",
    11: _PROOF,
    12: _PROOF,
    13: "check the password in the keys file, and client= in the URL",
    14: _PROOF,
}
"""What to do about the diagnostics of a refused association. Source: EN 62056-5-3, ACSE associate-source-diagnostic."""


def verb_app() -> typer.Typer:
    """An application with one verb, as :mod:`.app` takes it up."""
    return typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


class Talk:
    """One run of a verb with one meter: where it prints, and what it makes of errors."""

    def __init__(self, url: str, keys: Path | None, as_json: bool, verbose: bool, out: TextIO) -> None:
        self.url, self.as_json, self.verbose, self.out = url, as_json, verbose, out
        self.keys: KeyRing = key_ring(None, None, keys)
        self.password = os.environ.get(PASSWORD) or None
        self.progress = Progress(sys.stderr)
        self._secret = b""

    def check(self) -> None:
        """LocalError for a URL that cannot be meant, before anything is sent: a wrong use of the command."""
        self._secret = connection(self.url, self.keys, self.password).settings.secret

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers below the application, as messages tell them."""
        return ("hdlc",) if self.hdlc else ("wrapper",)

    @property
    def hdlc(self) -> bool:
        """Whether the link is HDLC."""
        return urls.parse(self.url).hdlc

    @property
    def trace(self) -> Trace | None:
        """What shows the octets, where that is asked for."""
        return self._trace if self.verbose else None

    @contextmanager
    def meter(self) -> Iterator[BlockingMeter]:
        """The meter, connected."""
        with connect_sync(self.url, keys=self.keys, password=self.password, trace=self.trace) as meter:
            yield meter

    def run(self, work: Callable[[], int]) -> int:
        """Do the work; the exit status. What goes wrong is one sentence, or one object."""
        self.check()
        try:
            return work()
        except KeyboardInterrupt:
            self.progress.clear()
            raise
        except AnymeterError as error:
            self.progress.clear()
            self.failed(error)
            return status.WRONG_USAGE if isinstance(error, LocalError) else status.FAILED

    def failed(self, error: AnymeterError, server: int | None = None) -> None:
        """Tell why it failed; *server* where it is another than that of the URL."""
        if self.as_json:
            self.out.write(to_json(error_form(error, self.url)) + "\n")
        else:
            sys.stderr.write(f"anymeter: {self.sentence(error, server)}\n")

    def sentence(self, error: AnymeterError, server: int | None = None) -> str:
        """What went wrong, where, and what to do about it where that is known."""
        if isinstance(error, LinkTimeout):
            address = ", physical= and server=" if self.hdlc else " and link"
            return f"{error}; check port{address}, or wait longer with timeout= in the URL"
        if not isinstance(error, AssociationRefused | ServiceRefused | LocatedError):
            return str(error)
        found = connection(self.url, self.keys, self.password)
        if not isinstance(error, AssociationRefused):
            return f"{found.where}: {error}"
        advice = _ADVICE.get(error.diagnostic, "")
        who = f"client {found.route.client}, server {found.route.server if server is None else server}"
        return f"{found.where}, {who}: {error}{advice and '; '}{advice}"

    def line(self, form: dict[str, Any]) -> None:
        """One object of JSON Lines."""
        self.out.write(to_json(form) + "\n")

    def _trace(self, out: bool, octets: bytes) -> None:
        """The octets as they are, but for the password."""
        cells = [f"{octet:02X}" for octet in octets]
        at = octets.find(self._secret) if self._secret else -1
        if at >= 0:
            cells[at : at + len(self._secret)] = ["··"] * len(self._secret)
        for start in range(0, len(cells), _A_LINE):
            mark = ("→" if out else "←") if not start else " "
            sys.stderr.write(f"{mark} {' '.join(cells[start : start + _A_LINE])}\n")


class Progress:
    """A line that says how far it is, on a terminal only."""

    def __init__(self, out: TextIO) -> None:
        self._out = out if out.isatty() else None
        self._width = 0

    def steps(self, done: int, of: int) -> None:
        """So many of so many."""
        self._show(f"{done} of {of}")

    def octets(self, count: int) -> None:
        """So many octets."""
        self._show(f"{count} octets")

    def clear(self) -> None:
        """Leave no trace of it."""
        if self._out is not None and self._width:
            self._out.write("\r" + " " * self._width + "\r")
            self._out.flush()
            self._width = 0

    def _show(self, text: str) -> None:
        if self._out is not None:
            self._out.write("\r" + text.ljust(self._width))
            self._out.flush()
            self._width = len(text)


def finish(talk: Talk, work: Callable[[], int]) -> None:
    """Run the work of a verb and end with its exit status."""
    raise typer.Exit(talk.run(work))
