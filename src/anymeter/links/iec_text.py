"""The text that IEC 62056-21 readouts and P1 telegrams share: data sets. Source: IEC 62056-21, "Data set".

``address(value*unit)``, any number of them a line, any number of value groups a data set. A group without an address
belongs to the data set before it: meters put the values of a profile, and the gas meter's value in DSMR 2 and 3, on
lines of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, TypeAlias

import msgspec

from anymeter.wire.fields import Field

Token: TypeAlias = tuple[bytes, bytes, bytes, bytes, bytes, bytes]
"""*octets*, *address*, *value* and *unit* of the first group, *more* groups; or, alone, what is no data set."""

# Possessive throughout, and whatever is no data set is eaten as a whole: each octet is looked at a bounded number of
# times, so a hostile line costs no more than an honest one.
_TOKEN: Final = re.compile(
    rb"(([^()\r\n]*+)\(([^()*\r\n]*+)(?:\*([^()\r\n]*+))?\)((?:\([^()\r\n]*+\))*+))|([^()\r\n]++|[()])"
)
_GROUP: Final = re.compile(rb"\(([^()*\r\n]*+)(?:\*([^()\r\n]*+))?\)")
_FRAMING: Final = bytes(range(0x21))
_CUT: Final = re.compile(rb"[)\r\n][\r\n]*+(?=[^()!\x00-\x20])")
"""Where a data set may begin that no group before it belongs to."""
_PIECE: Final = 2048
MOST_FIELDS: Final = 384
"""From so many fields on, what is left of a text is shown in one."""
END: Final = re.compile(rb"!(?=[0-9A-Fa-f]{0,4}(?:[ \t]*[\r\n\x03\x04]|\Z))")
"""The "!" that ends the data: the last thing of its line, or followed by nothing but a check sequence."""


class Group(msgspec.Struct, frozen=True, gc=False):
    """One value group: *octets* as sent with their parentheses, and for the first one with its address."""

    octets: bytes
    value: bytes
    unit: bytes


class Value(msgspec.Struct, frozen=True):
    """What stands between two parentheses, split at its "*"."""

    text: str
    unit: str = ""

    def encode(self) -> bytes:
        """``(text*unit)``, without the "*" where there is no unit."""
        return encode_text(f"({self.text}*{self.unit})" if self.unit else f"({self.text})")


class DataSet(msgspec.Struct, frozen=True):
    """One data set: its address as sent (empty when there is none) and its value groups; *at* in the text."""

    address: str
    values: tuple[Value, ...]
    at: int = 0

    def encode(self) -> bytes:
        """The data set on one line, without the line's end."""
        return encode_text(self.address) + b"".join(v.encode() for v in self.values)


def decode_text(octets: bytes) -> str:
    """The characters of *octets*: UTF-8 where they are that, else one for each octet (ISO 8859-1).

    >>> decode_text(b"m\\xb3"), decode_text("m³".encode())
    ('m³', 'm³')
    """
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def encode_text(text: str) -> bytes:
    """The octets of *text*: one for each character where they fit (ISO 8859-1), else UTF-8."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode()


def tokens(text: bytes) -> list[Token]:
    """The data sets of *text* and what stands between them, lines' ends aside, in one pass.

    >>> tokens(b"1.8.0(12.5*kWh)\\r\\nF.F(00)(01)?")
    [(b'1.8.0(12.5*kWh)', b'1.8.0', b'12.5', b'kWh', b'', b''), (b'F.F(00)(01)', b'F.F', b'00', b'', b'(01)', b''),
     (b'', b'', b'', b'', b'', b'?')]
    """
    return _TOKEN.findall(text)


def pieces(text: bytes) -> Iterator[bytes]:
    """*text* in pieces of some 2,000 octets, cut where a data set begins: the tokens of each are those of the whole.

    >>> [len(piece) for piece in pieces(b"1.8.0(12.5*kWh)\\r\\n" * 200)]
    [2057, 1343]
    """
    at = 0
    while len(text) - at > _PIECE and (cut := _CUT.search(text, at + _PIECE)) is not None:
        yield text[at : cut.end()]
        at = cut.end()
    yield text[at:]


def has_data_set(text: bytes) -> bool:
    """Whether any data set stands in *text*."""
    return any(m[1] for m in _TOKEN.finditer(text))


def groups(octets: bytes) -> Iterator[Group]:
    """The value groups of one data set.

    >>> [(g.octets, g.value, g.unit) for g in groups(b"1.6.0(02.4*kW)(1703100930)")]
    [(b'1.6.0(02.4*kW)', b'02.4', b'kW'), (b'(1703100930)', b'1703100930', b'')]
    """
    at = 0
    for m in _GROUP.finditer(octets):
        yield Group(octets[at : m.end()], m[1], m[2] or b"")
        at = m.end()


def continues(address: bytes) -> bool:
    """Whether a group under this *address* belongs to the data set before it.

    A lone "!" is no address: meters are known that print it between doubled value groups.
    """
    return not address or address.strip(b" \t!") == b""


def data_sets(text: bytes, at: int = 0) -> tuple[DataSet, ...]:
    """The data sets of *text*, which begins at octet *at* of its message.

    Groups without an address join the data set before them.

    >>> [(d.address, [v.text for v in d.values]) for d in data_sets(b"P.1(1)(2)\\r\\n(3)\\r\\n0.0(7)")]
    [('P.1', ['1', '2', '3']), ('0.0', ['7'])]
    """
    found: list[tuple[str, list[Value], int]] = []
    for m in _TOKEN.finditer(text):
        if not m[1]:
            continue
        values = [Value(decode_text(g.value), decode_text(g.unit)) for g in groups(m[1])]
        if found and continues(m[2]):
            found[-1][1].extend(values)
        else:
            address, start = _trimmed(m[2], m.start())
            found.append((decode_text(address), values, at + start))
    return tuple(DataSet(address, tuple(values), start) for address, values, start in found)


def _trimmed(address: bytes, start: int) -> tuple[bytes, int]:
    lead = len(address) - len(address.lstrip(_FRAMING))
    return address.strip(_FRAMING), start + lead


def explain_text(text: bytes, at: int, depth: int = 0) -> Iterator[Field]:
    """One row a data set, one below it for each value group; what is no data set is shown as such.

    Nobody reads thousands of rows: see :data:`MOST_FIELDS`.
    """
    made = 0
    for m in _TOKEN.finditer(text):
        if made >= MOST_FIELDS:
            yield Field(at + m.start(), text[m.start() :], "the rest", "", "", depth)
            return
        made += 1
        if not m[1]:
            if m[6].strip(_FRAMING):
                yield Field(at + m.start(), m[6], "not a data set", decode_text(m[6]), "", depth)
            continue
        start = at + m.start()
        yield Field(start, m[1], "data set", decode_text(m[2].strip(_FRAMING)), "IEC 62056-21, data set", depth)
        for g in _GROUP.finditer(m[0], len(m[2])):
            if made >= MOST_FIELDS:
                yield Field(start + g.start(), m[0][g.start() :], "the rest", "", "", depth + 1)
                break
            made += 1
            unit = f" {decode_text(g[2])}" if g[2] else ""
            yield Field(start + g.start(), g[0], "value", decode_text(g[1]) + unit, "", depth + 1)
