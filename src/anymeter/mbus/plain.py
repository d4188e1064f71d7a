"""Telling plain records from ciphertext where the configuration field cannot be trusted.

Wired meters older than the security modes sent a free "signature" where the configuration field stands today, so a
number there need not be a security mode. The rule, for wired telegrams only:

* a mode the standard does not define is a signature when the payload is a run of whole data records;
* a defined mode is taken for a signature only when, besides, one octet in eight (and three at least) is zero, which
  ciphertext of that length does by chance less than once in 30,000 times.
"""

from __future__ import annotations

from typing import Final

_SIZES: Final = (0, 1, 2, 3, 4, 4, 6, 8, 0, 1, 2, 3, 4, -1, 6, -1)
_BCD: Final = frozenset((9, 10, 11, 12, 14))
_CHAIN: Final = 10
CHECK: Final = b"\x2f\x2f"


def is_records(octets: bytes) -> bool:
    """Whether *octets* are whole data records, two at least, up to the end or to a manufacturer's block.

    >>> is_records(bytes.fromhex("0C1427048502 046D32371F15 02FD170000")), is_records(bytes.fromhex("5923C95AAA26D1B2"))
    (True, False)
    """
    at = records = 0
    while at < len(octets):
        dif = octets[at]
        if dif == 0x2F:
            at += 1
            continue
        if dif in (0x0F, 0x1F):
            break
        end = _record(octets, at)
        if end is None:
            return False
        records += 1
        at = end
    return records >= 2


def is_plain(octets: bytes) -> bool:
    """Whether *octets* are plain beyond doubt: they begin with 2F 2F, or are records with many zero octets."""
    return octets.startswith(CHECK) or (octets.count(0) >= max(3, len(octets) // 8) and is_records(octets))


def _record(octets: bytes, at: int) -> int | None:
    """The offset behind the record at *at*; None where there is no whole and proper one."""
    code = octets[at] & 0x0F
    at = _chain(octets, at)
    if code == 0x0F or at >= len(octets):
        return None
    at = _value_information(octets, at)
    size = _SIZES[code]
    if size < 0:
        if at >= len(octets):
            return None
        size = _variable(octets[at])
        at += 1
    if size < 0 or at + size > len(octets):
        return None
    if code in _BCD and not _digits(octets[at : at + size]):
        return None
    return at + size


def _value_information(octets: bytes, at: int) -> int:
    """The offset behind the value information block at *at*; the text of a plain-text VIF precedes its extensions."""
    vif = octets[at]
    if vif & 0x7F == 0x7C and at + 1 < len(octets):
        at += 2 + octets[at + 1]
        return _chain(octets, at) if vif & 0x80 else at
    return _chain(octets, at)


def _chain(octets: bytes, at: int) -> int:
    """The offset behind the information field and its extensions at *at*; the end of the octets for a broken chain."""
    for n in range(at, min(at + _CHAIN + 1, len(octets))):
        if octets[n] < 0x80:
            return n + 1
    return len(octets)


def _variable(lvar: int) -> int:
    """The octets behind a length field LVAR; -1 for a reserved one."""
    if lvar < 0xC0:
        return lvar
    if lvar < 0xF0:
        return lvar & 0x0F if lvar & 0x0F < 10 or lvar >= 0xE0 else -1
    return {0xF5: 48, 0xF6: 64}.get(lvar, 4 * (lvar - 0xEC) if lvar < 0xF5 else -1)


def _digits(octets: bytes) -> bool:
    """Whether *octets* are BCD digits, the first of which may be F (a minus)."""
    text = octets[::-1].hex()
    return text.isdecimal() or (text[0] == "f" and text[1:].isdecimal())
