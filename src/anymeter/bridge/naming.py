"""Readings that come with a code get the name that the code has, and tell the medium of their meter."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import msgspec

from anymeter.bridge.reading import Meaning, Reading
from anymeter.obis import Obis
from anymeter.obis.names import short_name

MEDIA: Final = {
    1: "electricity",
    4: "heat cost allocator",
    5: "cooling",
    6: "heat",
    7: "gas",
    8: "cold water",
    9: "hot water",
}
"""Value group A as the medium of a meter."""


def medium_of(readings: Iterable[Reading]) -> str | None:
    """The medium that the first reading of a quantity tells; None where there is none.

    >>> medium_of([Reading(Meaning(obis=Obis("7-0:13.2.0")), 5)])
    'gas'
    """
    told = (r.meaning.obis for r in readings if r.meaning.obis is not None and r.meaning.obis.a and r.meaning.obis.c)
    return next((MEDIA.get(obis.a) for obis in told), None)


def named(reading: Reading) -> Reading:
    """The same reading with the short name of its code, where it has a code and no name.

    >>> named(Reading(Meaning(obis=Obis("1-0:1.8.0")), 5)).name
    'active energy import (+A), total'
    """
    meaning = reading.meaning
    if meaning.name or meaning.obis is None:
        return reading
    return Reading(_named(meaning), reading.number, reading.raw, reading.time, reading.status)


@lru_cache(maxsize=4096)
def _named(meaning: Meaning) -> Meaning:
    obis = meaning.obis or Obis(bytes(6))
    return msgspec.structs.replace(meaning, name=short_name(obis) or str(obis))
