"""COSEM objects to readings: which attributes say the value, in what unit, and when it was captured.

Source: EN 13757-1:2014, 6.4 and Annex B (Data, Register, Extended register, Demand register, Clock).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from anymeter.bridge.naming import named
from anymeter.bridge.push import attribute_reading
from anymeter.bridge.push_tree import moment_of
from anymeter.bridge.reading import Meaning, Reading
from anymeter.cosem import data
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.enums import DataAccessResult
from anymeter.cosem.values import Enum
from anymeter.dlms.descriptors import AttributeDescriptor
from anymeter.errors import AccessError, AnymeterError
from anymeter.obis import Obis
from anymeter.obis.names import short_name

if TYPE_CHECKING:
    from anymeter.cosem.model import InterfaceClass

DATA, REGISTER, EXTENDED_REGISTER, DEMAND_REGISTER, PROFILE_GENERIC, CLOCK = 1, 3, 4, 5, 7, 8
STATUS_MAPPING: Final = 63

Outcome: TypeAlias = bytes | AnymeterError
"""The octets of an attribute, or why there are none."""

VALUES: Final[dict[int, tuple[int, ...]]] = {
    DATA: (2,),
    REGISTER: (2,),
    EXTENDED_REGISTER: (2,),
    DEMAND_REGISTER: (2, 3),
    CLOCK: (2,),
    STATUS_MAPPING: (2,),
}
"""The attributes, by class, that are the values of an object; other classes have none."""
SCALER_UNIT: Final = {REGISTER: 3, EXTENDED_REGISTER: 3, DEMAND_REGISTER: 4}
"""The attribute of a class that holds scaler and unit."""
SCALED: Final = {cls: VALUES[cls] for cls in SCALER_UNIT}
"""The attributes of a class that scaler and unit apply to."""
CAPTURE_TIME: Final = {EXTENDED_REGISTER: 5, DEMAND_REGISTER: 6}
"""The attribute of a class that says when the value was captured."""
_CAPTURED: Final = {EXTENDED_REGISTER: 2, DEMAND_REGISTER: 3}
_OWN_NAMES: Final = {(DEMAND_REGISTER, 2): "current average", (DEMAND_REGISTER, 3): "last average"}
_NAMED: Final = frozenset({*((c, n) for c, numbers in VALUES.items() for n in numbers), (PROFILE_GENERIC, 2)}) | {
    (61, 2),
    (62, 2),
}


def is_value(attribute: AttributeDescriptor) -> bool:
    """Is this the attribute that an object's code stands for? The others describe the object or its value."""
    return (attribute.class_id, attribute.attribute_id) in _NAMED


def of_attribute(attribute: AttributeDescriptor, value: Any, octets: bytes, word: str = "") -> Reading:
    """An attribute beside the value: its name tells which one of which object, and it has no code of its own.

    *word* is what the interface class calls the attribute; without it stands its number.
    """
    obis = Obis(attribute.instance_id)
    name = f"{short_name(obis) or obis}, {word or f'attribute {attribute.attribute_id}'}"
    return msgspec.structs.replace(attribute_reading(obis, value), meaning=Meaning(name=name), raw=octets)


def wanted(class_id: int, *, scaler_known: bool = False) -> tuple[int, ...]:
    """The attributes to read of an object for its readings; none for classes without values.

    >>> wanted(3), wanted(3, scaler_known=True), wanted(5), wanted(7)
    ((2, 3), (2,), (2, 3, 4, 6), ())
    """
    scaler = SCALER_UNIT.get(class_id)
    extra = () if scaler is None or scaler_known else (scaler,)
    time = (CAPTURE_TIME[class_id],) if class_id in CAPTURE_TIME else ()
    return (*VALUES.get(class_id, ()), *extra, *time)


def scaler_unit_of(octets: bytes) -> tuple[int, int] | None:
    """Scaler and unit out of the attribute that holds them; None where it holds something else.

    >>> scaler_unit_of(bytes.fromhex("0202 0FFD 161E")), scaler_unit_of(bytes.fromhex("1105"))
    ((-3, 30), None)
    """
    if len(octets) == 6 and octets[:3] == b"\x02\x02\x0f" and octets[4] == 0x16:  # as nearly every meter writes it
        return (octets[3] ^ 0x80) - 0x80, octets[5]
    match data.parse(octets):
        case (int(scaler), Enum() as unit):
            return int(scaler), int(unit)
    return None


def object_readings(
    class_id: int,
    name: Obis,
    outcomes: Mapping[int, Outcome],
    *,
    scaler_unit: tuple[int, int] | None = None,
    deviation_sign: int = 1,
) -> list[Reading]:
    """The readings of one object: a value refused is a reading without value, its status says why.

    *outcomes* by attribute number, those of :func:`wanted`; *scaler_unit* where it is known already. Raises the
    error of a value that could not be read for other reasons than a refusal, and DecodeError.

    >>> said = {2: bytes.fromhex("06 000004D2"), 3: bytes.fromhex("0202 0F03 161E")}
    >>> [r] = object_readings(3, Obis("6-0:1.0.0"), said)
    >>> r.name, r.value, r.unit
    ('energy', 1234000, 'Wh')
    """
    told = outcomes.get(SCALER_UNIT.get(class_id, 0))
    if scaler_unit is None and isinstance(told, bytes):
        scaler_unit = scaler_unit_of(told)
    captured = _moment(outcomes.get(CAPTURE_TIME.get(class_id, 0)))
    readings = []
    for number in VALUES[class_id]:
        time = captured if _CAPTURED.get(class_id) == number else None
        reading = _reading(name, outcomes[number], scaler_unit, time)
        word = _OWN_NAMES.get((class_id, number))
        if word is not None:
            own = msgspec.structs.replace(reading.meaning, name=f"{reading.name}, {word}")
            reading = msgspec.structs.replace(reading, meaning=own)
        readings.append(reading)
    return readings


def attribute_readings(cls: type[InterfaceClass] | None, target: AttributeDescriptor, outcome: Outcome) -> Reading:
    """The reading of any attribute of any class, *cls* where it is known; errors as for :func:`object_readings`."""
    found = None if cls is None else cls.attributes.get(target.attribute_id)
    word = "" if found is None else found.name.replace("_", " ")
    if isinstance(outcome, bytes):
        return of_attribute(target, data.parse(outcome), outcome, word)
    name = of_attribute(target, None, b"", word).meaning
    return Reading(name, None, status=refusal(outcome))


def refusal(error: AnymeterError) -> str:
    """The status of what the meter refused; any other error is raised."""
    if not isinstance(error, AccessError):
        raise error
    return DataAccessResult(error.result).words


def _reading(name: Obis, outcome: Outcome, scaler_unit: tuple[int, int] | None, time: DateTime | None) -> Reading:
    if not isinstance(outcome, bytes):
        return named(Reading(Meaning(obis=name), None, status=refusal(outcome)))
    value = data.parse(outcome)
    if value.__class__ is int and scaler_unit is not None:
        return Reading(_measured(name, *scaler_unit), value, outcome, time)
    numeric = isinstance(value, int | float) and not isinstance(value, bool | Enum)
    reading = attribute_reading(name, value, scaler_unit=scaler_unit if numeric else None, time=time)
    return named(msgspec.structs.replace(reading, raw=outcome))


@lru_cache(maxsize=4096)
def _measured(name: Obis, scaler: int, unit: int) -> Meaning:
    """What a number of this object means: the same at every reading."""
    return named(attribute_reading(name, 0, scaler_unit=(scaler, unit))).meaning


def _moment(outcome: Outcome | None) -> DateTime | None:
    if not isinstance(outcome, bytes):
        return None
    moment = moment_of(data.parse(outcome))
    return moment if moment is not None and moment.specified else None
