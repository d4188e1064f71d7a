"""Attestation of a device. Class 170. Source: DLMS UA 1000-1 Ed. 17, Part 2, 4.20.2."""

from __future__ import annotations

from anymeter.cosem.classes.parts import out_of_reach
from anymeter.cosem.model import InterfaceClass, attribute
from anymeter.cosem.schema import CHOICE, OCTET_STRING


class Attestation(InterfaceClass, class_id=170, clause="DLMS UA 1000-1 Ed. 17, Part 2, 4.20.2"):
    """Attestation: a token that says what the device is, and the declaration of its qualification."""

    attestation_token = attribute(2, OCTET_STRING)
    qualification_declaration = attribute(3, OCTET_STRING)

    generate_attestation_token = out_of_reach(1, CHOICE, "Make a new token.")
