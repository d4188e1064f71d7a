"""A telegram from its CI field on: extended link layer, AFL, transport header, payload. Source: EN 13757-7:2018.

:func:`open_telegram` walks the layers and decrypts; what the payload says is left to the modules that know records,
COSEM and the rest (:attr:`Telegram.kind`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import msgspec

from anymeter.errors import DecodeError, SecurityError
from anymeter.links.address import Address
from anymeter.mbus import afl as afl_layer
from anymeter.mbus import ell as ell_layer
from anymeter.mbus import header as tpl
from anymeter.mbus import security
from anymeter.mbus.afl import Afl
from anymeter.mbus.ci import CLAUSE as CI_FIELD
from anymeter.mbus.ci import LONG, NONE, SHORT, TO, Ci, ci_field, table
from anymeter.mbus.ell import ExtendedLink
from anymeter.mbus.header import Configuration, Header
from anymeter.mbus.modes import mode_text
from anymeter.mbus.modes import table as modes
from anymeter.mbus.plain import CHECK, is_plain, is_records
from anymeter.mbus.services import application_error
from anymeter.mbus.services import explain as explain_service
from anymeter.mbus.status import status_names
from anymeter.wire.fields import Field

WHAT: Final = "M-Bus telegram"
FIXED: Final = 16
FIXED_CI: Final = 0x73
MODE: Final = 0x1F00
"""The bits of the configuration field that hold the security mode."""
FILLER: Final = b"\x2f"
_MODE_AT: Final = {NONE: 0, SHORT: 4, LONG: 12}
"""Where the security mode stands when the transport header comes first."""
_OPEN: Final = Configuration(0)
KeyFor: TypeAlias = Callable[[Address], bytes | None]


class Telegram(msgspec.Struct, frozen=True):
    """A telegram taken apart down to its payload.

    *kind* says what the payload is (``records``, ``compact``, ``format``, ``fixed``, ``cosem``, ``alarm``,
    ``manufacturer``, ``none``, ..., ``fragment`` for a piece of a message, ``ell-ii`` and ``ell-iv`` for one whose
    layers are still encrypted); *meter* is the address of the long header, else of the link. *at* is the payload's
    offset.

    *encrypted* says that the payload is still ciphertext (*note* says why); *verified* that a key proved it genuine.
    """

    layers: tuple[str, ...]
    ci: int | None
    kind: str
    payload: bytes
    at: int = 0
    meter: Address | None = None
    header: Header | None = None
    link: Address | None = None
    ell: ExtendedLink | None = None
    afl: Afl | None = None
    encrypted: bool = False
    verified: bool = False
    note: str = ""

    @property
    def mode(self) -> int:
        """The security mode of the transport header; 0 without a header."""
        return 0 if self.header is None else self.header.mode

    @property
    def secured(self) -> bool:
        """Whether a security mode of the transport header or of the extended link layer protects the telegram."""
        return self.mode != 0 or (self.ell is not None and self.ell.encryption != 0)

    @property
    def access(self) -> int | None:
        """The access number, of the transport header or else of the extended link layer."""
        if self.header is not None:
            return self.header.access
        return None if self.ell is None else self.ell.access

    @property
    def status(self) -> tuple[str, ...]:
        """What the meter's status octet says."""
        return () if self.header is None or self.to_meter else status_names(self.header.status)

    @property
    def to_meter(self) -> bool:
        """Whether the CI field is one that is sent to a device."""
        return self.ci is not None and _direction(self.ci) == TO


def _direction(ci: int) -> str:
    found = table()[ci]
    return "" if found is None else found.direction


def open_telegram(
    octets: bytes,
    link: Address | None = None,
    key_for: KeyFor | None = None,
    *,
    any_service: bool = False,
) -> Telegram:
    """The telegram that *octets* are, CI field first, decrypted where *key_for* has the key of its meter.

    *link* is the sender's address in the wireless link layer; None means a wired telegram. Without a key the payload
    stays ciphertext. Raises :class:`DecodeError`; :class:`SecurityError` where a key does not verify; and, unless
    *any_service*, :class:`ApplicationError` for a device that reports one and :class:`DecodeError` for a command to a
    device, which is no message of a meter.
    """
    if not octets:
        return Telegram((), None, "none", b"", 0, link, None, link)
    entry = ci_field(octets[0])
    if entry.plain:
        place = _MODE_AT[entry.header]
        if place == 0:
            return Telegram((entry.name,), entry.code, entry.kind, octets[1:], 1, link, None, link)
        if len(octets) > place and not octets[place] & 0x1F:
            header, at = tpl.decode(octets, 1, entry.header)
            meter = (header and header.address) or link
            return Telegram((entry.name,), entry.code, entry.kind, octets[at:], at, meter, header, link)
    return _Walk(octets, link, key_for, any_service).telegram(entry)


class _Walk:
    """One telegram on its way through the layers: what is known so far."""

    __slots__ = ("afl", "any_service", "at", "ell", "key_for", "layers", "link", "octets", "proved")

    def __init__(self, octets: bytes, link: Address | None, key_for: KeyFor | None, any_service: bool) -> None:
        self.octets, self.link, self.key_for, self.any_service = octets, link, key_for, any_service
        self.at = 0
        self.layers: tuple[str, ...] = ()
        self.ell: ExtendedLink | None = None
        self.afl: Afl | None = None
        self.proved = False

    def telegram(self, entry: Ci) -> Telegram:
        """The telegram whose first CI field is *entry*."""
        if entry.header == "ell":
            self.ell, self.at = ell_layer.decode(self.octets)
            self.layers = (entry.name,)
            if self.ell.session is not None:
                why = self.open_link(self.ell)
                if why:
                    return self.rest(entry, entry.kind, encrypted=True, note=why)
                self.at += 2
            entry = self.following()
        if entry.header == "afl":
            self.afl, self.at = afl_layer.decode(self.octets, self.at)
            self.layers += (entry.name,)
            if self.afl.fragmented:
                return self.rest(entry, "fragment")
            left = len(self.octets) - self.at
            if self.afl.length not in (None, left):
                raise DecodeError(f"ML announces {self.afl.length} octets, {left} remain", what="AFL", at=self.at)
            entry = self.following()
        if entry.header in ("ell", "afl"):
            raise DecodeError(f"CI {entry.code:02X} ({entry.meaning}) stands too deep", what=WHAT, at=self.at)
        return self.transport(entry)

    def following(self) -> Ci:
        """The CI field at the place reached."""
        if self.at >= len(self.octets):
            raise DecodeError("no CI field behind the layer", what=WHAT, at=self.at)
        return ci_field(self.octets[self.at], self.at)

    def rest(self, entry: Ci, kind: str, *, encrypted: bool = False, note: str = "") -> Telegram:
        """The telegram whose payload is everything from the place reached on, no header before it."""
        body, link = self.octets[self.at :], self.link
        return Telegram(
            self.layers, entry.code, kind, body, self.at, link, None, link, self.ell, self.afl, encrypted, False, note
        )

    def open_link(self, ell: ExtendedLink) -> str:
        """Puts the payload of the extended link layer in the clear, or says why that cannot be."""
        payload = self.octets[self.at :]
        if ell_layer.crc_fits(payload):
            return ""
        if ell.encryption == 0:
            raise DecodeError("payload CRC of the extended link layer is wrong", what=ell_layer.WHAT, at=self.at)
        sender = self.link or ell.address
        key = None if self.key_for is None or sender is None else self.key_for(sender)
        if key is None or sender is None:
            return "the extended link layer is encrypted and there is no key"
        self.octets = self.octets[: self.at] + security.open_link(ell, sender, payload, key, at=self.at)
        self.proved = True
        return ""

    def transport(self, entry: Ci) -> Telegram:
        """The telegram from its last CI field on."""
        octets, at, link = self.octets, self.at, self.link
        self.layers += (entry.name,)
        if not self.any_service and entry.direction == TO:
            why = f"CI {entry.code:02X} ({entry.meaning}) goes to a device; it is no message of a meter"
            raise DecodeError(why, what=WHAT, at=at)
        if entry.header == "transport":
            return self.rest(entry, entry.kind)
        left = len(octets) - at - 1
        if entry.code == FIXED_CI and link is None and self.ell is None and left <= FIXED:
            if left < FIXED:
                why = f"the fixed data structure has {FIXED} octets, {left} are there"
                raise DecodeError(why, what=WHAT, at=at + 1)
            self.layers, self.at = (*self.layers[:-1], "tpl-none"), at + 1
            return self.rest(entry, "fixed")
        header, end = tpl.decode(octets, at + 1, entry.header)
        meter = link if header is None or header.address is None else header.address
        payload = octets[end:]
        encrypted, note = False, ""
        if (header is not None and header.configuration & MODE) or (self.afl is not None and self.afl.mac):
            payload, encrypted, note = self.unlock(entry, header, meter, end)
        if entry.kind == "application-error" and not encrypted and not self.any_service:
            raise application_error(payload.strip(FILLER), end)
        return Telegram(
            self.layers,
            entry.code,
            entry.kind,
            payload,
            end,
            meter,
            header,
            link,
            self.ell,
            self.afl,
            encrypted,
            self.proved,
            note,
        )

    def unlock(self, entry: Ci, header: Header | None, meter: Address | None, at: int) -> tuple[bytes, bool, str]:
        """The payload at *at*, whether it is still encrypted, and a note; keeps in mind whether a key proved it."""
        payload = self.octets[at:]
        c = _OPEN if header is None else tpl.configuration(header)
        wired = self.link is None
        before = c.mode != 0 and (payload.startswith(CHECK) or (wired and _signature(c, payload)))
        support = modes()[c.mode].support
        if support == "full" and not before and len(payload) < (c.count or 0):
            why = f"the configuration field says {c.count} octets are encrypted, {len(payload)} are there"
            raise DecodeError(why, what=WHAT, at=at)
        key = self.key(meter)
        if key is None or meter is None:
            return _kept(payload, c, before)
        try:
            plain = self.verified(entry, header, c, meter, key, at)
        except SecurityError:
            if before or (_nothing(c) and not (self.afl and self.afl.mac)):
                return payload, False, _plain_note(c)
            raise
        if support != "full":
            self.proved = self.proved or bool(self.afl and self.afl.mac)
            return _kept(payload, c, before)
        self.proved = True
        return plain, False, ""

    def verified(
        self, entry: Ci, header: Header | None, c: Configuration, meter: Address, key: bytes, at: int
    ) -> bytes:
        """The payload at *at*, once the MAC of AFL is verified, decrypted where its mode is one that can be undone."""
        to_meter, afl, counter = entry.direction == TO, self.afl, None
        opaque = header is None or c.mode == 0 or modes()[c.mode].support != "full"
        if afl is not None:
            counter = afl.counter
            if afl.mac:
                derived = c.mode not in tpl.FLAGGED or c.kdf == 1
                message = self.octets[self.at :]
                security.verify_mac(afl, message, key, meter, to_meter=to_meter, derived=derived, at=self.at)
                opaque = opaque or _nothing(c)
        if opaque or header is None:
            return self.octets[at:]
        return security.unprotect(
            header, meter, self.octets[at:], key, ci=entry.code, to_meter=to_meter, counter=counter, at=at
        )

    def key(self, meter: Address | None) -> bytes | None:
        """The key of the meter, else that of the device whose radio it uses."""
        if self.key_for is None or meter is None:
            return None
        key = self.key_for(meter)
        return self.key_for(self.link) if key is None and self.link not in (None, meter) else key


def _nothing(c: Configuration) -> bool:
    """Whether the configuration field says that no octet is encrypted."""
    return c.count == 0 and c.mode in (5, 7)


def _signature(c: Configuration, payload: bytes) -> bool:
    """Whether the mode of a wired telegram is the signature of an old meter. See :mod:`anymeter.mbus.plain`."""
    return is_plain(payload) if modes()[c.mode].support == "full" else is_records(payload)


def _plain_note(c: Configuration) -> str:
    return "" if c.mode == 0 else f"{mode_text(c.mode)} is announced, but the payload is plain"


def _kept(payload: bytes, c: Configuration, before: bool) -> tuple[bytes, bool, str]:
    """What no key opens: plain already (*before*, or nothing is encrypted), or ciphertext."""
    if c.mode == 0:
        return payload, False, "the AFL MAC is not verified: no key"
    if before or _nothing(c):
        return payload, False, _plain_note(c)
    if modes()[c.mode].support != "full":
        return payload, bool(payload), f"{mode_text(c.mode)}: the payload is kept as it is"
    return payload, True, f"{mode_text(c.mode)}: there is no key"


def explain(octets: bytes, link: Address | None = None, key_for: KeyFor | None = None) -> tuple[list[Field], Telegram]:
    """The fields of every layer above the payload, and the telegram; commands and errors are told, not refused.

    Where a layer was encrypted the fields behind it are those of the plaintext, at the offsets of the ciphertext.
    """
    if not octets:
        return [], open_telegram(octets, link)
    walk = _Walk(octets, link, key_for, True)
    t = walk.telegram(ci_field(octets[0]))
    octets = walk.octets
    out: list[Field] = []
    at = 0
    if t.ell is not None:
        out += ell_layer.explain(octets)
        at = ell_layer.decode(octets)[1] + (2 if t.ell.session is not None else 0)
        if t.kind == ell_layer.NAMES[t.ell.ci]:
            return [*out, Field(t.at, t.payload, "payload", t.note)], t
    if t.afl is not None:
        out += afl_layer.explain(octets, at)
        at = afl_layer.decode(octets, at)[1]
    if t.kind == "fragment":
        return [*out, Field(at, t.payload, "fragment", f"{len(t.payload)} octets")], t
    if t.ci is not None:
        entry = ci_field(t.ci)
        out.append(Field(at, octets[at : at + 1], "CI", entry.meaning, CI_FIELD))
        if t.header is not None:
            out += tpl.explain(octets, at + 1, entry.header, from_device=entry.direction != TO)
    if t.encrypted:
        out.append(Field(t.at, t.payload, "payload", t.note))
    elif t.ci is not None:
        out += explain_service(t.kind, t.payload, t.at, t.ci) or []
    return out, t
