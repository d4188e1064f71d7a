"""The value information block: what a number is, in what unit, at what power of ten.

Source: EN 13757-3, "Value information block (VIB)": VIF and up to ten VIFE. The tables are data (``tables/*.csv``),
read once into 128 slots each; a lookup is an index.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final

import msgspec

from anymeter.errors import DecodeError
from anymeter.mbus.tabled import rows

VIFE_MAX: Final = 10
PLAIN_TEXT: Final = 0x7C
MANUFACTURER: Final = 0x7F
SECOND_EXTENSION: Final = 0xFD
FIRST_EXTENSION: Final = 0xFB
THIRD_EXTENSION: Final = 0xEF
_PRIMARY: Final = "vif"
_PREFIXES: Final = ("date-time-of-", "exceeds-of-", "duration-of-")
_CLAUSES: Final = {
    "vif": "EN 13757-3, primary VIF",
    "vif_fd": "EN 13757-3, extension table FD",
    "vif_fd7d": "EN 13757-3, second-level extension table FD FD",
    "vif_fb": "EN 13757-3, extension table FB",
    "vife": "EN 13757-3, combinable VIFE",
    "vife_fc": "EN 13757-3, combinable VIFE extension table FC",
}


class Vif(msgspec.Struct, frozen=True):
    """One code of a VIF table: value = number * *factor* * 10^*exponent* in *unit*; *type* as in the table's file."""

    quantity: str
    unit: str = ""
    exponent: int = 0
    factor: int = 1
    type: str = "B"
    confidence: str = "H"


class Vife(msgspec.Struct, frozen=True):
    """One combinable VIFE: *effect* on the value, its *argument*, and the *modifier* in words."""

    effect: str
    argument: str = ""
    modifier: str = ""
    action: str = ""
    confidence: str = "H"


class ValueInformation(msgspec.Struct, frozen=True):
    """What a VIB says: value = (number * *mul* + *add*) * 10^*exponent* in *unit*.

    *type* is that of the table row, or what a VIFE made of it (``date``, ``count``); *status* is a record error;
    *profile* is ``""``, ``"registers"``, ``"values"`` or ``"inverse"``; *maker* says that only the maker knows what
    the value means; *text* is the unit of a plain-text VIF.
    """

    quantity: str
    unit: str = ""
    exponent: int = 0
    mul: int = 1
    add: int = 0
    type: str = "B"
    modifiers: tuple[str, ...] = ()
    status: str | None = None
    profile: str = ""
    maker: bool = False
    clause: str = ""


class Step(msgspec.Struct, frozen=True):
    """One or more octets of a VIB and what they say: what `explain` prints."""

    octets: bytes
    name: str
    meaning: str
    clause: str


@cache
def table(name: str) -> tuple[Vif | None, ...]:
    """The 128 codes of ``vif``, ``vif_fd``, ``vif_fd7d`` or ``vif_fb``; ``None`` where the standard reserves one."""
    out: list[Vif | None] = [None] * 128
    for row in rows(name):
        code, mask, exponent = int(row["code"], 0), int(row["mask"], 0), int(row["exponent"])
        for n in range((~mask & 0x7F) + 1):
            if out[code + n] is not None:
                raise ValueError(f"{name}.csv: {code + n:#04x} is given twice")
            out[code + n] = Vif(
                row["quantity"], row["unit"], exponent + n, int(row["factor"]), row["type"], row["confidence"]
            )
    return tuple(out)


@cache
def combinable(name: str) -> tuple[Vife | None, ...]:
    """The 128 codes of ``vife`` or ``vife_fc``; ``None`` where the standard reserves one."""
    out: list[Vife | None] = [None] * 128
    for row in rows(name):
        code = int(row["code"], 0)
        if out[code] is not None:
            raise ValueError(f"{name}.csv: {code:#04x} is given twice")
        out[code] = Vife(row["effect"], row["argument"], row["modifier"], row["action"], row["confidence"])
    return tuple(out)


def end(octets: bytes, at: int) -> int:
    """Where the VIB that begins *at* ends; :class:`DecodeError` where octets are missing or VIFE are too many.

    The text of a plain-text VIF stands directly after it, or else behind the VIFE: see :func:`_text_first`.
    """
    if at >= len(octets):
        raise DecodeError("the telegram ends before the VIF", what="VIF", at=at)
    more = octets[at] & 0x80
    if octets[at] & 0x7F != PLAIN_TEXT:
        return _vife_end(octets, at + 1) if more else at + 1
    if not more or _text_first(octets, at + 1):
        i = _text_end(octets, at + 1)
        return _vife_end(octets, i) if more else i
    return _text_end(octets, _vife_end(octets, at + 1))


def _vife_end(octets: bytes, at: int) -> int:
    """Where the VIFE that begin *at* end."""
    for i in range(at, at + VIFE_MAX):
        if i >= len(octets):
            raise DecodeError("the telegram ends before the VIFE that was announced", what="VIFE", at=i)
        if not octets[i] & 0x80:
            return i + 1
    raise DecodeError(f"more than {VIFE_MAX} VIFE", what="VIFE", at=at + VIFE_MAX)


def _text_end(octets: bytes, at: int) -> int:
    """Where the text of a plain-text VIF ends, whose length stands *at*."""
    if at >= len(octets) or at + 1 + octets[at] > len(octets):
        raise DecodeError("the text of the plain-text VIF runs past the end", what="VIF", at=at)
    return at + 1 + octets[at]


def _text_first(octets: bytes, at: int) -> bool:
    """Whether length and printable text stand *at*, directly after a plain-text VIF that announces VIFE.

    Meters send them there; some put them behind the VIFE, where the text of the standard can be read to want them.
    """
    text = octets[at + 1 : at + 1 + octets[at]] if at < len(octets) else b""
    return at < len(octets) and len(text) == octets[at] and text.decode("latin-1").isprintable()


def parse(octets: bytes) -> ValueInformation:
    """What the VIB of exactly these octets says.

    >>> parse(bytes.fromhex("13")).unit, parse(bytes.fromhex("13")).exponent
    ('m3', -3)
    >>> parse(bytes.fromhex("FB82F53C")).exponent, parse(bytes.fromhex("FB82F53C")).modifiers
    (2, ('backward',))
    """
    row, vife, clause, text = _head(octets)
    if row is None:
        row = Vif("unknown")
    out = ValueInformation(
        row.quantity, text if text is not None else row.unit, row.exponent, row.factor, 0, row.type, clause=clause
    )
    if row.quantity == "manufacturer-specific":
        rest = (vife.hex().upper(),) if vife else ()
        return msgspec.structs.replace(out, maker=True, modifiers=rest)
    return _combined(out, vife)


def steps(octets: bytes) -> list[Step]:
    """The octets of a VIB one by one, with what each says."""
    row, vife, clause, text = _head(octets)
    behind = text is not None and octets[0] & 0x80 != 0 and not _text_first(octets, 1)
    head = octets[:1] if behind else octets[: len(octets) - len(vife)]
    meaning = row.quantity if row else "reserved"
    if text is not None:
        meaning = f"plain text {text!r}"
    elif row and row.unit:
        meaning += (
            f", 10^{row.exponent} {row.unit}" if row.factor == 1 else f", {row.factor}*10^{row.exponent} {row.unit}"
        )
    out = [Step(head, "VIF", meaning, clause)]
    if row is not None and row.quantity == "manufacturer-specific":
        return out + ([Step(vife, "VIFE", "the maker's own", "")] if vife else [])
    while vife:
        size, found, clause = _next(vife)
        meaning = "reserved" if found is None else found.modifier or " ".join((found.effect, found.argument)).strip()
        out.append(Step(vife[:size], "VIFE", meaning, clause))
        vife = vife[size:]
    if behind:
        written = octets[_vife_end(octets, 1) :]
        out.append(Step(written, "text", f"plain text {text!r}", clause))
    return out


def _head(octets: bytes) -> tuple[Vif | None, bytes, str, str | None]:
    """The row of the VIF with its extensions, the VIFE that follow, the clause, and a plain text."""
    vif = octets[0]
    if vif in (FIRST_EXTENSION, SECOND_EXTENSION):
        name, at = ("vif_fb" if vif == FIRST_EXTENSION else "vif_fd"), 1
        if vif == SECOND_EXTENSION and octets[1] == SECOND_EXTENSION:
            name, at = "vif_fd7d", 2
        return table(name)[octets[at] & 0x7F], octets[at + 1 :], _CLAUSES[name], None
    if vif == THIRD_EXTENSION:
        return None, octets[2:], "", None
    row = table(_PRIMARY)[vif & 0x7F]
    if vif & 0x7F == PLAIN_TEXT:
        at = 1 if vif == PLAIN_TEXT or _text_first(octets, 1) else _vife_end(octets, 1)
        stop = at + 1 + octets[at]
        vife = octets[stop:] if at == 1 else octets[1:at]
        return row, vife, _CLAUSES[_PRIMARY], octets[at + 1 : stop][::-1].decode("latin-1")
    return row, octets[1:], _CLAUSES[_PRIMARY], None


def _next(vife: bytes) -> tuple[int, Vife | None, str]:
    """How many octets the next combinable VIFE takes, what it is, and its clause."""
    code = vife[0] & 0x7F
    if code == MANUFACTURER:
        return len(vife), Vife("maker", "", f"manufacturer-specific {vife.hex().upper()}"), _CLAUSES["vife"]
    if vife[0] == 0xFC:
        return 2, combinable("vife_fc")[vife[1] & 0x7F], _CLAUSES["vife_fc"]
    return 1, combinable("vife")[code], _CLAUSES["vife"]


def _combined(out: ValueInformation, vife: bytes) -> ValueInformation:
    """The value information after all combinable VIFE have had their effect, in the order in which they stand."""
    modifiers: list[str] = []
    while vife:
        size, found, _ = _next(vife)
        if found is None:
            modifiers.append(_reserved(vife[:size]))
        else:
            out = _effect(out, found)
            if found.modifier:
                modifiers.append(found.modifier)
        vife = vife[size:]
    return msgspec.structs.replace(out, modifiers=tuple(modifiers)) if modifiers else out


@lru_cache(maxsize=256)
def _reserved(octets: bytes) -> str:
    return f"reserved VIFE {octets.hex().upper()}"


def _derived(prefix: str, quantity: str) -> str:
    """The name of what a VIFE makes of a quantity; of several such VIFE the first gives the name."""
    return quantity if quantity.startswith(_PREFIXES) else f"{prefix}-{quantity}"


def _effect(out: ValueInformation, vife: Vife) -> ValueInformation:
    change = msgspec.structs.replace
    plain = {"unit": "", "exponent": 0, "mul": 1, "add": 0}
    match vife.effect:
        case "error":
            return change(out, status=vife.argument or out.status)
        case "profile":
            return change(out, profile=vife.argument)
        case "multiply":
            return change(out, exponent=out.exponent + int(vife.argument))
        case "add":
            return _offset(out, int(vife.argument))
        case "moment":
            quantity = out.quantity if out.type == "date" else _derived("date-time-of", out.quantity)
            return change(out, quantity=quantity, type="date", **plain)
        case "count":
            return change(out, quantity=_derived("exceeds-of", out.quantity), type="C", **plain)
        case "duration":
            seconds = {**plain, "unit": "s", "mul": int(vife.argument)}
            return change(out, quantity=_derived("duration-of", out.quantity), type="C", **seconds)
        case "type":
            return change(out, type=vife.argument)
        case "maker":
            return change(out, maker=True)
        case _:
            return out


def _offset(out: ValueInformation, power: int) -> ValueInformation:
    """10^*power* added to the value, kept exact by going to the smaller exponent of the two."""
    low = min(out.exponent, power)
    grown = 10 ** (out.exponent - low)
    return msgspec.structs.replace(out, exponent=low, mul=out.mul * grown, add=out.add * grown + 10 ** (power - low))
