"""Every interface class at once: which there are, and what holds for each of them."""

from __future__ import annotations

import ast
import contextlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anymeter.cosem import classes, data
from anymeter.cosem.model import InterfaceClass, interface_class, registered
from anymeter.cosem.schema import DOUBLE_LONG_UNSIGNED
from anymeter.errors import AccessError
from anymeter.obis import Obis, class_names
from class_cases import values

# Class ids and latest versions of Blue Book Ed. 17.
LATEST = """
1/0 3/0 4/0 5/0 6/0 7/1 8/0 9/0 10/0 11/0 12/4 15/3 17/0 18/0 19/1 20/0 21/0 22/0 23/1 24/1 25/0 26/0 27/1 28/2 29/2
30/0 40/3 41/0 42/0 43/0 44/0 45/0 46/0 47/2 48/0 50/1 51/0 52/0 53/0 55/1 56/0 57/0 58/0 59/0 61/0 62/1 63/0 64/1 65/1
66/0 67/0 68/0 70/2 71/0 72/2 73/1 74/0 76/0 77/0 80/0 81/0 82/0 83/0 84/0 85/0 86/0 90/1 91/4 92/4 95/0 96/0 97/0 98/0
100/0 101/0 102/0 103/0 104/0 105/0 111/0 112/0 113/0 115/0 116/0 122/0 123/0 124/0 126/0 127/0 128/0 129/0 130/0 131/0
132/1 133/1 140/0 141/0 142/0 143/0 151/1 152/0 153/0 160/0 161/1 162/1 170/0
"""
# Versions that EN 13757-1:2014 had.
OLDER = "12/2 15/1 28/0 40/0 47/0 55/0 62/0 64/0 65/0 70/0 72/0 72/1 73/0"

EVERY = list(registered())


def pairs(text):
    return [tuple(map(int, pair.split("/"))) for pair in text.split()]


def named(cls):
    return f"{cls.class_id}v{cls.version}"


# An object says what its class leaves open, where the value is a number from the start.
OPEN = {5: {2: DOUBLE_LONG_UNSIGNED, 3: DOUBLE_LONG_UNSIGNED}}


def empty(cls: type[InterfaceClass]) -> InterfaceClass:
    return cls(Obis("0-0:96.50.0*255"), types=OPEN.get(cls.class_id))


@pytest.mark.parametrize(("class_id", "version"), pairs(LATEST))
def test_the_latest_version_of_every_class_is_declared(class_id, version):
    cls = interface_class(class_id, version)
    assert cls is not None
    assert (cls.class_id, cls.version) == (class_id, version)


@pytest.mark.parametrize(("class_id", "version"), pairs(OLDER))
def test_versions_of_the_standard_are_declared(class_id, version):
    assert interface_class(class_id, version) is not None


def test_there_are_as_many_as_promised():
    assert len({cls.class_id for cls in EVERY}) >= 90
    assert len({(cls.class_id, cls.version) for cls in EVERY}) >= 120
    assert len(EVERY) == len(set(EVERY))


def test_a_class_that_nobody_has_described_is_none():
    assert interface_class(2, 0) is None
    assert interface_class(3, 9) is None


def declares(path: Path) -> bool:
    """Whether a module has the body of an interface class."""
    bodies = [node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.ClassDef)]
    return any(keyword.arg == "class_id" for body in bodies for keyword in body.keywords)


def test_every_module_that_declares_is_imported_by_the_package():
    assert [path.stem for path in sorted(Path(classes.__path__[0]).glob("*.py")) if declares(path)] == classes.__all__


def test_every_class_has_a_name_and_begins_with_it():
    names = class_names()
    assert {cls.class_id for cls in EVERY} == set(names)
    wrong = [cls for cls in EVERY if not cls.__doc__.lower().startswith(names[cls.class_id].lower())]
    assert not wrong, [(named(cls), names[cls.class_id], cls.__doc__.splitlines()[0]) for cls in wrong]


@pytest.mark.parametrize("cls", EVERY, ids=named)
def test_a_declaration_says_what_it_is(cls):
    assert cls.__doc__, cls
    assert cls.clause, cls
    assert cls.catalogued == (set(cls.attributes) == {1})
    assert (cls.methods_at is None) or cls.methods
    numbers = [number for number in cls.methods if number > 0]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("cls", EVERY, ids=named)
def test_words_are_those_of_numbers(cls):
    for found in cls.attributes.values():
        if found.words:
            assert found.schema.name == "enum", found
            assert all(0 <= number <= 255 and text for number, text in found.words.items())


@pytest.mark.parametrize("cls", EVERY, ids=named)
def test_short_names_of_methods_follow_those_of_attributes(cls):
    if cls.methods_at is not None:
        last = max(a.short_offset for a in cls.attributes.values())
        for number, found in cls.methods.items():
            assert found.short_offset == (cls.methods_at + 8 * (number - 1) if number > 0 else None)
        assert cls.methods_at % 8 == 0
        assert cls.methods_at > last or cls.class_id == 11  # Special days table: its methods begin early


@pytest.mark.parametrize("cls", EVERY, ids=named)
def test_an_object_without_values_is_readable(cls):
    obj = empty(cls)
    for number, found in cls.attributes.items():
        octets = obj.encoded(number, 0)
        assert octets, found
        data.parse(octets)


@pytest.mark.parametrize("cls", EVERY, ids=named)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(draw=st.data())
def test_what_is_written_is_read(cls, draw):
    obj = empty(cls)
    for number, found in cls.attributes.items():
        if number == 1 or number in cls._writers or number in cls._readers:
            continue
        schema = obj.schema_of(number)
        value = draw.draw(values(schema), label=found.name)
        octets = schema.encode(value)
        obj.write(number, octets, 0)
        assert obj.encoded(number, 0) == octets, found
        assert data.parse(octets) == obj.get(number, 0)


@pytest.mark.parametrize("cls", EVERY, ids=named)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(octets=st.binary(max_size=24))
def test_garbage_is_refused_or_taken_but_breaks_nothing(cls, octets):
    obj = empty(cls)
    for number in (*cls.attributes, 99, -1):
        with contextlib.suppress(AccessError):
            obj.write(number, octets, 0)
    for number in (*cls.methods, 99, -1):
        with contextlib.suppress(AccessError):
            obj.invoke(number, octets, 0)
    for number in cls.attributes:
        assert obj.encoded(number, 0)


@pytest.mark.parametrize("cls", EVERY, ids=named)
def test_the_name_of_an_object_stays(cls):
    with pytest.raises(AccessError):
        empty(cls).write(1, b"\x09\x06\x00\x00\x01\x00\x00\xff", 0)
