"""Written messages to octets: hex in the forms people paste it, and readouts as text."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from anymeter.errors import DecodeError, LocalError

_SEPARATORS: Final = re.compile(r"""0[xX](?=[0-9a-fA-F])|\\x|[\s:,;.|_\-\[\]{}<>'"]""")
_RECEIVER_LINE: Final = re.compile(r"[^()]*;0x([0-9a-fA-F]+)[;\s]*")
_RECEIVER_OBJECT: Final = re.compile(r'"(?:data|telegram|payload|frame|raw|hex)"\s*:\s*"(?:0[xX])?([0-9a-fA-F]+)"')
PIECE: Final = 8
"""A message has more hex digits than this; shorter arguments are pieces of one."""
_WRAPPED: Final = re.compile(r"telegram=\|([0-9a-fA-F_|]+?)\|?(?:\+\d+)?\s*")


class Written(NamedTuple):
    """The octets of a message, and the half octet that was left over behind them."""

    octets: bytes
    stray: str = ""


def octets_of(message: bytes | bytearray | memoryview | str) -> bytes:
    """The octets of a message given as octets, as hex with any separators, or as the text of a readout.

    Raises :class:`DecodeError` for text that is neither.

    >>> octets_of("68 03:03-68").hex(), octets_of("0x10, 0x40"), octets_of("/ABC5 X")
    ('68030368', b'\\x10@', b'/ABC5 X')
    """
    octets, stray = written(message)
    if stray:
        raise odd(octets)
    return octets


def odd(octets: bytes) -> DecodeError:
    """The error of an odd number of digits, of which the last one follows these octets."""
    return DecodeError(f"an odd number of hex digits ({2 * len(octets) + 1})", what="input", at=len(octets))


def written(message: bytes | bytearray | memoryview | str) -> Written:
    """The same for messages that may end in half an octet, as some receivers print them."""
    if isinstance(message, bytes | bytearray | memoryview):
        return Written(bytes(message))
    if not isinstance(message, str):
        raise LocalError(f"a message is octets, hex or the text of a readout, not {type(message).__name__}")
    for form in (_RECEIVER_LINE, _WRAPPED):
        if m := form.fullmatch(message):
            message = m[1]
    if message.lstrip().startswith("{") and (m := _RECEIVER_OBJECT.search(message)):
        message = m[1]
    if "(" in message or message.lstrip().startswith("/"):
        return Written(message.encode("latin-1", "replace"))
    digits = _SEPARATORS.sub("", message)
    if not digits:
        raise DecodeError("there is no message here", what="input", at=0)
    wrong = re.search(r"[^0-9a-fA-F]", digits)
    if wrong:
        raise DecodeError(
            f"{wrong[0]!r} is no hex digit, and this is no readout either", what="input", at=message.find(wrong[0])
        )
    whole = len(digits) // 2 * 2
    return Written(bytes.fromhex(digits[:whole]), digits[whole:])


def join_pasted(arguments: list[str]) -> list[str]:
    """Command-line arguments as messages: hex pasted without quotes comes in pieces and is put together again.

    >>> join_pasted(["68", "03", "03"]), join_pasted(["1040014116", "@file"])
    (['68 03 03'], ['1040014116', '@file'])
    """
    hexadecimal = all(re.fullmatch(r"(0[xX])?[0-9a-fA-F]+,?", a) for a in arguments)
    pasted = len(arguments) > 1 and hexadecimal and min(map(len, arguments)) <= PIECE
    return [" ".join(arguments)] if pasted else list(arguments)
