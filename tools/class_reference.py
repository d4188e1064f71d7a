"""Writes the reference of the interface classes from their declarations: ``python tools/class_reference.py [folder]``.

An index, a page for each family, and the lines of the navigation that lead there.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

import anymeter.cosem.classes
from anymeter.cosem.members import UNSET, Attribute, Method
from anymeter.cosem.model import InterfaceClass, registered
from anymeter.cosem.schema import ANY_TAG, ARRAY, COMPACT_ARRAY, STRUCTURE, UNSPECIFIED, Schema
from anymeter.cosem.values import BitString
from anymeter.obis import class_names

ROOT = Path(__file__).resolve().parents[1]
NAVIGATION = ROOT / "mkdocs.yml"
FOLDER = ROOT / "docs" / "reference"
HEADING = "      - Interface classes:\n"
INDEX = """# Interface classes

Every interface class and version that anymeter declares. Made from `anymeter/cosem/classes`; don't edit these pages.

Attribute *n* of an object has the short name base + 8(*n* − 1); where those of the methods begin stands beside them.
A *secret* attribute can be written and is never read. Of a class that is only *catalogued* no more than the name is
known; a client shows what the meter sends. From Python:

```python
>>> import anymeter.cosem.classes
>>> from anymeter.cosem.model import interface_class
>>> interface_class(23, 1).comm_speed.words[5]
'9600 Bd'
```
"""
TOP = """Made from `anymeter/cosem/classes/{module}.py`; don't edit this page. All classes: [index](../classes.md).
"""


def families() -> dict[str, list[type[InterfaceClass]]]:
    """The classes by the module that declares them, in the order of the lowest class id."""
    found: dict[str, list[type[InterfaceClass]]] = {}
    for cls in registered():
        found.setdefault(cls.__module__, []).append(cls)
    return {module.rpartition(".")[2]: classes for module, classes in found.items()}


def title(module: str) -> str:
    """What a family is called: how its module begins to say what it holds."""
    first = (import_module(f"{anymeter.cosem.classes.__name__}.{module}").__doc__ or module).splitlines()[0]
    return re.split(r"[:.](?:\s|$)", first)[0]


def pages() -> dict[str, str]:
    """Every page by its path below docs/reference."""
    made = {"classes.md": index()}
    for module, classes in families().items():
        made[f"classes/{module}.md"] = family(module, classes)
    return made


def index() -> str:
    """The page that lists every class."""
    names = class_names()
    lines: dict[int, list[type[InterfaceClass]]] = {}
    for cls in registered():
        lines.setdefault(cls.class_id, []).append(cls)
    rows = (
        (str(class_id), names[class_id], " ".join(map(_link, found)), found[-1].clause)
        for class_id, found in lines.items()
    )
    return f"{INDEX}\n{_table(('class_id', 'name', 'versions', 'source of the latest'), rows)}\n"


def _link(cls: type[InterfaceClass]) -> str:
    """A version that leads to where it is described."""
    anchor = re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", _heading(cls)).strip().lower())
    version = f"{cls.version} (catalogued)" if cls.catalogued else str(cls.version)
    return f"[{version}](classes/{cls.__module__.rpartition('.')[2]}.md#{anchor})"


def _heading(cls: type[InterfaceClass]) -> str:
    return f"{class_names()[cls.class_id]}, class {cls.class_id} version {cls.version}"


def family(module: str, classes: list[type[InterfaceClass]]) -> str:
    """The page of one family."""
    parts = [f"# {title(module)}", TOP.format(module=module).rstrip()]
    for cls in classes:
        parts += [f"## {_heading(cls)}", *_members(cls)]
    return "\n\n".join(parts) + "\n"


def _members(cls: type[InterfaceClass]) -> Iterable[str]:
    yield _prose(cls.__doc__ or "")
    yield f"`{cls.__name__}`. Source: {cls.clause}."
    if cls.catalogued:
        return
    heading = ("no.", "attribute", "type", "kind", "default", "meanings")
    yield _table(heading, (_attribute(found) for found in cls.attributes.values()))
    if cls.methods:
        heading = ("no.", "method", "parameters", "result", "short name", "what it does")
        yield _table(heading, (_method(found) for found in cls.methods.values()))


def _prose(text: str) -> str:
    """A docstring as Markdown."""
    lines = (line.strip() for line in text.strip().splitlines())
    return re.sub(r"``(.+?)``", r"`\1`", "\n".join(lines)).replace("<", "&lt;")


def _attribute(found: Attribute[Any]) -> tuple[str, ...]:
    kind = ", ".join(filter(None, ("dynamic" if found.dynamic else "static", "secret" if found.secret else "")))
    meanings = "; ".join(f"{number}: {words}" for number, words in found.words.items())
    return str(found.number), f"`{found.name.rstrip('_')}`", in_words(found.schema), kind, _default(found), meanings


def _method(found: Method[Any, Any]) -> tuple[str, ...]:
    result = "" if found.returns is None else in_words(found.returns)
    offset = "" if found.short_offset is None else f"base + {found.short_offset:02X}h"
    first = (found.__doc__ or "").strip().splitlines()
    return str(found.number), f"`{found.name}`", in_words(found.schema), result, offset, first[0] if first else ""


def in_words(schema: Schema[Any]) -> str:
    """A type as the standard writes it."""
    if schema.tag == ANY_TAG:
        return " or ".join(map(in_words, schema.parts)) or "CHOICE"
    if schema.tag in (ARRAY, COMPACT_ARRAY):
        return f"{schema.name} of {', '.join(map(in_words, schema.parts)) or 'CHOICE'}"
    if schema.tag == STRUCTURE:
        names = schema.fields or ("",) * len(schema.parts)
        fields = (
            f"{name}: {in_words(part)}" if name else in_words(part)
            for name, part in zip(names, schema.parts, strict=True)
        )
        return f"structure {{{', '.join(fields)}}}"
    of_its_own = schema.size is not None and str(schema.size) not in schema.name and "date" not in schema.name
    return f"{schema.name}({schema.size})" if of_its_own else schema.name


def _default(found: Attribute[Any]) -> str:
    if found.default is UNSET:
        return ""
    value = text_of(found.default)
    return f"{value} ({found.words[found.default]})" if found.words else value


def text_of(value: Any) -> str:
    """A value of an attribute, to be read."""
    if isinstance(value, bool) or value is None:
        return str(value).lower() if value is not None else "null-data"
    if value == UNSPECIFIED:
        return "not specified"
    if isinstance(value, bytes):
        return value.decode() if value.isascii() and value.decode().isprintable() else f"{value.hex(' ')}"
    if isinstance(value, BitString):
        return "".join("01"[bit] for bit in value)
    if isinstance(value, list | tuple):
        return ", ".join(map(text_of, value)) or "empty"
    return str(value)


def _table(heading: tuple[str, ...], body: Iterable[tuple[str, ...]]) -> str:
    lines = [heading, tuple("---" for _ in heading), *body]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    escaped = text.replace("|", r"\|")
    plain = escaped.startswith(("`", "["))
    return escaped if plain else escaped.replace("*", r"\*").replace("_", r"\_").replace("<", "&lt;")


def navigation(text: str) -> str:
    """The text of mkdocs.yml with the lines that lead to the pages."""
    lines = "".join(f"          - {title(m)}: reference/classes/{m}.md\n" for m in sorted(families(), key=title))
    before, _, after = text.partition(HEADING)
    rest = re.sub(r"\A(?: {10}- .*\n)+", "", after)
    return f"{before}{HEADING}          - reference/classes.md\n{lines}{rest}"


def main(arguments: list[str]) -> int:
    """Write the pages, to where the arguments say; the navigation too when they say nothing."""
    folder = Path(arguments[0]) if arguments else FOLDER
    (folder / "classes").mkdir(parents=True, exist_ok=True)
    made = pages()
    for stale in (folder / "classes").glob("*.md"):
        if f"classes/{stale.name}" not in made:
            stale.unlink()
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8")
    if not arguments:
        NAVIGATION.write_text(navigation(NAVIGATION.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
