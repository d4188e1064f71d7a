"""Values of any declared PDU, made from its own field list: what every round trip is drawn from."""

from __future__ import annotations

from hypothesis import strategies as st

from anymeter.dlms.ciphered import Secured
from anymeter.wire.kinds import Choice, Counted, Delimited, Empty, Fixed, Flags, IfLeft, Many, Presence, Tail, Variant
from anymeter.wire.pdu import Nested, fields_of

RANGES = {"B": (0, 255), "H": (0, 65535), "I": (0, 2**32 - 1), "b": (-128, 127), "h": (-(2**15), 2**15 - 1)}
VALUES = st.sampled_from(
    [
        bytes.fromhex(text)
        for text in ("00", "1105", "0600001391", "0903414243", "020211051200FF", "010211011102", "0400")
    ]
)
MOMENTS = st.just(b"") | st.binary(min_size=12, max_size=12)
VARIANTS = {
    "date_time": MOMENTS,
    "time": st.none() | st.binary(min_size=12, max_size=12),
    "conformance": st.integers(0, 2**24 - 1),
    "data": VALUES,
}
"""Values of the fields that have more than one form on the wire."""


def fixed(kind):
    if kind.code == "?":
        return st.booleans()
    if kind.octets:
        return st.binary(min_size=kind.least, max_size=kind.least)
    numbers = st.integers(*RANGES[kind.code])
    return numbers.map(kind.make) if kind.make else numbers


def of_kind(name, kind):
    """A strategy for the values of one field."""
    match kind:
        case Fixed():
            return fixed(kind)
        case Secured():
            return st.binary(min_size=17, max_size=40)
        case Counted() | Tail():
            return st.binary(max_size=200)
        case Delimited():
            return VALUES
        case Empty():
            return st.none()
        case Flags():
            return st.just(())
        case Variant():
            return VARIANTS[name]
        case Choice():
            return st.one_of([of_kind(name, part) for part in kind.alternatives.values()])
        case Presence():
            return st.just(kind.default) | of_kind(name, kind.kind)
        case IfLeft():
            return st.none() | of_kind(name, kind.kind)
        case Many():
            return st.lists(of_kind(name, kind.kind), max_size=5).map(tuple)
        case Nested():
            return of_class(kind.cls)
    raise AssertionError(kind)


def of_class(cls):
    """A strategy for the values of one PDU."""
    return st.builds(cls, *(of_kind(name, kind) for name, kind in fields_of(cls)))
