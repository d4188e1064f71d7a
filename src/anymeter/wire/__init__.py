"""Octets in, values out: the field kinds and the compiler every PDU is made of."""

from anymeter.wire.fields import Field, shifted
from anymeter.wire.kinds import Kind
from anymeter.wire.lengths import length_at, length_of, octets_at
from anymeter.wire.pdu import I8, I16, U8, U16, U32, Octets, Quirks, Rest, Wire, pdu

__all__ = [
    "I8",
    "I16",
    "U8",
    "U16",
    "U32",
    "Field",
    "Kind",
    "Octets",
    "Quirks",
    "Rest",
    "Wire",
    "length_at",
    "length_of",
    "octets_at",
    "pdu",
    "shifted",
]
