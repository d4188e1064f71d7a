"""Whether an encoded value is of a declared type. Source: IEC 62056-5-3, Data; EN 13757-1:2014, 6.4."""

from __future__ import annotations

from typing import Any, Final

from anymeter.cosem import data
from anymeter.cosem.enums import DataAccessResult
from anymeter.cosem.infer import schema_of
from anymeter.cosem.schema import ANY_TAG, ARRAY, COMPACT_ARRAY, DATE, DATE_TIME, OCTET_STRING, STRUCTURE, TIME, Schema
from anymeter.errors import AccessError, DecodeError

_MOMENTS: Final = {DATE_TIME.tag: 12, DATE.tag: 5, TIME.tag: 4}


def accept(schema: Schema[Any], octets: bytes, what: str) -> Any:
    """The value in *octets*; AccessError type-unmatched when it is not of type *schema*.

    A date-time, date or time passes for an octet-string of its length, and is taken as those octets.
    """
    try:
        found = schema_of(octets)
        value = data.parse(octets)
    except DecodeError as error:
        raise _unmatched(f"{what} ({error})") from None
    if not fits(schema, found, value):
        raise _unmatched(what)
    return _as_declared(schema, found, value)


def fits(declared: Schema[Any], found: Schema[Any], value: Any) -> bool:
    """Whether *value*, whose type was *found* in its octets, is of the *declared* type."""
    if declared.tag == ANY_TAG:
        return not declared.parts or any(fits(part, found, value) for part in declared.parts)
    if declared.tag == OCTET_STRING.tag and found.tag in _MOMENTS:
        return declared.size in (None, _MOMENTS[found.tag])
    if found.tag == COMPACT_ARRAY and declared.tag == ARRAY:
        return all(fits(declared.parts[0], found.parts[0], element) for element in value)
    if declared.tag != found.tag:
        return False
    if declared.tag == ARRAY:
        return declared.size in (None, len(value)) and _elements_fit(declared.parts, found.parts, value)
    if declared.tag == STRUCTURE:
        return len(declared.parts) == len(found.parts) and all(map(fits, declared.parts, found.parts, value))
    return declared.size is None or declared.size == len(value)


def _elements_fit(declared: tuple[Schema[Any], ...], found: tuple[Schema[Any], ...], values: list[Any]) -> bool:
    """Whether each element of an array is of its type; one type stands for all elements."""
    types = declared * len(values) if len(declared) == 1 else declared
    kinds = found * len(values) if len(found) == 1 else found
    return len(types) == len(values) and all(map(fits, types, kinds, values))


def _as_declared(declared: Schema[Any], found: Schema[Any], value: Any) -> Any:
    if declared.tag == OCTET_STRING.tag and found.tag in _MOMENTS:
        return value.octets
    if declared.tag == STRUCTURE:
        return tuple(map(_as_declared, declared.parts, found.parts, value))
    if declared.tag == ARRAY and declared.parts and found.parts and found.tag == ARRAY:
        kinds = found.parts * len(value) if len(found.parts) == 1 else found.parts
        return list(map(_as_declared, declared.parts * len(value), kinds, value))
    return value


def _unmatched(what: str) -> AccessError:
    result = DataAccessResult.type_unmatched
    return AccessError(int(result), what, result.words)
