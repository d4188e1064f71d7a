"""``anymeter obis``: what a code means; which code means that."""

from __future__ import annotations

import re
import sys
from typing import Any, Final, TextIO

import msgspec

from anymeter.cli import status
from anymeter.cli.screen import Screen
from anymeter.decoding.form import error_form, to_json
from anymeter.errors import LocalError
from anymeter.obis import Description, Written, class_names, describe, read
from anymeter.obis.search import medium_named, search

SCHEMA: Final = "anymeter.obis/1"
_SHOWN: Final = 20
_CODE: Final = re.compile(r"(?=.*[.:])[\dCFLPcflp]{1,3}(?:[-:.*&][\da-fA-FCFLPclp]{1,3})+|[\da-fA-F]{12}", re.ASCII)
_OCTET: Final = re.compile(r"[\da-fA-F]{2}", re.ASCII)
_EDITIONS: Final = {"later": "later than the edition of 2014", "uncertain": "perhaps later than the edition of 2014"}


class Result(msgspec.Struct, frozen=True):
    """A code as it was asked for, and what it means; *assumed* where nobody said that the medium is electricity."""

    written: Written
    meaning: Description
    assumed: bool = False


def run(words: tuple[str, ...], as_json: bool, out: TextIO) -> int:
    """Explain the codes, or find the codes that *words* mean; returns the exit status.

    A word that names a medium goes with a code that leaves it out: ``gas 3.0.0``. Raises :class:`LocalError` for a
    code that cannot be read; with *as_json* that is a line of its own.
    """
    codes, others = _codes(words)
    if not codes:
        return _find(words, as_json, out)
    medium = medium_named(others) if others else None
    if others and medium is None:
        return _refuse(LocalError("ask for codes or for words, not for both"), " ".join(words), as_json, out)
    done = failed = 0
    for code in codes:
        try:
            written = read(code, medium)
        except LocalError as error:
            return _refuse(error, code, as_json, out)
        assumed = medium is None and "A" not in written.given and written.obis.a != 0
        result = Result(written, describe(written.obis), assumed)
        if result.meaning.known:
            done += 1
            _print_json([result], out) if as_json else _print_code(result, out)
        else:
            failed += 1
            _say(_unknown(result.meaning), code, as_json, out)
    return status.of(done, failed)


def _codes(words: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """The words that are codes, and the others; six hexadecimal octets apart are one code."""
    if len(words) == 6 and all(_OCTET.fullmatch(w) for w in words):
        return [" ".join(words)], []
    codes = [w for w in words if _CODE.fullmatch(w)]
    return codes, [w for w in words if w not in codes]


def _find(words: tuple[str, ...], as_json: bool, out: TextIO) -> int:
    found = search(words)
    if not found:
        asked = " ".join(words)
        _say(
            f"no code means {asked!r}: leave words out, or name a medium first, as in heat energy", asked, as_json, out
        )
        return status.FAILED
    if as_json:
        _print_json((Result(Written(m.obis), describe(m.obis)) for m in found), out)
    else:
        _print_list([describe(m.obis) for m in found[:_SHOWN]], len(found) - _SHOWN, out)
    return status.DONE


def _unknown(meaning: Description) -> str:
    for group in meaning.groups:
        if group.meaning in ("reserved", "not defined"):
            why = f"value {group.value} of group {group.letter} is {group.meaning}"
            break
    else:
        why = "no table has these values together"
    return f"{meaning.obis} means nothing in the standard: {why} (words find codes, as in: anymeter obis gas volume)"


def _refuse(error: LocalError, given: str, as_json: bool, out: TextIO) -> int:
    """A line of JSON for what cannot be asked; raised where people read."""
    if not as_json:
        raise error
    _say(str(error), given, as_json, out)
    return status.WRONG_USAGE


def _say(why: str, given: str, as_json: bool, out: TextIO) -> None:
    """One sentence, on standard error; with *as_json* one line of JSON on *out*."""
    if not as_json:
        print(f"anymeter: {why}", file=sys.stderr)  # noqa: T201
        return
    form = error_form(LocalError(why), given) | {"what": "OBIS code"}
    out.write(to_json(form) + "\n")


def as_dict(result: Result) -> dict[str, Any]:
    """One line of ``--json``, the keys in their order."""
    meaning = result.meaning
    names = class_names()
    return {
        "schema": SCHEMA,
        "obis": str(meaning.obis),
        "name": meaning.name,
        "short": meaning.short,
        "kind": meaning.kind,
        "unit": meaning.unit or None,
        "classes": [{"class_id": c, "name": names[c]} for c in meaning.classes],
        "groups": [
            {
                "group": g.letter,
                "value": g.value,
                "meaning": g.meaning,
                "source": g.source or None,
                "confidence": g.confidence or None,
            }
            for g in meaning.groups
        ],
        "manual_reset": result.written.manual_reset,
        "source": meaning.source,
        "confidence": meaning.confidence,
        "edition": meaning.edition or "2014",
        "note": meaning.note or None,
    }


def _print_json(results: Any, out: TextIO) -> None:
    for result in results:
        out.write(to_json(as_dict(result)) + "\n")


def _print_code(result: Result, out: TextIO) -> None:
    screen, meaning = Screen(out), result.meaning
    screen.line((str(meaning.obis), "bold"), ("  ", ""), (meaning.name, ""))
    rows = [
        [f"  {g.letter}", str(g.value), g.meaning, f"{g.source} ({g.confidence})" if g.source else ""]
        for g in meaning.groups
    ]
    screen.table(("", "", "", ""), rows, right=(1,), dim=(3,), flexible=2)
    for head, text in _facts(result):
        screen.line((f"  {head:<11}", "dim"), (text, ""))


def _facts(result: Result) -> list[tuple[str, str]]:
    """What there is to tell besides the value groups, a line each."""
    meaning, names = result.meaning, class_names()
    facts = [
        ("short name", meaning.short),
        ("unit", meaning.unit),
        ("classes", ", ".join(f"{names[c]} ({c})" for c in meaning.classes)),
        ("source", f"{meaning.source}, confidence {meaning.confidence}"),
        ("edition", _EDITIONS.get(meaning.edition, "")),
        ("reset", "the billing period was closed by hand (&)" if result.written.manual_reset else ""),
        ("note", meaning.note),
    ]
    if result.assumed:
        facts.append(("medium", "taken as electricity: name another before the code, as in: anymeter obis gas 3.0.0"))
    return [(head, text) for head, text in facts if text]


def _print_list(meanings: list[Description], more: int, out: TextIO) -> None:
    screen = Screen(out)
    rows = [[str(m.obis), f"{m.groups[0].meaning}: {m.short or m.name}", m.unit, m.source] for m in meanings]
    screen.table(("OBIS", "name", "unit", "source"), rows, dim=(3,), flexible=1)
    if more > 0:
        screen.line((f"and {more} more: add words, or ask with --json for all", "dim"))
