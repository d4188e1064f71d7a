"""The options that several verbs have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
Url = Annotated[str, typer.Argument(metavar="URL", help="Where the meter is: dlms+tcp://host:port?client=16&server=1")]
Trace = Annotated[bool, typer.Option("--verbose", "-v", help="Show the octets that go and come, on standard error.")]
