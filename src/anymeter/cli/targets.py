"""Objects, attributes and methods as one writes them on a command line: ``1-0:1.8.0``, ``1-0:1.8.0.scaler_unit``."""

from __future__ import annotations

import re
from typing import Final

from anymeter.errors import LocalError
from anymeter.obis import Obis

_TARGET: Final = re.compile(
    r"(?P<code>\d{1,3}-\d{1,3}:\d{1,3}\.\d{1,3}\.\d{1,3}(?:[*&]\d{1,3})?"
    r"|(?:\d{1,3}\.){5}\d{1,3}|[0-9A-Fa-f]{12})(?:\.(?P<member>-?\d{1,3}|[A-Za-z][A-Za-z0-9_ -]*))?",
    re.ASCII,
)


def target(text: str) -> tuple[Obis, str | None]:
    """The object, and the attribute or method of it where one is named, by number or name; LocalError.

    The code is written in full, A-B:C.D.E with or without *F, so that what follows can be no part of it.

    >>> target("1-0:1.8.0"), target("1-0:1.8.0*255.3"), target("1.0.1.8.0.255.value")
    ((Obis('1-0:1.8.0*255'), None), (Obis('1-0:1.8.0*255'), '3'), (Obis('1-0:1.8.0*255'), 'value'))
    """
    match = _TARGET.fullmatch(text.strip())
    if match is None:
        raise LocalError(f"{text!r} names no object: write A-B:C.D.E*F, and behind it .attribute, such as 1-0:1.8.0.3")
    member = match["member"]
    if member == "255" and "*" not in match["code"] and "&" not in match["code"] and ":" in match["code"]:
        return Obis(text.strip()), None
    return Obis(match["code"]), member
