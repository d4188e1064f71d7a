"""Protect and unprotect an APDU, whatever the form: one entry for each direction.

Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from anymeter.dlms.ciphered import (
    DEDICATED,
    GLOBAL,
    SERVICES,
    CipheredService,
    GeneralCiphering,
    GeneralDedCiphering,
    GeneralGloCiphering,
    GeneralSigning,
)
from anymeter.dlms.security.contents import ANY, UNVERIFIED_WRONG, Policy, encryption_key, make_contents, open_contents
from anymeter.dlms.security.general import check_signature, open_ciphering
from anymeter.dlms.security.keys import STANDARD, Dialect, Keys, Protection
from anymeter.errors import DecodeError, LocalError, SecurityError
from anymeter.wire import Wire, length_of

Form = Literal["glo", "ded", "general-glo", "general-ded"]
INSIDE: Final = frozenset(
    {plain for plain, _ in SERVICES.values()}
    | set(SERVICES)
    | {0x0F, 0x10, 0xD8, 0xD9, 0xDA, 0xDB, 0xDC, 0xDD, 0xDF, 0xE0}
)
"""Tags an APDU under general protection can begin with."""
_GLO_OF: Final = {plain: tag for tag, (plain, _) in GLOBAL.items()}
_DED_OF: Final = {plain: tag for tag, (plain, _) in DEDICATED.items()}


def is_protected(octets: bytes) -> bool:
    """Whether an APDU is one that :func:`unprotect` takes."""
    return octets[:1] in (b"\xdb", b"\xdc", b"\xdd", b"\xdf") or (octets[:1] != b"" and octets[0] in SERVICES)


def unprotect(
    apdu: bytes | Wire,
    keys: Keys,
    system_title: bytes | None = None,
    *,
    last_counter: int | None = None,
    decompress: Callable[[bytes], bytes] | None = None,
    dialect: Dialect = STANDARD,
) -> tuple[bytes, Protection]:
    """The octets of the APDU inside a protected one, and how it was protected; one layer is taken off.

    *system_title* is the sender's, for the forms that don't carry it. What the keys can verify is verified before
    anything is handed out. With an encryption key alone the contents are read and told as not verified. Raises
    SecurityError when a tag, signature, counter or key is wrong or missing, DecodeError for broken octets.
    """
    octets = apdu if isinstance(apdu, bytes) else apdu.encode()
    policy = ANY
    if last_counter is not None or decompress is not None or dialect is not STANDARD:
        policy = Policy(last_counter, decompress, dialect)
    tag = octets[0] if octets else -1
    if tag in SERVICES:
        contents = _contents(octets)
        key = encryption_key(keys, contents[0], tag in DEDICATED)
        plain, protection = open_contents(contents, keys, key, system_title, b"", policy)
        if not protection.verified and plain[:1] != bytes((SERVICES[tag][0],)):
            raise SecurityError(UNVERIFIED_WRONG, what=SERVICES[tag][1])
        return plain, protection
    if tag in (0xDB, 0xDC):
        general = (GeneralGloCiphering if tag == 0xDB else GeneralDedCiphering).parse(octets)
        key = encryption_key(keys, general.content[0], tag == 0xDC)
        title = general.system_title or system_title
        return _plausible(*open_contents(general.content, keys, key, title, b"", policy))
    if tag == 0xDD:
        return _plausible(*open_ciphering(GeneralCiphering.parse(octets), keys, system_title, policy))
    if tag == 0xDF:
        return check_signature(GeneralSigning.parse(octets), keys, system_title, dialect)
    raise DecodeError("not a protected APDU", what="APDU", at=0)


def _contents(octets: bytes) -> bytes:
    """The protected contents of a ciphered service; what is not plainly in order goes to the PDU to be told."""
    size = len(octets)
    if size > 19 and (octets[1] == size - 2 < 0x80 or (octets[1] == 0x81 and octets[2] == size - 3)):
        return octets[3 if octets[1] == 0x81 else 2 :]
    return CipheredService.parse(octets).content


def _plausible(plain: bytes, protection: Protection) -> tuple[bytes, Protection]:
    if not protection.verified and protection.encrypted and (not plain or plain[0] not in INSIDE):
        raise SecurityError(UNVERIFIED_WRONG)
    return plain, protection


def protect(
    plain: bytes | Wire,
    keys: Keys,
    system_title: bytes,
    counter: int,
    *,
    control: int = 0x30,
    form: Form = "glo",
) -> bytes:
    """The octets of *plain* under protection; *system_title* is ours, *counter* one that was never used before.

    Raises LocalError when there is no such form of the service, SecurityError when a key is missing or does not fit.
    """
    octets = plain if isinstance(plain, bytes) else plain.encode()
    dedicated = form in ("ded", "general-ded")
    key = encryption_key(keys, control, dedicated)
    contents = make_contents(octets, keys, key, system_title, control, counter)
    if form in ("general-glo", "general-ded"):
        title = length_of(len(system_title)) + system_title
        return (b"\xdc" if dedicated else b"\xdb") + title + length_of(len(contents)) + contents
    tag = (_DED_OF if dedicated else _GLO_OF).get(octets[0] if octets else -1)
    if tag is None:
        raise LocalError(f"there is no {form} form of an APDU with tag {octets[:1].hex()}; use the general form")
    return bytes((tag,)) + length_of(len(contents)) + contents
