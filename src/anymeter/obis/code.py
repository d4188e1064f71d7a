"""The six value groups of a COSEM logical name, and every way to write them. Source: EN 13757-1:2014, 11.1 and 11.5."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, Self

import msgspec

from anymeter.errors import LocalError

GROUPS: Final = "ABCDEF"
LETTERS: Final = {"C": 96, "F": 97, "L": 98, "P": 99}
"""Display letters of value groups C and D (Table 52)."""
_SHOWN: Final = {value: letter for letter, value in LETTERS.items()}
_ELECTRICITY: Final = 1
_UNUSED: Final = 255

_NUMBER: Final = r"\d{1,3}"
_CODE: Final = rf"(?:{_NUMBER}|[CFLPcflp])"
_WRITTEN: Final = re.compile(
    rf"(?:(?:(?P<A>{_NUMBER})-)?(?P<B>{_NUMBER}):)?(?P<C>{_CODE})\.(?P<D>{_CODE})"
    rf"(?:\.(?P<E>{_NUMBER})(?:(?P<mark>[*&.])(?P<F>{_NUMBER}))?|(?P<mark2>[*&])(?P<F2>{_NUMBER}))?",
    re.ASCII,
)
_DECIMALS: Final = re.compile(r"(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})", re.ASCII)
_HEX: Final = re.compile(r"[0-9A-Fa-f]{12}|[0-9A-Fa-f]{2}([-:. ])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}", re.ASCII)


class Obis(bytes):
    """The name of a COSEM object: value groups A to F, one octet each. It *is* its six octets.

    Takes any written form, completed as :func:`read` says, or six octets; raises :class:`LocalError`.

    >>> Obis("1-0:1.8.0"), Obis("7-0:3.2.0.255").octets.hex()
    (Obis('1-0:1.8.0*255'), '0700030200ff')
    >>> Obis("6-0:1.2.0").a, Obis("0100010800FF") == Obis(b"\\x01\\x00\\x01\\x08\\x00\\xff")
    (6, True)
    """

    __slots__ = ()

    def __new__(cls, value: str | Iterable[int]) -> Self:
        if type(value) is bytes and len(value) == 6:
            return super().__new__(cls, value)
        return super().__new__(cls, _octets_of(value) if isinstance(value, str) else _octets(value))

    @property
    def octets(self) -> bytes:
        """The six octets as plain bytes."""
        return bytes(self)

    @property
    def a(self) -> int:
        """Value group A: the medium (0 abstract, 1 electricity, 6 heat, 7 gas, 8 cold water, ...)."""
        return self[0]

    @property
    def b(self) -> int:
        """Value group B: the channel, 0 where there is but one."""
        return self[1]

    @property
    def c(self) -> int:
        """Value group C: the physical quantity, or the abstract data item."""
        return self[2]

    @property
    def d(self) -> int:
        """Value group D: how the quantity was processed."""
        return self[3]

    @property
    def e(self) -> int:
        """Value group E: further classification, a rate mostly."""
        return self[4]

    @property
    def f(self) -> int:
        """Value group F: the billing period, 255 for the current one."""
        return self[5]

    def reduced(self, *, medium: int | None = None, letters: bool = False, manual_reset: bool = False) -> str:
        """The reduced ID of IEC 62056-21: groups limited to 0..99, those that say nothing left out. Source: 11.5.1.

        With *medium*, A and B are left out where they are that medium and channel 0; *letters* writes C and D as the
        display codes of Table 52; *manual_reset* marks a billing period that was closed by hand. Raises
        :class:`LocalError` for a value above 99 (E and F may be 255: not used).

        >>> Obis("1-0:1.8.1*3").reduced(), Obis("0-0:96.1.0").reduced(medium=0, letters=True)
        ('1-0:1.8.1*03', 'C.1.0')
        """
        a, b, c, d, e, f = self
        for name, value in zip(GROUPS, self, strict=True):
            if value > 99 and not (name in "EF" and value == _UNUSED):
                raise LocalError(f"a reduced ID holds 0 to 99 in each value group, but {name} is {value} in {self}")
        head = "" if (a, b) == (medium, 0) else f"{b}:" if a == medium else f"{a}-{b}:"
        middle = ".".join(_SHOWN.get(g, str(g)) if letters else str(g) for g in (c, d))
        tail = "" if f == _UNUSED else f"{'&' if manual_reset else '*'}{f:02}"
        return f"{head}{middle}{'' if e == _UNUSED else f'.{e}'}{tail}"

    def __str__(self) -> str:
        return "{}-{}:{}.{}.{}*{}".format(*self)

    def __repr__(self) -> str:
        return f"Obis('{self}')"


class Written(msgspec.Struct, frozen=True):
    """A code as it was written: *given* names the groups that stood there, *manual_reset* tells ``&`` from ``*``."""

    obis: Obis
    manual_reset: bool = False
    given: str = GROUPS


@lru_cache(maxsize=4096)
def read(text: str, medium: int | None = None) -> Written:
    """A written code, with the groups it leaves out filled in; raises :class:`LocalError`. Source: 11.5.1, Table 52.

    Reads ``A-B:C.D.E*F`` with A, B, E and F optional (``&F`` after a manual reset, ``.F`` as some devices print),
    six numbers with dots, twelve hexadecimal digits, and six hexadecimal octets between like separators.
    C and D may be the display letters C, F, L and P. Left out, A is *medium* (electricity unless told; 0 for the
    abstract families 96 and 97), B is 0, F is 255, and E is 0, or 255 where the standard's table leaves it empty.

    >>> read("1.8.1&03"), read("F.F").obis, read("2.0", medium=6).obis
    (Written(obis=Obis('1-0:1.8.1*3'), manual_reset=True, given='CDEF'), Obis('0-0:97.97.0*255'), Obis('6-0:2.0.0*255'))
    """
    text = text.strip()
    if decimals := _DECIMALS.fullmatch(text):
        return _six_decimals(text, decimals.groups())
    if _HEX.fullmatch(text):
        return Written(Obis(bytes.fromhex(re.sub(r"[-:. ]", "", text))))
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise LocalError(f"not an OBIS code: {text!r} (write it as A-B:C.D.E*F, such as 1-0:1.8.0*255)")
    part = match.groupdict()
    part["F"] = part["F"] or part["F2"]
    given = "".join(g for g in GROUPS if part[g] is not None)
    value = {g: LETTERS[part[g].upper()] if part[g].isalpha() else int(part[g]) for g in given}
    value.setdefault("A", _medium(value["C"], medium))
    value.setdefault("B", 0)
    value.setdefault("E", unwritten_e(value["A"], value["C"], value["D"]))
    value.setdefault("F", _UNUSED)
    return Written(Obis(_octets(value[g] for g in GROUPS)), "&" in (part["mark"], part["mark2"]), given)


@lru_cache(maxsize=4096)
def _octets_of(text: str) -> bytes:
    """The octets of a written code: programs name the same few objects again and again."""
    return bytes(read(text).obis)


def _medium(c: int, medium: int | None) -> int:
    if c in (LETTERS["C"], LETTERS["F"]):
        return 0
    return _ELECTRICITY if medium is None else medium


def unwritten_e(a: int, c: int, d: int) -> int:
    """Value group E of a code that ends with D: not used for temperatures of allocators and heat test values.

    Source: EN 13757-1:2014, Tables 24 and 30.
    """
    unused = (a == 4 and 3 <= c <= 7) or (a in (5, 6) and 1 <= c <= 7 and d == 6)
    return _UNUSED if unused else 0


def _six_decimals(text: str, groups: tuple[str, ...]) -> Written:
    if all(len(g) == 2 for g in groups) and any(g[0] != "0" for g in groups):
        raise LocalError(f"{text!r} may be six decimal or six hexadecimal octets: write it as A-B:C.D.E*F")
    return Written(Obis(_octets(map(int, groups))))


def _octets(values: Iterable[int]) -> bytes:
    try:
        groups = list(values)
    except TypeError:
        raise LocalError(f"an OBIS code is a text or six octets, not {type(values).__name__}") from None
    if len(groups) != 6:
        raise LocalError(f"an OBIS code has six value groups, not {len(groups)}")
    for name, value in zip(GROUPS, groups, strict=True):
        if not isinstance(value, int):
            raise LocalError(f"value group {name} is a number from 0 to 255, not {value!r}")
        if not 0 <= value <= 255:
            raise LocalError(f"value group {name} is {value}, but it holds 0 to 255")
    return bytes(groups)
