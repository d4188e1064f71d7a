"""Who asks for an association: whether the mechanism and what it shows are those that were agreed on.

Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (authentication mechanisms).
"""

from __future__ import annotations

import hmac
from typing import Final

import msgspec

from anymeter.cosem.associations import AssociationProfile
from anymeter.cosem.enums import Mechanism
from anymeter.dlms.acse import Aarq
from anymeter.dlms.enums import UserDiagnostic


class Verdict(msgspec.Struct, frozen=True):
    """The diagnostic of the AARE; *challenge* is ours to the client, when two more passes are to come."""

    diagnostic: UserDiagnostic = UserDiagnostic.null
    challenge: bytes = b""

    @property
    def refused(self) -> bool:
        """Whether the association is not to be."""
        return self.diagnostic not in (UserDiagnostic.null, UserDiagnostic.authentication_required)


ACCEPTED: Final = Verdict()
_NAME_REQUIRED: Final = Verdict(UserDiagnostic.authentication_mechanism_name_required)
_NOT_RECOGNISED: Final = Verdict(UserDiagnostic.authentication_mechanism_name_not_recognised)
_FAILED: Final = Verdict(UserDiagnostic.authentication_failure)


def judge(profile: AssociationProfile, secret: bytes, aarq: Aarq) -> Verdict:
    """Whether *aarq* proves what *profile* asks for; *secret* is the current password."""
    if aarq.mechanism_name is None:
        return ACCEPTED if profile.mechanism == Mechanism.lowest else _NAME_REQUIRED
    if aarq.mechanism != profile.mechanism:
        return _NOT_RECOGNISED
    if profile.mechanism == Mechanism.lowest:
        return ACCEPTED
    if profile.mechanism == Mechanism.low_level:
        shown = aarq.calling_authentication_value
        return ACCEPTED if shown is not None and hmac.compare_digest(shown, secret) else _FAILED
    return high_level(profile, secret, aarq)


def high_level(profile: AssociationProfile, secret: bytes, aarq: Aarq) -> Verdict:
    """The first two of the four passes of a high level mechanism; none is known here."""
    return _NOT_RECOGNISED
