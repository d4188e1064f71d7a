"""What the tests of this room generate: types with values of theirs, and a decoder so plain that it can be believed."""

import struct

from hypothesis import strategies as st

from anymeter.cosem import schema as s
from anymeter.cosem.datetimes import Date, DateTime, Time
from anymeter.cosem.values import DONT_CARE, Bcd, BitString, Delta, Enum, Float32

INTEGERS = {
    s.DOUBLE_LONG: (-(2**31), 2**31 - 1),
    s.DOUBLE_LONG_UNSIGNED: (0, 2**32 - 1),
    s.INTEGER: (-128, 127),
    s.LONG: (-(2**15), 2**15 - 1),
    s.UNSIGNED: (0, 255),
    s.LONG_UNSIGNED: (0, 65535),
    s.LONG64: (-(2**63), 2**63 - 1),
    s.LONG64_UNSIGNED: (0, 2**64 - 1),
}
DELTAS = {
    s.DELTA_INTEGER: (-128, 127),
    s.DELTA_LONG: (-(2**15), 2**15 - 1),
    s.DELTA_DOUBLE_LONG: (-(2**31), 2**31 - 1),
    s.DELTA_UNSIGNED: (0, 255),
    s.DELTA_LONG_UNSIGNED: (0, 65535),
    s.DELTA_DOUBLE_LONG_UNSIGNED: (0, 2**32 - 1),
}


def _octets(size):
    return st.binary(min_size=size, max_size=size)


TEXT = st.binary(max_size=140).map(lambda raw: raw.decode("utf-8", "surrogateescape"))

SIMPLE_VALUES = {
    s.NULL_DATA: st.none(),
    s.BOOLEAN: st.booleans(),
    s.BIT_STRING: st.text("01", max_size=20).map(BitString.of),
    s.OCTET_STRING: st.binary(max_size=140),
    s.VISIBLE_STRING: TEXT,
    s.UTF8_STRING: TEXT,
    s.BCD: st.integers(-128, 127).map(Bcd),
    s.ENUM: st.integers(0, 255).map(Enum),
    s.FLOAT32: st.floats(width=32, allow_nan=False).map(Float32),
    s.FLOAT64: st.floats(allow_nan=False),
    s.DATE_TIME: _octets(12).map(DateTime),
    s.DATE: _octets(5).map(Date),
    s.TIME: _octets(4).map(Time),
    s.DONT_CARE_TYPE: st.just(DONT_CARE),
    **{t: st.integers(*limits) for t, limits in INTEGERS.items()},
    **{t: st.integers(*limits).map(Delta) for t, limits in DELTAS.items()},
}

simple_types = st.sampled_from(list(SIMPLE_VALUES))

layout_types = st.recursive(
    simple_types,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda parts: s.structure(*parts)),
        st.tuples(inner, st.integers(0, 3)).map(lambda x: s.array(x[0], count=x[1])),
    ),
    max_leaves=8,
)
"""Types as a TypeDescription can name them."""


def values_of(schema):
    """Values of a type that a TypeDescription can name."""
    if schema in SIMPLE_VALUES:
        return SIMPLE_VALUES[schema]
    if schema.tag == s.STRUCTURE:
        return st.tuples(*[values_of(part) for part in schema.parts])
    if schema.tag == s.COMPACT_ARRAY:
        return st.lists(values_of(schema.parts[0]), max_size=5)
    return st.lists(
        values_of(schema.parts[0]), min_size=schema.size or 0, max_size=5 if schema.size is None else schema.size
    )


any_types = st.recursive(
    simple_types,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda parts: s.structure(*parts)),
        inner.map(s.array),
    ),
    max_leaves=8,
)

typed_values = any_types.flatmap(lambda t: st.tuples(st.just(t), values_of(t)))
"""A type and a value of it."""

encoded = typed_values.map(lambda pair: pair[0].encode(pair[1]))

flat_rows = st.lists(simple_types, min_size=1, max_size=5).map(lambda parts: s.structure(*parts))


@st.composite
def profiles(draw, rows=flat_rows):
    """An array of rows, most of them of one of three layouts, as a meter would send them; sometimes damaged."""
    layouts = draw(st.lists(rows, min_size=1, max_size=3))
    pattern = draw(st.lists(st.sampled_from(layouts), min_size=1, max_size=6)) * draw(st.sampled_from([1, 3, 20]))
    chosen = [layout.encode(draw(values_of(layout))) for layout in pattern[:6]]
    body = [chosen[i % len(chosen)] for i in range(len(pattern))]
    return b"\x01" + s.length_of(len(body)) + b"".join(body)


class BadError(Exception):
    """What the reference raises."""


CODES = {t.tag: ">" + t.code for t in SIMPLE_VALUES if t.code}


def reference(buf, at=0, depth=0):
    """The value at *at* and its end, decoded in the plainest way. No compact arrays."""

    def take(n):
        nonlocal at
        if at + n > len(buf):
            raise BadError
        at += n
        return buf[at - n : at]

    def length():
        n = take(1)[0]
        if n == 0x80 or n > 0x88:
            raise BadError
        return n if n < 0x80 else int.from_bytes(take(n & 0x7F), "big")

    tag = take(1)[0]
    if tag in (1, 2):
        if depth >= 32:
            raise BadError
        n = length()
        if n > len(buf) - at:
            raise BadError
        values = []
        for _ in range(n):
            value, at = reference(buf, at, depth + 1)
            values.append(value)
        return (values if tag == 1 else tuple(values)), at
    if tag in CODES:
        value = struct.unpack(CODES[tag], take(struct.calcsize(CODES[tag])))[0]
        wrap = {13: Bcd, 22: Enum, 23: Float32, 25: DateTime, 26: Date, 27: Time}.get(tag)
        wrap = Delta if 28 <= tag <= 33 else wrap
        return (wrap(value) if wrap else value), at
    if tag in (0, 255):
        return (None if tag == 0 else DONT_CARE), at
    if tag == 4:
        n = length()
        bits = "".join(f"{octet:08b}" for octet in take((n + 7) // 8))
        return BitString.of(bits[:n]), at
    if tag in (9, 10, 12):
        raw = take(length())
        return (raw if tag == 9 else raw.decode("utf-8", "surrogateescape")), at
    raise BadError
