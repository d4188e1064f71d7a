"""Access rights as a companion profile writes them, in one line.

``r`` every attribute may be read, ``rw`` and written, ``x`` every method invoked, ``rwx`` all of it, ``-`` nothing. A
target before the mode narrows it: an attribute by name or number, a method with ``()``; ``*`` and ``*()`` are all of
them, but a manufacturer's own (numbers below 0), which have to be named. Items are divided by commas, later ones win.
After a colon stands the protection that is demanded: ``a`` authenticated, ``e`` encrypted, ``s`` signed request, after
a slash the same of the response. Selectors of a selective access follow in brackets; without them an attribute allows
all that its class has.

    "r, time rw:ae, shift_time() x:ae/ae, buffer r[1 2]"
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from anymeter.cosem import access
from anymeter.cosem.access import Rights
from anymeter.cosem.model import InterfaceClass
from anymeter.errors import LocalError

SELECTORS: Final[dict[tuple[int, int], tuple[int, ...]]] = {(7, 2): (1, 2), (12, 2): (1, 2, 3), (15, 2): (1, 2, 3, 4)}
"""The selective accesses that classes have, by class id and attribute."""
_ITEM: Final = re.compile(
    r"(?:(?P<target>[\w*-]+)(?P<call>\(\))?\s+)?(?P<mode>[rwx]+|-)(?::(?P<request>[aes]*)(?:/(?P<response>[aes]+))?)?"
    r"(?P<selectors>\[[\d ]*\])?"
)
_MODES: Final = {"r": access.READ, "w": access.WRITE, "x": access.ACCESS}
_REQUEST: Final = {
    "a": access.AUTHENTICATED_REQUEST,
    "e": access.ENCRYPTED_REQUEST,
    "s": access.SIGNED_REQUEST,
}
_RESPONSE: Final = {
    "a": access.AUTHENTICATED_RESPONSE,
    "e": access.ENCRYPTED_RESPONSE,
    "s": access.SIGNED_RESPONSE,
}


def parse(text: str, of: type[InterfaceClass]) -> Rights:
    """The rights that *text* gives on an object of this class; :class:`LocalError` says what is wrong with it."""
    attributes: dict[int, int] = {}
    methods: dict[int, int] = {}
    selectors: dict[int, tuple[int, ...]] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        match = _ITEM.fullmatch(item)
        if match is None:
            raise LocalError(f"access {item!r} is not of the form 'r', 'time rw' or 'shift_time() x:ae'")
        part = match.groupdict()
        chosen, called = _attributes(part, of), _methods(part, of)
        attributes |= chosen
        methods |= called
        if part["selectors"] is not None:
            selectors |= dict.fromkeys(chosen, tuple(map(int, part["selectors"][1:-1].split())))
    if any(attributes.values()) or any(methods.values()):
        attributes.setdefault(1, access.READ)
    given = {n: selectors.get(n, SELECTORS.get((of.class_id, n), ())) for n, a in attributes.items() if a & access.READ}
    return Rights(attributes, methods, {n: s for n, s in given.items() if s})


def _protection(item: dict[str, Any]) -> int:
    request = sum(_REQUEST[c] for c in set(item["request"] or ""))
    return request | sum(_RESPONSE[c] for c in set(item["response"] or ""))


def _attributes(item: dict[str, Any], of: type[InterfaceClass]) -> dict[int, int]:
    """The access to attributes that one item gives."""
    mode, target = set(item["mode"]), item["target"]
    if item["call"] or (target is None and mode == {"x"}):
        return {}
    if target is not None and "x" in mode:
        raise LocalError(f"a method is written with (), as in '{target}() x'")
    bits = sum(_MODES[letter] for letter in mode & {"r", "w"})
    every = target in (None, "*")
    out = {}
    for number in _standard(of.attributes) if every else [_attribute(of, target)]:
        allowed = _possible(of, number, bits, single=not every)
        out[number] = allowed | _protection(item) if allowed else access.NONE
    return out


def _methods(item: dict[str, Any], of: type[InterfaceClass]) -> dict[int, int]:
    """The access to methods that one item gives."""
    mode, target = set(item["mode"]), item["target"]
    if not item["call"] and (target is not None or not mode & {"x", "-"}):
        return {}
    if item["call"] and mode & {"r", "w"}:
        raise LocalError(f"a method is invoked, as in '{target}() x', not read or written")
    bits = access.ACCESS | _protection(item) if "x" in mode else access.NONE
    return dict.fromkeys(_standard(of.methods) if target in (None, "*") else [_method(of, target)], bits)


def _standard(members: Mapping[int, Any]) -> list[int]:
    """The numbers of the standard; those of a manufacturer, below 0, must be named."""
    return [number for number in members if number > 0]


def _possible(of: type[InterfaceClass], number: int, bits: int, *, single: bool) -> int:
    """What of *bits* an attribute can have at all: names are not written, secrets are not read."""
    found = of.attributes[number]
    if number == 1 and bits and not single:
        return access.READ
    can = access.READ if number == 1 else access.WRITE if found.secret else access.READ_WRITE
    if single and bits & ~can:
        raise LocalError(f"{found.name} of class {of.class_id} can never be {'read' if found.secret else 'written'}")
    return bits & can


def _attribute(of: type[InterfaceClass], target: str) -> int:
    for number, found in of.attributes.items():
        if target in (str(number), found.name):
            return number
    names = ", ".join(a.name for a in of.attributes.values())
    raise LocalError(f"class {of.class_id} version {of.version} has no attribute {target!r}; it has {names}")


def _method(of: type[InterfaceClass], target: str) -> int:
    for number, found in of.methods.items():
        if target in (str(number), found.name):
            return number
    names = ", ".join(m.name for m in of.methods.values()) or "no methods"
    raise LocalError(f"class {of.class_id} version {of.version} has no method {target!r}; it has {names}")


def text_of(bits: int, *, method: bool = False) -> str:
    """The shortest notation of one access.

    >>> text_of(access.READ_WRITE | access.ENCRYPTED_REQUEST), text_of(access.ACCESS, method=True), text_of(0)
    ('rw:e', 'x', '-')
    """
    letters = "x" * (bits & access.ACCESS) if method else "".join(c for c in "rw" if bits & _MODES[c])
    request = "".join(c for c, bit in _REQUEST.items() if bits & bit)
    response = "".join(c for c, bit in _RESPONSE.items() if bits & bit)
    tail = f":{request}/{response}" if response else f":{request}" if request else ""
    return f"{letters or '-'}{tail}"
