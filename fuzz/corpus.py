"""Seeds: the messages of our own vectors, one file each, named by their contents."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

VECTORS = Path(__file__).resolve().parent.parent / "tests" / "vectors"
HEX = re.compile(r"(?:[0-9A-Fa-f]{2}\s*){2,}")


def strings(value: object) -> Iterator[str]:
    """Every string in a TOML document, however deep."""
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from strings(inner)
        case list():
            for inner in value:
                yield from strings(inner)


def octets(text: str) -> bytes | None:
    """The octets of a string of a vector: hex, or a text telegram; None for words."""
    if HEX.fullmatch(text.strip()):
        return bytes.fromhex("".join(text.split()))
    if text.lstrip().startswith("/") or ("(" in text and ")" in text and "!" in text):
        return text.encode()
    return None


def own_vectors(folder: Path = VECTORS) -> list[bytes]:
    """The messages of every vector file, each once, in order."""
    found = (
        octets(text)
        for path in sorted(folder.rglob("*.toml"))
        for text in strings(tomllib.loads(path.read_text(encoding="utf-8")))
    )
    return list(dict.fromkeys(message for message in found if message))


def write(folder: Path) -> int:
    """Write the seeds into *folder*; says how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    messages = own_vectors()
    for message in messages:
        (folder / hashlib.sha1(message, usedforsecurity=False).hexdigest()).write_bytes(message)
    return len(messages)
