"""OBIS: codes, their names and the tables of clause 11. Codes by words: :mod:`anymeter.obis.search`."""

from anymeter.obis.billing import Scheme, period_age, period_code, scheme
from anymeter.obis.code import Obis, Written, read
from anymeter.obis.names import Description, Group, describe, short_name
from anymeter.obis.pattern import Pattern
from anymeter.obis.table import Row, class_names, countries, lookup, rows

__all__ = [
    "Description",
    "Group",
    "Obis",
    "Pattern",
    "Row",
    "Scheme",
    "Written",
    "class_names",
    "countries",
    "describe",
    "lookup",
    "period_age",
    "period_code",
    "read",
    "rows",
    "scheme",
    "short_name",
]
