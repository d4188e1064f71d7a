"""Mechanisms: which is asked for, and whether what is shown is the secret."""

import pytest

from anymeter.cosem.associations import AssociationProfile
from anymeter.cosem.enums import Mechanism
from anymeter.dlms.acse import CONTEXT, MECHANISM, Aarq
from anymeter.dlms.enums import UserDiagnostic
from anymeter.dlms.server import authentication
from anymeter.dlms.server.authentication import ACCEPTED, Verdict, judge

SECRET = b"12345678"


def judged(wanted, name, shown=None):
    profile = AssociationProfile(name="", client=1, mechanism=Mechanism(wanted))
    mechanism = None if name is None else MECHANISM + bytes((name,)) if isinstance(name, int) else name
    aarq = Aarq(
        application_context_name=CONTEXT + b"\x01", mechanism_name=mechanism, calling_authentication_value=shown
    )
    return judge(profile, SECRET, aarq)


@pytest.mark.parametrize(
    ("wanted", "name", "shown", "diagnostic"),
    [
        (0, None, None, 0),
        (0, 0, None, 0),
        (0, None, b"whatever", 0),
        (0, 1, SECRET, 11),
        (1, None, None, 12),
        (1, None, SECRET, 12),
        (1, 0, SECRET, 11),
        (1, 5, SECRET, 11),
        (1, 99, SECRET, 11),
        (1, b"\x28\x02\x01", SECRET, 11),
        (1, b"", SECRET, 11),
        (1, 1, None, 13),
        (1, 1, b"", 13),
        (1, 1, SECRET[:-1], 13),
        (1, 1, SECRET + b"9", 13),
        (1, 1, b"12345679", 13),
        (1, 1, SECRET, 0),
        (5, 1, SECRET, 11),
        (5, None, None, 12),
        (2, 2, SECRET, 11),
        (3, 3, SECRET, 11),
        (4, 4, SECRET, 11),
        (5, 5, SECRET, 11),
        (6, 6, SECRET, 11),
        (7, 7, SECRET, 11),
    ],
)
def test_the_diagnostic(wanted, name, shown, diagnostic):
    verdict = judged(wanted, name, shown)
    assert verdict.diagnostic == diagnostic
    assert verdict.refused is (diagnostic != 0)


def test_the_password_is_compared_in_constant_time(monkeypatch):
    compared = []
    monkeypatch.setattr(authentication.hmac, "compare_digest", lambda a, b: compared.append((a, b)) or True)
    assert judged(1, 1, b"x") == ACCEPTED
    assert compared == [(b"x", SECRET)]


def test_an_authentication_that_goes_on_is_no_refusal():
    assert not Verdict(UserDiagnostic.authentication_required, b"challenge").refused
