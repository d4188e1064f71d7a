"""What `import anymeter` brings along, seen in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys

import pytest

import anymeter

LATER = {
    "Decoder": "anymeter.decoding",
    "KeyRing": "anymeter.decoding",
    "connect": "anymeter.drivers.connect",
    "connect_sync": "anymeter.drivers.connect_sync",
    "decode": "anymeter.decoding",
}


def loaded(code):
    """The names of all modules that are there after *code*."""
    program = f"import sys; {code}; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    return set(done.stdout.split())


def rooms(names):
    return {name.split(".")[1] for name in names if name.startswith("anymeter.")}


def test_importing_anymeter_opens_no_room_with_sockets():
    names = loaded("import anymeter")
    assert {"anymeter", "anymeter.bridge.reading", "anymeter.errors"} <= names
    assert not {"asyncio", "socket", "select", "numpy", "pyarrow", "pandas", "typer"} & names
    assert not {"decoding", "dlms", "mbus", "drivers", "simulator", "cli"} & rooms(names)
    assert not {name for name in names if name.startswith("anymeter.cosem.classes")}


@pytest.mark.parametrize("name", LATER)
def test_a_later_name_brings_its_room(name):
    names = loaded(f"import anymeter; anymeter.{name}")
    assert LATER[name] in names
    assert "numpy" not in names


def test_decoding_needs_no_drivers():
    assert "drivers" not in rooms(loaded("import anymeter; anymeter.decode"))


def test_blocking_connections_need_no_asyncio():
    assert "asyncio" not in loaded("import anymeter; anymeter.connect_sync")


def test_the_verbs_that_decode_need_no_drivers():
    names = loaded("import anymeter.cli")
    assert not {"asyncio", "socket", "numpy"} & names
    assert "drivers" not in rooms(names)


@pytest.mark.parametrize("name", LATER)
def test_a_later_name_is_found_once(name):
    assert name in anymeter.__all__
    assert getattr(anymeter, name) is getattr(anymeter, name)
    assert vars(anymeter)[name] is getattr(anymeter, name)


def test_no_other_name_is_made_up():
    with pytest.raises(AttributeError, match="has no attribute 'conect'"):
        anymeter.conect  # noqa: B018
