"""Reading the tables of this package: CSV with comment lines, codes in hex, ranges as ``first-last``."""

from __future__ import annotations

from anymeter.wire import tables


def rows(name: str) -> list[dict[str, str]]:
    """The rows of ``tables/<name>.csv``, comment lines left out."""
    return tables.rows(__file__, f"{name}.csv")


def codes(text: str, base: int = 16) -> range:
    """The codes of one cell.

    >>> list(codes("1D-1F")), list(codes("72"))
    ([29, 30, 31], [114])
    """
    first, _, last = text.partition("-")
    return range(int(first, base), int(last or first, base) + 1)
