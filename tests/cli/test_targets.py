"""Objects, attributes and methods as written on a command line."""

from __future__ import annotations

import pytest

from anymeter.cli.targets import target
from anymeter.errors import LocalError
from anymeter.obis import Obis

ENERGY = Obis("1-0:1.8.0*255")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1-0:1.8.0", (ENERGY, None)),
        (" 1-0:1.8.0*255 ", (ENERGY, None)),
        ("1-0:1.8.0.255", (ENERGY, None)),
        ("1.0.1.8.0.255", (ENERGY, None)),
        ("0100010800FF", (ENERGY, None)),
        ("1-0:1.8.0*3", (Obis("1-0:1.8.0*3"), None)),
        ("1-0:1.8.0.3", (ENERGY, "3")),
        ("1-0:1.8.0*255.3", (ENERGY, "3")),
        ("1-0:1.8.0&3.0", (Obis("1-0:1.8.0*3"), "0")),
        ("1-0:1.8.0.-1", (ENERGY, "-1")),
        ("1-0:1.8.0.scaler_unit", (ENERGY, "scaler_unit")),
        ("1-0:1.8.0.scaler unit", (ENERGY, "scaler unit")),
        ("1.0.1.8.0.255.2", (ENERGY, "2")),
        ("0100010800FF.value", (ENERGY, "value")),
    ],
)
def test_what_is_read(text, wanted):
    assert target(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1.8.0",
        "1.8.0.2",
        "energy",
        "1-0:1.8",
        "1-0:1.8.0.",
        "1-0:1.8.0..2",
        "1-0:1.8.0*",
        "1-0:1.8.0.2.3",
        "1-0:1.8.0/2",
        "１-0:1.8.0",
    ],
)
def test_what_names_no_object(text):
    with pytest.raises(LocalError, match="names no object: write A-B:C"):
        target(text)


@pytest.mark.parametrize("text", ["1-0:1.8.256", "999-0:1.8.0.2", "1-0:1.8.0*256"])
def test_value_groups_hold_an_octet(text):
    with pytest.raises(LocalError, match="holds 0 to 255"):
        target(text)
