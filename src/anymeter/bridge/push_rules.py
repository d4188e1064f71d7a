"""What push lists leave unsaid, as data: ``tables/push_layouts.toml`` read once into rules."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import msgspec

from anymeter.errors import LocalError
from anymeter.obis import Obis
from anymeter.wire import tables

KINDS: Final = ("text", "number", "u32", "time")


class Column(msgspec.Struct, frozen=True):
    """One element of a positional list, or one object of a fixed one; *kind* is one of :data:`KINDS`."""

    obis: Obis
    kind: str = "number"
    unit: str = ""
    exponent: int = 0


class Positional(msgspec.Struct, frozen=True):
    """A list without codes; *version* is the text in its first column, None where it has none."""

    name: str
    source: str
    columns: tuple[Column, ...]
    version: str | None = None


class Fixed(msgspec.Struct, frozen=True):
    """A list with codes whose units and exponents are agreed; *where* is what texts of objects begin with."""

    name: str
    source: str
    version: str
    objects: Mapping[Obis, Column]
    where: Mapping[Obis, str] = {}


class Last(msgspec.Struct, frozen=True):
    """A list of date-time and scaled objects whose last element, a text without code, is *obis*."""

    name: str
    source: str
    obis: Obis


class Rules(msgspec.Struct, frozen=True):
    """Everything :func:`push_readings` knows beyond what a list says itself."""

    text: frozenset[tuple[int, ...]] = frozenset()
    meter: tuple[Obis, ...] = ()
    versions: Mapping[str, Obis] = {}
    positional: tuple[Positional, ...] = ()
    fixed: tuple[Fixed, ...] = ()
    last: tuple[Last, ...] = ()

    def is_text(self, obis: Obis) -> bool:
        """Whether octet-strings of this object are text where they are printable."""
        return (obis.c,) in self.text or (obis.c, obis.d) in self.text


@cache
def standard_rules() -> Rules:
    """The rules that come with the package."""
    return parse_rules(tables.read(__file__, "push_layouts.toml"))


def parse_rules(text: str) -> Rules:
    """Rules out of TOML as ``tables/push_layouts.toml`` explains it; raises LocalError for anything it does not."""
    import tomllib  # noqa: PLC0415 (reading a readout or an M-Bus telegram needs no TOML)

    try:
        raw = tomllib.loads(text)
        return Rules(
            text=frozenset(tuple(int(group) for group in entry.split(".")) for entry in raw.get("text", ())),
            meter=tuple(Obis(code) for code in raw.get("meter", ())),
            versions={text: Obis(code) for text, code in raw.get("versions", {}).items()},
            positional=tuple(_positional(entry) for entry in raw.get("positional", ())),
            fixed=tuple(_fixed(entry) for entry in raw.get("fixed", ())),
            last=tuple(Last(entry["name"], entry["source"], Obis(entry["obis"])) for entry in raw.get("last", ())),
        )
    except (tomllib.TOMLDecodeError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise LocalError(f"push rules: {error!r}") from None


def _positional(entry: dict[str, Any]) -> Positional:
    columns = tuple(_column(*text.split()) for text in entry["columns"])
    return Positional(entry["name"], entry["source"], columns, entry.get("version"))


def _fixed(entry: dict[str, Any]) -> Fixed:
    columns = [_object(*text.split()) for text in entry["objects"]]
    where = {Obis(code): text for code, text in entry.get("where", {}).items()}
    return Fixed(entry["name"], entry["source"], entry["version"], {c.obis: c for c in columns}, where)


def _column(code: str, kind: str, unit: str = "", exponent: str = "0") -> Column:
    if kind not in KINDS:
        raise LocalError(f"push rules: {code} is none of {', '.join(KINDS)}: {kind}")
    return Column(Obis(code), kind, unit, int(exponent))


def _object(code: str, unit: str, exponent: str) -> Column:
    return Column(Obis(code), "number", unit, int(exponent))
