"""Every fuzz target holds without atheris too: on garbage, and on our own vectors cut short or changed."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FUZZ = Path(__file__).resolve().parents[2] / "fuzz"


def loaded(name):
    """A module of the fuzz folder, under a name of its own."""
    spec = importlib.util.spec_from_file_location(f"fuzz_{name}", FUZZ / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


harness, corpus = loaded("harness"), loaded("corpus")
TARGETS = harness.targets()
OWN = corpus.own_vectors()
WANTED = ("hdlc", "wrapper", "axdr", "apdu", "acse", "server", "mbus_records", "wireless", "mbus_frame", "iec62056_21")


@pytest.fixture(scope="module", params=TARGETS)
def one(request):
    return harness.load(TARGETS[request.param]).one


def test_there_is_a_target_for_every_way_in():
    missing = [wanted for wanted in WANTED if not any(wanted in name for name in TARGETS)]
    assert not missing, f"of {', '.join(TARGETS)}"


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_names_the_errors_it_allows_at_its_top(name):
    lines = TARGETS[name].read_text(encoding="utf-8").splitlines()
    place = next((number for number, line in enumerate(lines) if line.startswith("ALLOWED")), None)
    assert place is not None, f"fuzz/{name}.py has no ALLOWED = (…)"
    assert not any(line.startswith("def ") for line in lines[:place])


@given(octets=st.binary(max_size=300))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_garbage(one, octets):
    one(octets)


@pytest.mark.skipif(not OWN, reason="there are no vectors yet")
@given(data=st.data())
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_own_vectors_with_some_octets_changed(one, data):
    octets = bytearray(data.draw(st.sampled_from(OWN)))
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    one(bytes(octets))


@pytest.mark.slow
def test_every_own_vector_and_its_truncations(one):
    for octets in OWN:
        for end in range(min(len(octets), 300) + 1):
            one(octets[:end])
        one(octets)


@pytest.mark.parametrize(
    "octets", [b"\x00" * 10_240, b"\xff" * 10_240, b"\x01\x84\xff\xff\xff\xff", b"\x01\x01" * 5_000]
)
def test_what_means_harm(one, octets):
    one(octets)


# What follows shows that the harness and the corpus do what they say.


def test_a_target_is_loaded_by_its_path(tmp_path):
    path = tmp_path / "trivial.py"
    path.write_text("ALLOWED = (ValueError,)\n\n\ndef one(octets):\n    if octets == b'x':\n        raise KeyError\n")
    module = harness.load(path)
    assert module.one(b"y") is None
    with pytest.raises(KeyError):
        module.one(b"x")


def test_running_a_target_starts_it_anew_under_the_harness(monkeypatch):
    started = []
    monkeypatch.setattr(harness.os, "execv", lambda path, arguments: started.append((path, arguments)))
    monkeypatch.setattr(sys, "argv", ["target.py", "-runs=5"])
    harness.run(test_running_a_target_starts_it_anew_under_the_harness)
    assert started == [(sys.executable, [sys.executable, harness.__file__, __file__, "-runs=5"])]


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        ("C0 01 C1", b"\xc0\x01\xc1"),
        ("c001\n c100", b"\xc0\x01\xc1\x00"),
        ("/ABC5x\r\n\r\n1.8.0(1)\r\n!\r\n", b"/ABC5x\r\n\r\n1.8.0(1)\r\n!\r\n"),
        ("composed from EN 13757-3", None),
        ("a get request", None),
        ("C", None),
    ],
)
def test_a_string_of_a_vector_is_octets_or_words(text, octets):
    assert corpus.octets(text) == octets


def test_own_vectors_are_found_however_deep_and_once(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.toml").write_text(
        'source = "x"\n[[vector]]\noctets = "C001"\n[vector.more]\nlist = ["C0 02", 5]\n'
    )
    (tmp_path / "c.toml").write_text('octets = "c001"\n')
    assert corpus.own_vectors(tmp_path) == [b"\xc0\x01", b"\xc0\x02"]


def test_seeds_are_files_named_by_their_contents(tmp_path, monkeypatch):
    monkeypatch.setattr(corpus, "own_vectors", lambda: [b"\x01", b"\x02"])
    assert corpus.write(tmp_path / "seeds") == 2
    assert corpus.write(tmp_path / "seeds") == 2
    assert sorted(path.read_bytes() for path in (tmp_path / "seeds").iterdir()) == [b"\x01", b"\x02"]
