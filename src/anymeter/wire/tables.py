"""The tables that come with the package: files in a folder ``tables`` beside the module that reads them."""

from __future__ import annotations

import csv
import os


def read(module: str, name: str) -> str:
    """The text of ``tables/<name>`` beside the module whose ``__file__`` is *module*.

    ``importlib.resources`` would do the same and takes longer to import than every table to read.
    """
    with open(os.path.join(os.path.dirname(module), "tables", name), encoding="utf-8", newline="") as file:
        return file.read()


def records(module: str, name: str) -> list[list[str]]:
    """The rows of a CSV table without its heading; lines that begin with ``#`` are comments."""
    return list(csv.reader(_lines(module, name)))[1:]


def rows(module: str, name: str) -> list[dict[str, str]]:
    """The rows of a CSV table by the names in its heading; lines that begin with ``#`` are comments."""
    return list(csv.DictReader(_lines(module, name)))


def _lines(module: str, name: str) -> list[str]:
    return [line for line in read(module, name).splitlines() if line and not line.startswith("#")]
