"""What anyone may import is written down; nothing becomes public, or vanishes, unseen."""

from __future__ import annotations

import importlib

import pytest

from house import names, shape


def test_the_list_is_that_of_the_source():
    wrong = names.difference(names.listed(names.LIST.read_text(encoding="utf-8")), names.found())
    assert not wrong, "tests/house/public_names.txt differs from the source:\n" + "\n".join(wrong)


def test_the_list_is_in_order_and_without_doubles():
    written = names.listed(names.LIST.read_text(encoding="utf-8"))
    assert written == sorted(set(written), key=written.index)
    assert written == [name for name in names.found() if name in written]


@pytest.mark.parametrize("room", shape.rooms())
def test_each_name_is_there_when_imported(room):
    module = importlib.import_module(room)
    missing = [name for name in shape.public_names(shape.rooms()[room].read_text()) if not hasattr(module, name)]
    assert not missing, f"{room} promises {missing}"


@pytest.mark.parametrize(
    ("written", "real", "wrong"),
    [
        (["anymeter.a"], ["anymeter.a"], []),
        (["anymeter.a"], ["anymeter.a", "anymeter.b"], ["+ anymeter.b"]),
        (["anymeter.a", "anymeter.b"], ["anymeter.b"], ["- anymeter.a"]),
    ],
)
def test_a_difference_is_seen(written, real, wrong):
    assert names.difference(written, real) == wrong


def test_comments_and_blanks_are_no_names():
    assert names.listed("# why\n\n anymeter.a\n") == ["anymeter.a"]
