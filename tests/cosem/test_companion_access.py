from __future__ import annotations

import pytest

from anymeter.cosem.access import (
    AUTHENTICATED_REQUEST,
    AUTHENTICATED_RESPONSE,
    ENCRYPTED_REQUEST,
    ENCRYPTED_RESPONSE,
    SIGNED_REQUEST,
    Rights,
)
from anymeter.cosem.classes.profile import ProfileGeneric
from anymeter.cosem.companion_access import parse, text_of
from anymeter.cosem.model import InterfaceClass, attribute, method
from anymeter.cosem.schema import INTEGER, OCTET_STRING, UNSIGNED
from anymeter.errors import LocalError

AE = AUTHENTICATED_REQUEST | ENCRYPTED_REQUEST


class Lamp(InterfaceClass, class_id=8901):
    """A lamp."""

    colour = attribute(2, UNSIGNED)
    brightness = attribute(3, UNSIGNED, dynamic=True)
    code = attribute(4, OCTET_STRING, secret=True)

    @method(1, INTEGER)
    def turn_on(self, data, now):
        """On."""

    @method(2, INTEGER)
    def turn_off(self, data, now):
        """Off."""

    @method(-1, INTEGER)
    def burn(self, data, now):
        """The maker's own."""


@pytest.mark.parametrize(
    ("text", "attributes", "methods"),
    [
        ("", {}, {}),
        ("r", {1: 1, 2: 1, 3: 1, 4: 0}, {}),
        ("rw", {1: 1, 2: 3, 3: 3, 4: 2}, {}),
        ("w", {1: 1, 2: 2, 3: 2, 4: 2}, {}),
        ("x", {1: 1}, {1: 1, 2: 1}),
        ("rwx", {1: 1, 2: 3, 3: 3, 4: 2}, {1: 1, 2: 1}),
        ("rwx, burn() x", {1: 1, 2: 3, 3: 3, 4: 2}, {1: 1, 2: 1, -1: 1}),
        ("-1() x", {1: 1}, {-1: 1}),
        ("-", {1: 0, 2: 0, 3: 0, 4: 0}, {1: 0, 2: 0}),
        ("r, colour rw", {1: 1, 2: 3, 3: 1, 4: 0}, {}),
        ("r, 3 -", {1: 1, 2: 1, 3: 0, 4: 0}, {}),
        ("colour r", {1: 1, 2: 1}, {}),
        ("code w", {1: 1, 4: 2}, {}),
        ("r, turn_on() x", {1: 1, 2: 1, 3: 1, 4: 0}, {1: 1}),
        ("r, *() x, 2() -", {1: 1, 2: 1, 3: 1, 4: 0}, {1: 1, 2: 0}),
        ("* rw, brightness r", {1: 1, 2: 3, 3: 1, 4: 2}, {}),
        ("rw:ae", {1: 1 | AE, 2: 3 | AE, 3: 3 | AE, 4: 2 | AE}, {}),
        ("rx:a/e", {1: 1 | 4 | 64, 2: 1 | 4 | 64, 3: 1 | 4 | 64, 4: 0}, {1: 1 | 4 | 64, 2: 1 | 4 | 64}),
        (
            "turn_on() x:aes/ae",
            {1: 1},
            {1: 1 | AE | SIGNED_REQUEST | AUTHENTICATED_RESPONSE | ENCRYPTED_RESPONSE},
        ),
    ],
)
def test_one_line_says_all_rights(text, attributes, methods):
    assert parse(text, Lamp) == Rights(attributes, methods)


def test_an_object_is_visible_where_anything_may_be_done_with_it():
    assert not parse("", Lamp).visible
    assert not parse("-", Lamp).visible
    assert parse("x", Lamp).visible


@pytest.mark.parametrize(
    ("text", "selectors"),
    [
        ("r", {2: (1, 2)}),
        ("r, buffer r[2]", {2: (2,)}),
        ("buffer r[]", {}),
        ("capture_objects r[1 3]", {3: (1, 3)}),
        ("w", {}),
    ],
)
def test_selectors_are_those_of_the_class_or_those_that_are_written(text, selectors):
    assert parse(text, ProfileGeneric).selectors == selectors


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("q", "not of the form"),
        ("r w", "no attribute 'r'; it has logical_name, colour"),
        ("size r", "class 8901 version 0 has no attribute 'size'"),
        ("9 r", "no attribute '9'"),
        ("explode() x", "no method 'explode'; it has turn_on, turn_off, burn"),
        ("turn_on x", "turn_on"),
        ("turn_on() r", "is invoked"),
        ("code r", "code of class 8901 can never be read"),
        ("1 w", "logical_name of class 8901 can never be written"),
        ("r:q", "not of the form"),
        ("colour r[x]", "not of the form"),
    ],
)
def test_mistakes_are_told(text, why):
    with pytest.raises(LocalError, match=why):
        parse(text, Lamp)


@pytest.mark.parametrize("text", ["r", "rw", "w", "-", "r:a", "rw:ae", "r:s/ae"])
def test_an_access_reads_back_as_it_was_written(text):
    assert text_of(parse(f"colour {text}", Lamp).attributes[2]) == text


@pytest.mark.parametrize("text", ["x", "-", "x:ae", "x:a/s"])
def test_so_does_that_of_a_method(text):
    assert text_of(parse(f"r, turn_on() {text}", Lamp).methods[1], method=True) == text
