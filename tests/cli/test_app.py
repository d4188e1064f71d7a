"""The command as a whole: version, help with examples, wrong usage."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys

import pytest

import anymeter
from anymeter.cli import main
from anymeter.cli.app import app
from cli_runs import HEAT, hexa, objects, run

VERBS = ("decode", "explain", "obis", "read", "write", "call", "scan", "listen", "profile", "simulate", "demo")


def test_the_version():
    assert run("--version") == (0, f"anymeter {anymeter.__version__}\n", "")


def test_every_verb_is_told():
    status, out, _ = run("--help")
    assert status == 0
    assert [verb for verb in VERBS if verb in out] == list(VERBS)
    assert run("-h")[1] == out
    assert "Usage:" in "".join(run()[1:])


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb):
    status, out, _ = run(verb, "--help")
    assert status == 0
    assert f"Usage: anymeter {verb}" in out.replace("root", "anymeter")


@pytest.mark.parametrize("verb", ["decode", "explain", "obis"])
def test_the_example_of_the_help_works(verb):
    command = next(c for c in app.registered_commands if c.callback.__name__ == verb)
    for example in re.findall(rf"anymeter {verb} ([^,]+)", command.epilog):
        assert run(verb, *example.split())[0] == 0


@pytest.mark.parametrize("arguments", [["decipher"], ["decode", "--jason"], ["decode", "--key"], ["demo", "now"]])
def test_wrong_usage(arguments):
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert "Traceback" not in err


def test_a_mistake_of_the_callers_is_a_sentence_and_status_2(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["anymeter", "decode", "--as", "sml", hexa(HEAT)])
    with pytest.raises(SystemExit) as e:
        main()
    assert e.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("anymeter: 'sml' is none of ")


def test_main_ends_with_the_status_of_its_verb(monkeypatch, capsys):
    for argument, status in ((hexa(HEAT), 0), ("zz", 1)):
        monkeypatch.setattr(sys, "argv", ["anymeter", "decode", "--json", argument])
        with pytest.raises(SystemExit) as e:
            main()
        assert e.value.code == status
    assert [o["schema"] for o in objects(capsys.readouterr().out)] == ["anymeter.message/1", "anymeter.error/1"]


START = "import sys; from anymeter.cli import main; sys.argv[0] = 'anymeter'; main()"


def process(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-c", START, *arguments], capture_output=True, text=True, timeout=60, check=False, **options
    )


def test_the_whole_process():
    done = process("decode", "--json", "-", input=f"{hexa(HEAT)}\nzz\n")
    assert (done.returncode, done.stderr) == (3, "")
    assert [o["schema"] for o in objects(done.stdout)] == ["anymeter.message/1", "anymeter.error/1"]


def test_a_reader_that_goes_away_is_no_failure():
    with subprocess.Popen(
        [sys.executable, "-c", START, "decode", "--json", "-"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as running:  # fmt: skip
        running.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            running.stdin.write(f"{hexa(HEAT)}\n" * 2000)
            running.stdin.close()
        err = running.stderr.read()
    assert err == ""
    assert running.returncode == 0


HEAVY = ("numpy", "cryptography", "asyncio", "jsonschema")


def test_decoding_starts_without_what_it_does_not_need():
    code = START.replace("main()", "\ntry:\n    main()\nfinally:\n    print(*sys.modules)")
    done = subprocess.run(
        [sys.executable, "-c", code, "decode", "--json", hexa(HEAT)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "anymeter.mbus.records" in loaded
    assert not loaded & set(HEAVY)
