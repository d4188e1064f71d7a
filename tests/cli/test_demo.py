"""``anymeter demo``: every sample with its readings, then how to decode one's own."""

from __future__ import annotations

import io

from anymeter.cli import demo
from anymeter.cli.samples import Sample, samples
from cli_runs import run


def test_every_sample_is_shown():
    status, out, err = run("demo")
    assert (status, err) == (0, "")
    places = [out.index(s.title) for s in samples()]
    assert places == sorted(places)
    assert "Error" not in out
    assert out.count("OBIS") == len(places)


def test_the_commands_it_shows_work():
    _, out, _ = run("demo")
    shown = [line.removeprefix("$ anymeter ").split() for line in out.splitlines() if line.startswith("$ anymeter")]
    assert len(shown) == len(list(samples()))
    whole = [arguments for arguments in shown if not arguments[-1].endswith("octets)")]
    for arguments in whole:
        assert run(*arguments)[0] == 0
    for arguments, sample in zip(shown, samples(), strict=True):
        options = sample.options.split()
        assert arguments[: 1 + len(options)] == ["decode", *options]
        assert run("decode", *sample.options.split(), sample.octets.hex())[0] == 0


def test_it_ends_with_what_to_do_next():
    out = run("demo")[1]
    for verb in ("anymeter decode", "anymeter explain", "anymeter obis", "anymeter.decode("):
        assert verb in out[out.index("Now one of your own") :]


def test_a_sample_that_fails_is_told(monkeypatch):
    broken = [next(samples()), Sample("broken", b"\x68\x00")]
    monkeypatch.setattr(demo, "samples", lambda: iter(broken))
    out = io.StringIO()
    assert demo.run(out) == 3
    assert "DecodeError" in out.getvalue()
    assert "68 00" in out.getvalue()
