"""Readings that come with a code get the name that the code has."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from anymeter.bridge.reading import Meaning, Reading
from anymeter.obis import Obis
from anymeter.obis.names import short_name


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
