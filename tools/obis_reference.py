"""Writes the OBIS reference from the tables: ``python tools/obis_reference.py [docs/reference/obis.md]``."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from anymeter.bridge.mbus_obis import Mapped, mapped_rows
from anymeter.obis import Row, class_names, countries, rows
from anymeter.obis.table import cited

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "obis.md"
TOP = """# OBIS reference

Every row of the tables that anymeter names codes by, in the order of the standard. Made from
`anymeter/obis/tables` and `anymeter/bridge/tables`; don't edit this page.

In a code, `1..7` is a range and `0;2` a choice. A letter stands for any value of its group that the standard may
allocate, `x` for any value at all. `VZ` is the billing period counter, `F` any billing period. A row whose name begins
with a letter says what a value of that group means; the rest are objects, examples and rules. The tables of electricity
are those of IEC 62056-6-1, an extension of EN 13757-1. *Confidence* is how sure we are of a row.
"""
GROUP_KINDS = ("A", "B", "C", "D", "E", "F")
KIND_PREFIXES = {"example": "example: ", "combination": "allowed: ", "rule": "rule: ", "form": "form: "}


def page() -> str:
    """The whole page, as Markdown."""
    parts = [TOP]
    tables: dict[str, list[Row]] = {}
    for row in rows():
        tables.setdefault(cited(row.clause, row.table), []).append(row)
    for source, found in tables.items():
        parts += [f"## {source}", _rows(found)]
    parts += ["## Countries", "Value group D where C = 94 (Annex D, Table D.1).", _countries()]
    parts += ["## Interface classes", _table(("class_id", "name"), ((str(k), v) for k, v in class_names().items()))]
    parts += ["## M-Bus records to OBIS", MAPPING, _mapping()]
    return "\n\n".join(parts) + "\n"


MAPPING = """Codes of M-Bus data records by device type (`*`: any), VIF and VIFE (hexadecimal, without extension bits).
`x` is the medium of the device, `e` the tariff, `p` the billing period of the storage number. What a row *carries* goes
into value groups D, E and F by rules."""


def _rows(group: list[Row]) -> str:
    heading = ("code", "name", "unit or type", "classes", "confidence")
    return _table(heading, (_row(row) for row in group))


def _row(row: Row) -> tuple[str, ...]:
    head = f"{row.kind}: " if row.kind in GROUP_KINDS else KIND_PREFIXES.get(row.kind, "")
    remarks = "; ".join(filter(None, (row.edition and f"edition: {row.edition}", row.note)))
    name = f"{head}{row.name}{f' ({remarks})' if remarks else ''}"
    code = f"`{row.a}-{row.b}:{row.c}.{row.d}.{row.e}*{row.f}`"
    return code, name, row.unit, row.classes.replace(";", ", "), row.confidence


def _countries() -> str:
    return _table(("D", "country"), ((str(code), name) for code, name in countries().items()))


def _mapping() -> str:
    heading = ("devices", "function", "storage", "tariff", "VIF", "VIFE", "OBIS", "carries", "meaning", "confidence")
    return _table(heading, (_mapped(row) for row in mapped_rows()))


def _mapped(row: Mapped) -> tuple[str, ...]:
    places = (row.device_types, row.function, row.storage, row.tariff, row.vif, row.vife, f"`{row.obis}`")
    return *places, row.carries, row.meaning, row.confidence


def _table(heading: tuple[str, ...], body: Iterable[tuple[str, ...]]) -> str:
    lines = [heading, tuple("---" for _ in heading), *body]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    escaped = text.replace("|", r"\|")
    return escaped if text.startswith("`") else escaped.replace("*", r"\*").replace("_", r"\_").replace("<", "&lt;")


def main(arguments: list[str]) -> int:
    """Write the page, to where the arguments say."""
    target = Path(arguments[0]) if arguments else PAGE
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
