"""Attestation: facts of a public table of Blue Book Ed. 17, 4.20.2."""

from __future__ import annotations

import pytest

from anymeter.cosem.classes.attestation import Attestation
from anymeter.errors import AccessError
from class_cases import attributes, methods


def test_members():
    assert (Attestation.class_id, Attestation.version) == (170, 0)
    assert attributes(Attestation) == ["2 attestation_token:os", "3 qualification_declaration:os"]
    assert methods(Attestation) == ["1 generate_attestation_token(CH)"]


def test_a_token_is_not_made():
    obj = Attestation("0-0:43.3.0*255", attestation_token=b"token")
    with pytest.raises(AccessError) as refused:
        obj.invoke(1, None, 0)
    assert refused.value.result == 250
    assert obj.encoded(2, 0) == b"\x09\x05token"
