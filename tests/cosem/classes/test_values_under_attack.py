"""Whatever a client writes, invokes and selects in whatever order: an answer or a refusal, and the device runs on."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anymeter.cosem import schema as s
from anymeter.cosem.classes.activation import RegisterActivation
from anymeter.cosem.classes.compact import CompactData
from anymeter.cosem.classes.data import Data
from anymeter.cosem.classes.demand import DemandRegister
from anymeter.cosem.classes.profile import ProfileGenericV0
from anymeter.cosem.classes.registers import ExtendedRegister
from anymeter.cosem.classes.tables import RegisterTable, StatusMapping, UtilityTables
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.selection import CAPTURE_OBJECT, CaptureObject, EntryDescriptor, RangeDescriptor
from anymeter.cosem.walk import skip
from anymeter.errors import AccessError, LocalError
from anymeter.obis import Obis
from cosem.strategies import SIMPLE_VALUES
from value_meters import CLOCK, COLUMNS, ENERGY, LOAD_PROFILE, STATUS, meter, utc

START = utc("2026-03-28T23:50")
NUMBERS = {2: s.DOUBLE_LONG_UNSIGNED, 3: s.DOUBLE_LONG_UNSIGNED, 5: s.UNSIGNED}
NAMES = [CLOCK, STATUS, ENERGY, LOAD_PROFILE, *(Obis(f"0-0:96.50.{e}*255") for e in range(7))]


def device():
    more = [
        ProfileGenericV0(LOAD_PROFILE, capture_objects=COLUMNS, capture_period=900, profile_entries=20),
        DemandRegister(NAMES[4], types=NUMBERS, number_of_periods=3),
        RegisterActivation(
            NAMES[5], register_assignment=[(3, bytes(ENERGY))], mask_list=[(b"a", [1])], active_mask=b"a"
        ),
        CompactData(NAMES[6], capture_objects=[(7, bytes(LOAD_PROFILE), 2, 0, (0, None))]),
        RegisterTable(NAMES[7], table_cell_definition=(3, bytes(ENERGY), [0, 1], 2)),
        ExtendedRegister(NAMES[8], value=1, types={2: s.DOUBLE_LONG_UNSIGNED, 4: s.UNSIGNED}),
        StatusMapping(NAMES[9], mapping_table=(1, 5)),
        UtilityTables(NAMES[10]),
    ]
    made = meter(*more)
    assert isinstance(made.objects[STATUS], Data)
    made.advance(START)
    return made


moments = st.one_of(
    st.binary(min_size=12, max_size=12),
    st.builds(
        lambda *parts: DateTime.of(*parts).octets,
        st.sampled_from([None, 1, 1970, 2026, 2199, 9999]),
        st.sampled_from([None, 1, 3, 12, 0xFE]),
        st.sampled_from([None, 1, 29, 31, 0xFE]),
        st.sampled_from([None, 7]),
        *[st.sampled_from([None, 0, 23])] * 3,
    ),
)
names = st.sampled_from(NAMES).map(bytes)
columns = st.tuples(st.sampled_from([1, 3, 4, 5, 7, 8, 61, 62]), names, st.integers(0, 8), st.sampled_from([0, 1, 2]))


def values(schema):
    """Values of a type, dates and names that mean something among them."""
    if schema == s.OCTET_STRING_DATE_TIME:
        return moments
    if schema.tag == s.ANY_TAG:
        return st.one_of([values(part) for part in schema.parts]) if schema.parts else st.none() | st.booleans()
    if schema.tag == s.STRUCTURE:
        if schema == CAPTURE_OBJECT:
            return columns
        return st.tuples(*[values(part) for part in schema.parts])
    if schema.tag in (s.ARRAY, s.COMPACT_ARRAY):
        return st.lists(values(schema.parts[0]), max_size=3) if schema.parts else st.just([])
    if schema.tag == s.OCTET_STRING.tag and schema.size == 6:
        return names
    if schema in (s.DOUBLE_LONG_UNSIGNED, s.LONG_UNSIGNED):
        return st.sampled_from([0, 1, 2, 7, 60, 900, 3600]) | SIMPLE_VALUES[schema]
    return SIMPLE_VALUES[schema]


limits = st.one_of(st.none(), moments, moments.map(DateTime), st.integers(0, 9))
selections = st.one_of(
    st.builds(
        lambda start, end, restricting, chosen: RangeDescriptor(
            start=start, end=end, restricting=CaptureObject.parse(restricting), columns=tuple(chosen)
        ),
        limits,
        limits,
        st.just(COLUMNS[0]) | columns,
        st.lists(columns.map(CaptureObject.parse), max_size=2),
    ),
    st.builds(EntryDescriptor, first=st.integers(0, 30), last=st.integers(0, 30), last_column=st.integers(0, 4)),
)


def encoded(schema, value):
    """The octets of a value; of one that does not fit (elements of one type each), something else."""
    try:
        return schema.encode(value)
    except LocalError:
        return b"\x01\x01\x00"


def attack(made, data, now):
    """One request of a client: set, action, get, or get with selection."""
    obj = made.objects[data.draw(st.sampled_from(NAMES))]
    what = data.draw(st.sampled_from(["write", "invoke", "select", "read"]))
    if what == "write":
        number = data.draw(st.sampled_from(sorted(obj.attributes)))
        schema = obj.schema_of(number)
        obj.write(number, encoded(schema, data.draw(values(schema))), now)
    elif what == "invoke" and obj.methods:
        number = data.draw(st.sampled_from(sorted(obj.methods)))
        schema = obj.methods[number].schema
        obj.invoke(number, encoded(schema, data.draw(values(schema))), now)
    elif what == "select":
        chosen = data.draw(selections)
        octets = made.objects[LOAD_PROFILE].select(2, chosen.selector, chosen.encode(), now)
        assert skip(octets) == len(octets)
    for number in obj.attributes:
        octets = obj.encoded(number, now)
        assert skip(octets) == len(octets)


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_order_of_requests(data):
    made, now = device(), START
    for _ in range(data.draw(st.integers(1, 12))):
        with suppress(AccessError):
            attack(made, data, now)
        now += data.draw(st.sampled_from([0, 1, 10, 30]))
        made.advance(now)
