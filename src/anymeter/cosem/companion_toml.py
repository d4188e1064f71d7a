"""The text of a companion profile: TOML, checked key by key, with what it includes.

Errors name the file, the table and the key: ``water.toml, object 3 (8-0:1.0.0*255), unit: no unit is written 'm4'``.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from anymeter.errors import LocalError

FOLDER: Final = os.path.join(os.path.dirname(__file__), "companions")
"""Where the profiles are that come with the package."""
SCHEMA: Final = "anymeter.companion/1"
_MOST_INCLUDES: Final = 16
_NAME: Final = re.compile(r"[\w-]+", re.ASCII)
_PATH: Final = re.compile(r" - at `(?:key in )?\$\.?(?P<path>[^`]*)`$")
_INDEX: Final = re.compile(r"(?P<table>\w+)\[(?P<index>\d+|\.\.\.)\]\.?(?P<key>.*)")


class ObjectTable(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One ``[[object]]``. What is left out keeps the default of its interface class."""

    name: str
    class_id: int = msgspec.field(name="class")
    version: int = 0
    title: str = ""
    device: int | str = 1
    access: str | dict[str, str] = {}
    type: str = ""
    value: Any = msgspec.UNSET
    scaler: int = 0
    unit: str | None = None
    values: dict[str, Any] = {}
    types: dict[str, str] = {}
    capture: list[str] | None = None
    push: list[str] | None = None
    period: int | str | None = None
    entries: int | None = None
    base_name: int | None = None
    optional: bool = False


class AssociationTable(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One ``[[association]]``."""

    name: str
    client: int
    role: str = ""
    device: list[int] | None = None
    context: str = "logical-names"
    mechanism: str = "lowest"
    secret: str = ""
    conformance: list[str] | None = None
    max_receive_pdu: int = 1024
    max_send_pdu: int = 1024
    pre_established: bool = False
    object: str = ""
    version: int = 1
    access: str = ""
    users: list[tuple[int, str]] = []


class DeviceTable(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One ``[[device]]``: a logical device, its SAP and the pattern of its name."""

    sap: int
    name: str = "{manufacturer}{number:013}"
    title: str = ""


class HdlcTable(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """``[link.hdlc]``: what the server's end negotiates. Octets, frames, seconds."""

    max_info_transmit: int = 128
    max_info_receive: int = 128
    window_transmit: int = 1
    window_receive: int = 1
    inactivity_timeout: float = 120.0
    physical: int = 17


class WrapperTable(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """``[link.wrapper]``: TCP and UDP."""

    port: int = 4059
    inactivity_timeout: float = 180.0


class LinkTable(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """``[link]``: the parameters of the layers below."""

    hdlc: HdlcTable = HdlcTable()
    wrapper: WrapperTable = WrapperTable()


class IdentityTable(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """``[identity]``: the maker's three letters, and the number of the meter that is built when none is given."""

    manufacturer: str = "AMT"
    number: int = 1


class Text(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A whole profile as it is written."""

    schema: str = SCHEMA
    name: str
    title: str = ""
    medium: str = ""
    include: list[str] = []
    identity: IdentityTable = IdentityTable()
    link: LinkTable = LinkTable()
    access: dict[str, dict[str, str]] = {}
    device: list[DeviceTable] = msgspec.field(default_factory=lambda: [DeviceTable(sap=1)])
    association: list[AssociationTable] = []
    object: list[ObjectTable] = []
    source: str = ""


def shipped() -> list[str]:
    """The names of the profiles that come with the package.

    >>> "gas" in shipped(), "common" in shipped()
    (True, False)
    """
    names = (name.removesuffix(".toml") for name in os.listdir(FOLDER) if name.endswith(".toml"))
    return sorted(name for name in names if name != "common")


def load(name_or_path: str, folder: str = os.curdir) -> Text:
    """The profile of this name that comes with the package, or in the file at this path from *folder* on.

    Raises :class:`LocalError` when there is none, or it is not one.
    """
    path = _path(name_or_path, folder)
    return parse(_text(path, name_or_path), os.path.basename(path), os.path.dirname(path))


def parse(text: str, where: str = "companion profile", folder: str = os.curdir) -> Text:
    """The profile that *text* writes; *where* is what errors call it, *folder* where the files are that it includes."""
    tables = _tables(text, where, folder, 0)
    try:
        found = msgspec.convert(tables, Text)
    except msgspec.ValidationError as error:
        raise LocalError(f"{where}{_located(str(error), tables)}") from None
    if found.schema != SCHEMA:
        raise LocalError(f"{where}, schema: this is {SCHEMA!r}, not {found.schema!r}")
    return msgspec.structs.replace(found, source=where)


def _path(name: str, folder: str) -> str:
    """The path of a profile by its name, or of a file, from *folder* on."""
    if _NAME.fullmatch(name):
        return os.path.join(FOLDER, f"{name}.toml")
    return os.path.join(folder, name)


def _text(path: str, name: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        known = ", ".join(shipped())
        raise LocalError(f"no companion profile {name!r} ({error}); those that come along are {known}") from None


def _tables(text: str, where: str, folder: str, depth: int) -> dict[str, Any]:
    """The tables of *text* laid over those that it includes."""
    try:
        own = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LocalError(f"{where}: {error}") from None
    includes = own.get("include", [])
    if not isinstance(includes, list) or not all(isinstance(name, str) for name in includes):
        raise LocalError(f"{where}, include: a list of names")
    if depth > _MOST_INCLUDES:
        raise LocalError(f"{where}, include: profiles include each other")
    tables: dict[str, Any] = {}
    for name in includes:
        path = _path(name, folder)
        inner = _tables(_text(path, name), os.path.basename(path), os.path.dirname(path), depth + 1)
        tables = _over(tables, inner)
    return _over(tables, own)


_KEYS: Final[dict[str, Callable[[Mapping[str, Any]], Any]]] = {
    "device": lambda row: row.get("sap"),
    "association": lambda row: row.get("name"),
    "object": lambda row: (row.get("device", 1), row.get("name")),
}
"""What tells the rows of a list of tables apart: a later row of the same key changes the earlier one."""


def _over(below: dict[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """*above* laid over *below*: tables by key, lists of tables row by row, the rest replaced."""
    out = dict(below)
    for key, value in above.items():
        old = out.get(key)
        if key in _KEYS and isinstance(old, list) and isinstance(value, list):
            out[key] = _rows_over(old, value, _KEYS[key])
        elif isinstance(old, dict) and isinstance(value, dict):
            out[key] = _over(old, value)
        else:
            out[key] = value
    return out


def _rows_over(below: list[Any], above: list[Any], key: Callable[[Mapping[str, Any]], Any]) -> list[Any]:
    rows = {key(row): row for row in below if isinstance(row, dict)}
    for row in above:
        known = key(row) if isinstance(row, dict) else None
        rows[known] = {**rows[known], **row} if known in rows and isinstance(row, dict) else row
    return list(rows.values())


def _located(error: str, tables: Mapping[str, Any]) -> str:
    """An error of the checker, with the table and key it is about in front, in words."""
    match = _PATH.search(error)
    if match is None:
        return f": {error}"
    path, why = match["path"], error[: match.start()]
    index = _INDEX.fullmatch(path)
    if index is None or index["index"] == "...":
        return f", {path}: {why}" if path else f": {why}"
    row = tables[index["table"]][int(index["index"])]
    name = row.get("name", "") if isinstance(row, dict) else ""
    known = f" ({name})" if name else ""
    return f", {index['table']} {int(index['index']) + 1}{known}{', ' if index['key'] else ''}{index['key']}: {why}"
