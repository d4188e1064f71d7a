"""What the tests of interface classes share: a class written the way a specification lists it, and values of a type.

``attributes(cls)`` and ``methods(cls)`` are compared with tables that were typed from the sources, so a number, name or
type that slips shows. Types are written short: ``u16`` long-unsigned, ``en`` enum, ``os6`` an octet-string of six
octets, ``ar u8`` an array, ``st{a u8, b os}`` a structure, ``CH`` anything, ``ch(null | b)`` a choice.
"""

from __future__ import annotations

from hypothesis import strategies as st

from anymeter.cosem import schema as s
from anymeter.cosem.datetimes import Date, DateTime, Time
from anymeter.cosem.values import BitString, Enum, Float32

SHORT = {
    s.NULL: "null",
    s.BOOLEAN.tag: "b",
    s.BIT_STRING.tag: "bs",
    s.DOUBLE_LONG.tag: "i32",
    s.DOUBLE_LONG_UNSIGNED.tag: "u32",
    s.OCTET_STRING.tag: "os",
    s.VISIBLE_STRING.tag: "vs",
    s.UTF8_STRING.tag: "utf8",
    s.INTEGER.tag: "i8",
    s.LONG.tag: "i16",
    s.UNSIGNED.tag: "u8",
    s.LONG_UNSIGNED.tag: "u16",
    s.LONG64.tag: "i64",
    s.LONG64_UNSIGNED.tag: "u64",
    s.ENUM.tag: "en",
    s.FLOAT32.tag: "f32",
    s.FLOAT64.tag: "f64",
    s.DATE_TIME.tag: "date-time",
    s.DATE.tag: "date",
    s.TIME.tag: "time",
}
NUMBERS = {
    s.DOUBLE_LONG.tag: (-(2**31), 2**31 - 1),
    s.DOUBLE_LONG_UNSIGNED.tag: (0, 2**32 - 1),
    s.INTEGER.tag: (-128, 127),
    s.LONG.tag: (-(2**15), 2**15 - 1),
    s.UNSIGNED.tag: (0, 255),
    s.LONG_UNSIGNED.tag: (0, 65535),
    s.LONG64.tag: (-(2**63), 2**63 - 1),
    s.LONG64_UNSIGNED.tag: (0, 2**64 - 1),
}
SIMPLE = {
    s.NULL: st.none(),
    s.BOOLEAN.tag: st.booleans(),
    s.BIT_STRING.tag: st.text("01", max_size=20).map(BitString.of),
    s.VISIBLE_STRING.tag: st.text("ab 0é", max_size=5),
    s.UTF8_STRING.tag: st.text("ab 0é", max_size=5),
    s.ENUM.tag: st.integers(0, 255).map(Enum),
    s.FLOAT32.tag: st.floats(width=32, allow_nan=False).map(Float32),
    s.FLOAT64.tag: st.floats(allow_nan=False),
    s.DATE_TIME.tag: st.binary(min_size=12, max_size=12).map(DateTime),
    s.DATE.tag: st.binary(min_size=5, max_size=5).map(Date),
    s.TIME.tag: st.binary(min_size=4, max_size=4).map(Time),
}
ANYTHING = st.one_of(st.none(), st.booleans(), st.binary(max_size=8), st.integers(0, 255).map(Enum))


def written(schema):
    """A type, written short."""
    if schema.tag == s.ANY_TAG:
        return f"ch({' | '.join(map(written, schema.parts))})" if schema.parts else "CH"
    if schema.tag == s.ARRAY:
        return f"ar {' '.join(map(written, schema.parts))}"
    if schema.tag == s.COMPACT_ARRAY:
        return f"compact {written(schema.parts[0])}"
    if schema.tag == s.STRUCTURE:
        names = schema.fields or [""] * len(schema.parts)
        fields = [f"{name} {written(part)}".lstrip() for name, part in zip(names, schema.parts, strict=True)]
        return f"st{{{', '.join(fields)}}}"
    if schema.tag == s.OCTET_STRING.tag and schema.size == 12:
        return "dt"
    return SHORT[schema.tag] + (str(schema.size) if schema.size else "")


def attributes(cls):
    """The attributes from number 2 on: ``number name:type``; dynamic ones end in ``*``, secret ones in ``!``."""
    return [
        f"{a.number} {a.name}:{written(a.schema)}{'*' * a.dynamic}{'!' * a.secret}"
        for a in cls.attributes.values()
        if a.number != 1
    ]


def methods(cls):
    """The methods of a class: ``number name(type)->type +offset``, without what is not there."""
    return [
        f"{m.number} {m.name}({written(m.schema)})"
        + (f"->{written(m.returns)}" if m.returns else "")
        + (f" +{m.short_offset:02X}" if m.short_offset is not None else "")
        for m in cls.methods.values()
    ]


def rows(text):
    """The rows of a table that a test writes as one text."""
    return [line.strip() for line in text.strip().splitlines()]


def values(schema):
    """Values that an attribute of this type can have, as reading gives them."""
    if schema.tag == s.ANY_TAG:
        return st.one_of(*map(values, schema.parts)) if schema.parts else ANYTHING
    if schema.tag in (s.ARRAY, s.COMPACT_ARRAY):
        if schema.size is not None:
            return st.lists(values(schema.parts[0]), min_size=schema.size, max_size=schema.size)
        return st.lists(values(schema.parts[0]), max_size=3)
    if schema.tag == s.STRUCTURE:
        return st.tuples(*map(values, schema.parts))
    if schema.tag == s.OCTET_STRING.tag:
        size = schema.size
        return st.binary(min_size=size or 0, max_size=9 if size is None else size)
    return SIMPLE[schema.tag] if schema.tag in SIMPLE else st.integers(*NUMBERS[schema.tag])
