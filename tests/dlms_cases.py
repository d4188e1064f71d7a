"""The DLMS vectors of this project, and how a decoded APDU is compared with what one says."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import pytest

from anymeter.dlms import apdu
from anymeter.obis import Obis

FOLDER = Path(__file__).parent / "vectors"
FILES = ("dlms_acse.toml", "dlms_services.toml")


@cache
def tables(kind):
    """Every entry of one kind (vector, quirk, error), each with its source."""
    found = []
    for name in FILES:
        found += tomllib.loads((FOLDER / name).read_text(encoding="utf-8")).get(kind, [])
    assert all(v["source"] for v in found)
    return found


def params(kind):
    return [pytest.param(v, id=v["name"]) for v in tables(kind)]


def octets(vector):
    return bytes.fromhex(vector["hex"])


def of_class(*names):
    """The vectors of those APDU classes, as parameters."""
    found = [pytest.param(v, id=v["name"]) for v in tables("vector") if v["apdu"] in names]
    assert {v.values[0]["apdu"] for v in found} == set(names)
    return found


def at_path(value, path):
    """An attribute of an attribute, or an item: ``attributes.0.class_id``."""
    for part in path.split("."):
        value = value[int(part)] if part.isdigit() else getattr(value, part)
    return value


def told(value):
    """A value as a vector file writes it."""
    if value is None:
        return "absent"
    if isinstance(value, Obis):
        return str(value)
    return "hex:" + value.hex().upper() if isinstance(value, bytes) else value


def check(vector):
    """Decode, compare every field that is named, and encode to the same octets."""
    decoded = apdu.decode(octets(vector))
    assert type(decoded).__name__ == vector["apdu"]
    for path, expected in vector["expect"].items():
        assert told(at_path(decoded, path)) == expected, path
    assert decoded.encode() == octets(vector)
    return decoded


def names_of(rows):
    """The names of rows of explain."""
    return [row.name for row in rows]


def check_tiles(rows, message):
    """The rows cover the message without a gap, and each stands where it says."""
    seen = set()
    for row in rows:
        assert message[row.at : row.at + len(row.octets)] == row.octets or row.name == "plaintext"
        seen.update(range(row.at, row.at + len(row.octets)))
    assert seen == set(range(len(message)))
