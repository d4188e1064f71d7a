"""Any APDU by its tag: decode it, tell its fields, name the tolerances it needed.

>>> decode(bytes.fromhex("C401C1000600001391")).value
5009
>>> decode(bytes.fromhex("C401C1"))
Traceback (most recent call last):
...
anymeter.errors.DecodeError: GetResponseNormal.result at octet 3: the octets end where a choice should stand
"""

from __future__ import annotations

from typing import Any, Final

from anymeter.dlms import access, acse, action, blocks, ciphered, get, initiate, notifications, short_names
from anymeter.dlms import set as set_service
from anymeter.dlms.security import Keys, is_protected, unprotect
from anymeter.errors import DecodeError, SecurityError
from anymeter.wire import Field, Wire, shifted

MODULES: Final = (get, set_service, action, notifications, access, short_names, initiate, blocks, ciphered, acse)
NOT_APDUS: Final = (*access.Specification.__args__, *short_names.Variable.__args__, *ciphered.KeyInfo.__args__)
"""Declarations with a leading octet that are choices inside an APDU and no APDU by themselves."""
MAX_NESTING: Final = 4
"""Layers of gateway prefix, protection and user-information that explain goes into."""


def _heads() -> dict[bytes, type[Wire]]:
    found: dict[bytes, type[Wire]] = {}
    for module in MODULES:
        for cls in vars(module).values():
            if isinstance(cls, type) and issubclass(cls, Wire) and cls.HEAD and cls not in NOT_APDUS:
                found[cls.HEAD] = cls
    found.update(dict.fromkeys((bytes((tag,)) for tag in ciphered.SERVICES), ciphered.CipheredService))
    return found


APDUS: Final = _heads()
"""Every APDU, by the octets it begins with: its tag, and the choice of its service."""


def kind_of(octets: bytes) -> type[Wire]:
    """The class of the APDU that *octets* begin with; raises DecodeError."""
    cls = APDUS.get(octets[:2]) or APDUS.get(octets[:1])
    if cls is None:
        if not octets:
            raise DecodeError("no octets", what="APDU", at=0)
        if any(head[0] == octets[0] for head in APDUS):
            choice = octets[1:2].hex().upper()
            why = f"choice {choice} of tag {octets[0]:02X} is unknown" if choice else "ends after its tag"
            raise DecodeError(why, what="APDU", at=1)
        raise DecodeError(f"no APDU begins with {octets[0]:02X}", what="APDU", at=0)
    return cls


def decode(octets: bytes, *, strict: bool = False) -> Any:
    """The APDU that takes up the whole of *octets*; raises DecodeError.

    Forms that meters send and the standard does not allow are read; an APDU that knows of them names them in its
    ``quirks``. With *strict* every form but the standard's own is an error.
    """
    cls = APDUS.get(octets[:2]) or APDUS.get(octets[:1]) or kind_of(octets)
    apdu, end = cls.decode(octets)
    if end != len(octets):
        raise DecodeError(f"{len(octets) - end} octets are left over", what=type(apdu).__name__, at=end)
    if strict:
        _check_form(apdu, octets)
    return apdu


def _check_form(apdu: Wire, octets: bytes) -> None:
    """Refuse what is not the standard's own form of an APDU."""
    name = type(apdu).__name__
    quirks = getattr(apdu, "quirks", ())
    if quirks:
        raise DecodeError(f"not the standard's form: {', '.join(quirks)}", what=name, at=0)
    proper = apdu.encode()
    if proper != octets:
        at = next((i for i, pair in enumerate(zip(proper, octets, strict=False)) if pair[0] != pair[1]), len(proper))
        raise DecodeError("not the standard's form of encoding", what=name, at=at)


def explain(octets: bytes, keys: Keys | None = None, system_title: bytes | None = None) -> list[Field]:
    """One row for each field of the APDU, and of the APDUs inside it; raises DecodeError.

    With *keys* protected contents are opened: the plaintext's rows stand where its octets stand ciphered. A key that
    does not fit, or an APDU inside that is broken, is told in a row and not raised.
    """
    apdu = decode(octets)
    return _rows(apdu, octets, keys, system_title, 0)


def _rows(apdu: Wire, octets: bytes, keys: Keys | None, title: bytes | None, nesting: int) -> list[Field]:
    rows = list(type(apdu).explain(octets))
    if nesting == MAX_NESTING:
        return rows
    inside = _inside(apdu)
    if inside and _begins_apdu(inside):
        title = getattr(apdu, "calling_ap_title", None) or getattr(apdu, "responding_ap_title", None) or title
        return rows + _deeper(inside, octets.rfind(inside), keys, title, nesting)
    if keys is not None and is_protected(octets):
        return rows + _opened(octets, keys, title, nesting)
    return rows


def _deeper(octets: bytes, at: int, keys: Keys | None, title: bytes | None, nesting: int) -> list[Field]:
    """The rows of an APDU that stands *at* an octet of another."""
    try:
        apdu = decode(octets)
    except DecodeError as error:
        return [Field(at, octets, "error", str(error), depth=1)]
    return shifted(_rows(apdu, octets, keys, title, nesting + 1), at, 1)


def _begins_apdu(octets: bytes) -> bool:
    return octets[:2] in APDUS or octets[:1] in APDUS


def _inside(apdu: Wire) -> bytes | None:
    """The octets that are carried in the clear inside an APDU and may be one themselves."""
    if isinstance(apdu, blocks.GatewayRequest | blocks.GatewayResponse):
        return apdu.apdu
    if isinstance(apdu, blocks.GeneralBlockTransfer):
        return apdu.data if apdu.last and apdu.number == 1 else None
    if isinstance(apdu, ciphered.GeneralSigning):
        return apdu.content
    inner: bytes | None = getattr(apdu, "user_information", None)
    return inner


def _opened(octets: bytes, keys: Keys, title: bytes | None, nesting: int) -> list[Field]:
    """The rows of what is ciphered or authenticated at the end of an APDU."""
    end = len(octets)
    try:
        plain, protection = unprotect(octets, keys, title)
    except (SecurityError, DecodeError) as error:
        return [Field(end, b"", "security", str(error), depth=1)]
    at = end - len(plain) - (ciphered.TAG if protection.authenticated else 0)
    state = "verified" if protection.verified else "not verified"
    return [Field(at, plain, "plaintext", state, depth=1), *shifted(_deeper(plain, at, keys, title, nesting), 0, 1)]
