"""The authentication and fragmentation sublayer (AFL), CI 90. Source: EN 13757-7:2018.

``90 AFLL FCL(2) [MCL] [KI(2)] [MCR(4)] [MAC(n)] [ML(2)]``: FCL says which of the others are there, MCL how long the
MAC is.
"""

from __future__ import annotations

from typing import Final

import msgspec

from anymeter.errors import DecodeError, LocalError
from anymeter.wire.fields import Field

WHAT: Final = "AFL"
CLAUSE: Final = "EN 13757-7:2018, AFL"
CI: Final = 0x90
MORE, MCLP, MLP, MCRP, MACP, KIP = 0x4000, 0x2000, 0x1000, 0x0800, 0x0400, 0x0200
TAGS: Final = {3: ("AES-CMAC", 2), 4: ("AES-CMAC", 4), 5: ("AES-CMAC", 8), 6: ("AES-CMAC", 12), 7: ("AES-CMAC", 16)}
GMAC: Final = {8: ("AES-GMAC", 12), 9: ("AES-GMAC", 16)}
LIMIT: Final = 1 << 16


class Afl(msgspec.Struct, frozen=True):
    """One AFL header; what is not there is None (or empty, for *mac*).

    *fragment* is FID (0 for a message in one piece), *control* is MCL, *key* is KI, *counter* MCR, *length* ML.
    """

    fragment: int
    more: bool = False
    control: int | None = None
    key: int | None = None
    counter: int | None = None
    mac: bytes = b""
    length: int | None = None

    @property
    def algorithm(self) -> int:
        """The authentication type AT of MCL; 0 for none."""
        return 0 if self.control is None else self.control & 0x0F

    @property
    def fragmented(self) -> bool:
        """Whether this is one piece of a message of several."""
        return self.more or self.fragment > 1

    @property
    def authenticated(self) -> bytes:
        """The octets of this header that the MAC covers, before those of the message: MCL, KI, MCR, ML."""
        out = b"" if self.control is None else bytes((self.control,))
        if self.key is not None:
            out += self.key.to_bytes(2, "little")
        if self.counter is not None:
            out += self.counter.to_bytes(4, "little")
        return out if self.length is None else out + self.length.to_bytes(2, "little")

    def encode(self) -> bytes:
        """The header from its CI field on."""
        return encode(self)


def decode(octets: bytes, at: int = 0) -> tuple[Afl, int]:
    """The header that begins at *at* with its CI field, and the offset behind it."""
    if len(octets) < at + 4:
        raise DecodeError(f"CI, AFLL and FCL are 4 octets, {max(len(octets) - at, 0)} remain", what=WHAT, at=at)
    if octets[at] != CI:
        raise DecodeError(f"CI {octets[at]:02X} is not 90", what=WHAT, at=at)
    end = at + 2 + octets[at + 1]
    if end > len(octets):
        raise DecodeError(f"AFLL promises {octets[at + 1]} octets, {len(octets) - at - 2} remain", what=WHAT, at=at + 1)
    fcl = int.from_bytes(octets[at + 2 : at + 4], "little")
    fixed = 2 + bool(fcl & MCLP) + 2 * bool(fcl & KIP) + 4 * bool(fcl & MCRP) + 2 * bool(fcl & MLP)
    tag = octets[at + 1] - fixed
    if tag < 0 or (tag and not fcl & MACP):
        raise DecodeError(
            f"AFLL {octets[at + 1]} does not fit the fields that FCL {fcl:04X} names", what=WHAT, at=at + 1
        )
    values: dict[str, int] = {}
    mac = b""
    at += 4
    for bit, name, size in (
        (MCLP, "control", 1),
        (KIP, "key", 2),
        (MCRP, "counter", 4),
        (MACP, "", tag),
        (MLP, "length", 2),
    ):
        if not fcl & bit:
            continue
        part = octets[at : at + size]
        if name:
            values[name] = int.from_bytes(part, "little")
        else:
            mac = part
            _check_mac(values.get("control"), mac, at)
        at += size
    return Afl(fcl & 0xFF, bool(fcl & MORE), mac=mac, **values), end


def _check_mac(control: int | None, mac: bytes, at: int) -> None:
    if control is None:
        return
    name, size = (TAGS | GMAC).get(control & 0x0F, ("", len(mac)))
    if size != len(mac):
        raise DecodeError(f"MCL says {name} of {size} octets, AFLL leaves {len(mac)}", what=WHAT, at=at)


def encode(afl: Afl) -> bytes:
    """The header from its CI field on."""
    if not 0 <= afl.fragment <= 255:
        raise LocalError(f"a fragment is numbered 0 to 255, not {afl.fragment}")
    fcl = afl.fragment | (MORE if afl.more else 0)
    body = b""
    for bit, value, size in ((MCLP, afl.control, 1), (KIP, afl.key, 2), (MCRP, afl.counter, 4)):
        if value is not None:
            fcl |= bit
            body += value.to_bytes(size, "little")
    if afl.mac:
        fcl |= MACP
        body += afl.mac
    if afl.length is not None:
        fcl |= MLP
        body += afl.length.to_bytes(2, "little")
    return bytes((CI, len(body) + 2)) + fcl.to_bytes(2, "little") + body


class Reassembly:
    """Puts the fragments of one sender's message together; fragments are numbered 1, 2, … and the last has MF = 0.

    A gap, a repeated beginning and a message longer than announced (or than *limit*) drop what was collected.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._first: Afl | None = None
        self._data = bytearray()
        self._next = 1

    @property
    def waiting(self) -> bool:
        """Whether a message has begun and not ended."""
        return self._first is not None

    def add(self, afl: Afl, octets: bytes) -> tuple[Afl, bytes] | None:
        """The whole message when this fragment ends it: its header (MAC and lengths joined) and its octets.

        None while more must follow; raises :class:`DecodeError` for a fragment that does not continue the message.
        """
        if not afl.fragmented:
            return afl, octets
        first, expected = self._first, self._next
        if afl.fragment <= 1:
            self._first, self._data, self._next = afl, bytearray(octets), 2
            first = afl
        elif first is None or afl.fragment != expected:
            self.drop()
            raise DecodeError(f"fragment {afl.fragment} where {expected} is due; the message is lost", what=WHAT)
        else:
            self._data += octets
            self._next += 1
        most = min(self._limit, self._limit if first.length is None else first.length)
        if len(self._data) > most:
            self.drop()
            raise DecodeError(f"the fragments make more than {most} octets; the message is lost", what=WHAT)
        if afl.more:
            return None
        whole, data = first, bytes(self._data)
        self.drop()
        if whole.length is not None and whole.length != len(data):
            raise DecodeError(f"ML announces {whole.length} octets, the fragments make {len(data)}", what=WHAT)
        return msgspec.structs.replace(whole, fragment=0, more=False, mac=whole.mac or afl.mac), data

    def drop(self) -> None:
        """Forgets what was collected (a timer of the caller's says that the rest will not come)."""
        self._first, self._data, self._next = None, bytearray(), 1


def explain(octets: bytes, at: int = 0) -> list[Field]:
    """The fields of the header that begins at *at*."""
    afl, _ = decode(octets, at)
    name, size = (TAGS | GMAC).get(afl.algorithm, ("no authentication", 0))
    piece = f"fragment {afl.fragment}, {'more follow' if afl.more else 'the last'}" if afl.fragmented else "one piece"
    rows: list[tuple[int, str, str]] = [
        (1, "CI", "authentication and fragmentation sublayer"),
        (1, "AFLL", f"{octets[at + 1]} octets follow"),
        (2, "FCL", piece),
    ]
    if afl.control is not None:
        rows.append((1, "MCL", f"{name}, {size} octets" if size else name))
    if afl.key is not None:
        rows.append((2, "KI", f"key information {afl.key:04X}"))
    if afl.counter is not None:
        rows.append((4, "MCR", f"message counter {afl.counter}"))
    if afl.mac:
        rows.append((len(afl.mac), "MAC", ""))
    if afl.length is not None:
        rows.append((2, "ML", f"message of {afl.length} octets"))
    out = []
    for length, label, meaning in rows:
        out.append(Field(at, octets[at : at + length], label, meaning, CLAUSE))
        at += length
    return out
