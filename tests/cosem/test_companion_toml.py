from __future__ import annotations

import os

import pytest

from anymeter.cosem import companion_toml
from anymeter.cosem.companion_toml import FOLDER, load, parse, shipped
from anymeter.errors import LocalError

LEAST = 'name = "x"\n'


def test_what_is_left_out_has_defaults():
    text = parse(LEAST)
    assert (text.name, text.medium, text.object) == ("x", "", [])
    assert [(d.sap, d.name) for d in text.device] == [(1, "{manufacturer}{number:013}")]
    assert (text.link.hdlc.max_info_transmit, text.link.wrapper.port) == (128, 4059)


def test_the_shipped_profiles_are_those_of_the_issue():
    assert set(shipped()) >= {
        "access-point", "cold-water", "cooling", "electricity", "gas", "heat", "heat-cost-allocator", "hot-water",
    }  # fmt: skip


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_profile_is_named_as_its_file(name):
    text = load(name)
    assert text.name == name
    assert text.title
    assert text.source == f"{name}.toml"


def test_a_profile_is_loaded_from_a_path(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(LEAST)
    assert load(str(path)).source == "mine.toml"


def test_includes_lie_below_what_includes_them(tmp_path):
    (tmp_path / "below.toml").write_text(
        """
        name = "below"
        title = "below"
        access.value = { reader = "r", other = "r" }
        link.hdlc.window_transmit = 3
        [[association]]
        name = "reader"
        client = 32
        max_send_pdu = 512
        [[association]]
        name = "other"
        client = 33
        [[object]]
        name = "1-0:1.8.0*255"
        class = 3
        unit = "Wh"
        """
    )
    above = tmp_path / "above.toml"
    above.write_text(
        """
        name = "above"
        include = ["below.toml"]
        access.value = { reader = "rw" }
        access.more = {}
        [[association]]
        name = "reader"
        max_receive_pdu = 128
        [[object]]
        name = "1-0:1.8.0*255"
        scaler = 3
        [[object]]
        name = "1-0:2.8.0*255"
        class = 3
        [[object]]
        device = 2
        name = "1-0:1.8.0*255"
        class = 4
        """
    )
    text = load(str(above))
    assert (text.name, text.title) == ("above", "below")
    assert text.access == {"value": {"reader": "rw", "other": "r"}, "more": {}}
    reader, other = text.association
    assert (reader.client, reader.max_send_pdu, reader.max_receive_pdu, other.client) == (32, 512, 128, 33)
    assert [(o.name, o.class_id, o.scaler, o.unit) for o in text.object] == [
        ("1-0:1.8.0*255", 3, 3, "Wh"),
        ("1-0:2.8.0*255", 3, 0, None),
        ("1-0:1.8.0*255", 4, 0, None),
    ]
    assert text.link.hdlc.window_transmit == 3


def test_profiles_that_include_each_other_are_refused(tmp_path):
    (tmp_path / "a.toml").write_text('name = "a"\ninclude = ["b.toml"]')
    (tmp_path / "b.toml").write_text('name = "b"\ninclude = ["a.toml"]')
    with pytest.raises(LocalError, match="include each other"):
        load(str(tmp_path / "a.toml"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("name = ", "water.toml: Invalid value"),
        ("title = 'x'", "water.toml: Object missing required field `name`"),
        (LEAST + "colour = 'red'", "water.toml: Object contains unknown field `colour`"),
        (LEAST + "schema = 'anymeter.companion/9'", "water.toml, schema: this is 'anymeter.companion/1', not"),
        (LEAST + "include = 5", "water.toml, include: a list of names"),
        (LEAST + "include = ['no-such']", r"no companion profile 'no-such' .*those that come along are .*cold-water"),
        (
            LEAST + "[[object]]\nname = '1-0:1.8.0*255'",
            r"water.toml, object 1 \(1-0:1.8.0\*255\): .*required field `class`",
        ),
        (
            LEAST + "[[object]]\nname = '1-0:1.8.0*255'\nclass = 3\n[[object]]\nname = '1-0:2.8.0*255'\nclass = 'x'",
            r"water.toml, object 2 \(1-0:2.8.0\*255\), class: Expected `int`, got `str`",
        ),
        (
            LEAST + "[[object]]\nname = '1-0:1.8.0*255'\nclass = 3\nsize = 1",
            r"object 1 \(1-0:1.8.0\*255\): Object contains unknown field `size`",
        ),
        (LEAST + "[[association]]\nname = 'a'\nclient = 'b'", r"association 1 \(a\), client: Expected `int`"),
        (LEAST + "[link.hdlc]\nmax_info_transmit = 'x'", "water.toml, link.hdlc.max_info_transmit: Expected `int`"),
        (LEAST + "access = 5", "water.toml, access: Expected `object`"),
        (LEAST + "object = 5", "water.toml, object: Expected `array`"),
        (LEAST + "object = [5]", "water.toml, object 1: Expected `object`"),
    ],
)
def test_mistakes_name_the_file_the_table_and_the_key(text, why):
    with pytest.raises(LocalError, match=why):
        parse(text, "water.toml")


def test_a_file_that_is_not_there_is_told_with_those_that_are(tmp_path):
    for name in ("no-such", str(tmp_path / "no.toml")):
        with pytest.raises(LocalError, match=r"no companion profile .*electricity"):
            load(name)
    (tmp_path / "latin.toml").write_bytes(b'name = "\xe4"')
    with pytest.raises(LocalError, match="no companion profile"):
        load(str(tmp_path / "latin.toml"))


def test_every_file_in_the_folder_is_a_profile_or_common():
    names = {name.removesuffix(".toml") for name in os.listdir(FOLDER)}
    assert names == {*shipped(), "common"}
    assert companion_toml.load("common").name == "common"
