"""Writes the reference of the protocol from its tables: ``python tools/protocol_reference.py [folder]``.

What a frame does at each end of an HDLC line, which form of which service needs what, and how a server refuses.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from anymeter.cosem.enums import Conformance
from anymeter.dlms import apdu
from anymeter.dlms.initiate import ConfirmedServiceError, ExceptionResponse
from anymeter.dlms.server import refusals
from anymeter.dlms.server.services import SERVICES
from anymeter.links import hdlc_primary, hdlc_secondary

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "reference"
NAME = "protocol.md"
TOP = """# Protocol tables

Made from the tables that the code runs by; don't edit this page. What they mean is told in
[Links](../links.md) and [The application layer](../services.md).
"""
PRIMARY = """## HDLC, the client's end

What a frame of the meter does, by the state of the connection. Empty: it is discarded.
Source: IEC 62056-46, `anymeter/links/hdlc_primary.py`.
"""
SECONDARY = """## HDLC, the meter's end

What a frame of a client does, by the state of the connection. Empty: it is discarded. While there is no connection,
SNRM sets one up (UA; DM when it cannot be read or there are too many), UI is a unit that is not confirmed, and every
other frame that polls is answered with DM. `?` is a control field that means nothing.
Source: IEC 62056-46, `anymeter/links/hdlc_secondary.py`.
"""
FORMS = """## Services and what they need

What a request begins with, and which bits of the conformance must have been negotiated for it.
Source: EN 13757-1:2014, 8.3, `anymeter/dlms/server/services.py`.
"""
REFUSALS = """## How a whole request is refused

readRequest and writeRequest are refused by a confirmedServiceError, all other services by an exception-response,
unconfirmed requests by silence. Source: EN 13757-1:2014, 8.3, `anymeter/dlms/server/refusals.py`.
"""

Moves = Mapping[str, Mapping[str, Callable[..., Any]]]


def page() -> str:
    """The whole page."""
    parts = (
        TOP,
        PRIMARY,
        moves(hdlc_primary._MOVES),
        SECONDARY,
        moves(hdlc_secondary._MOVES),
        FORMS,
        services(),
        REFUSALS,
        ways_to_refuse(),
    )
    return "\n".join(f"{part.rstrip()}\n" for part in parts)


def moves(table: Moves) -> str:
    """A table of moves: a line for each frame, a column for each state."""
    frames = dict.fromkeys(kind for row in table.values() for kind in row)
    return _table(
        ("frame", *table),
        ((kind, *(_does(row[kind]) if kind in row else "" for row in table.values())) for kind in frames),
    )


def _does(move: Callable[..., Any]) -> str:
    return " ".join((move.__doc__ or "").strip().splitlines()[0].split()).rstrip(".")


def services() -> str:
    """A line for each form of a service."""
    rows = (
        (head.hex(" ").upper(), f"`{apdu.APDUS[head].__name__}`", Conformance(service.needs).words)
        for head, service in SERVICES.items()
    )
    return _table(("begins with", "request", "must have been negotiated"), rows)


def ways_to_refuse() -> str:
    """A line for each way to say no, with the octets of both forms."""
    found = {name: way for name, way in vars(refusals).items() if isinstance(way, refusals.Refusal)}
    return _table(
        ("what is wrong", "exception-response", "", "confirmedServiceError (of a read)", ""),
        ((_words(name), *_exception(way.exception), *_error(way.error)) for name, way in found.items()),
    )


def _words(name: str) -> str:
    return name.lower().replace("_", " ")


def _exception(octets: bytes) -> tuple[str, str]:
    said = ExceptionResponse.parse(octets)
    return octets.hex(" ").upper(), f"{said.state_error.words}, {said.service_error.words}"


def _error(error: bytes) -> tuple[str, str]:
    octets = b"\x0e\x05" + error
    return octets.hex(" ").upper(), ConfirmedServiceError.parse(octets).words.partition(": ")[2]


def _table(heading: tuple[str, ...], body: Iterable[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in (heading, tuple("---" for _ in heading), *body))


def main(arguments: list[str]) -> int:
    """Write the page, into the folder that the arguments name."""
    folder = Path(arguments[0]) if arguments else FOLDER
    (folder / NAME).write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
