"""What the talking verbs have in common: keys, password, trace, progress, errors, exit status."""

from __future__ import annotations

import io
import json

import pytest

import driver_meters
import heat_meter
from anymeter.cli import status
from anymeter.cli.talking import PASSWORD, Progress, Talk
from anymeter.errors import (
    AccessError,
    AssociationRefused,
    DecodeError,
    LinkError,
    LinkTimeout,
    LocalError,
    ServiceRefused,
)
from cli_runs import objects, run

URL = "dlms+tcp://127.0.0.1:{}?client=32"


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(scope="module")
def port():
    with heat_meter.serving() as server:
        yield server.port


@pytest.fixture
def talk():
    return Talk("dlms+tcp://h", None, False, False, io.StringIO())


@pytest.mark.parametrize(
    ("error", "exit_status"), [(LinkError("gone"), 1), (AccessError(3, "it"), 1), (LocalError("illegal"), 2)]
)
def test_an_error_is_a_sentence_and_a_status(talk, capsys, error, exit_status):
    def work():
        raise error

    assert talk.run(work) == exit_status
    assert capsys.readouterr().err == f"anymeter: {error}\n"


def test_an_error_is_an_object(capsys):
    talk = Talk("dlms+tcp://h", None, True, False, io.StringIO())
    talk.failed(LinkError("h:4059: gone"))
    assert json.loads(talk.out.getvalue()) == {
        "schema": "anymeter.error/1",
        "error": "LinkError",
        "what": "",
        "at": None,
        "why": "h:4059: gone",
        "input": "dlms+tcp://h",
    }
    assert capsys.readouterr().err == ""


def test_an_interrupt_leaves_no_progress_behind(talk):
    terminal = Terminal()
    talk.progress = Progress(terminal)

    def work():
        talk.progress.octets(5)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        talk.run(work)
    assert terminal.getvalue().endswith("\r        \r")


def test_work_has_a_status_of_its_own(talk):
    assert talk.run(lambda: status.PARTLY) == 3


def test_a_url_that_cannot_be_meant_is_found_before_anything_is_sent():
    with pytest.raises(LocalError, match="is unknown"):
        Talk("http://h", None, False, False, io.StringIO()).run(lambda: 0)


@pytest.mark.parametrize(("url", "layers"), [("dlms+udp://h", ("wrapper",)), ("dlms+hdlc+tcp://h", ("hdlc",))])
def test_layers(url, layers):
    assert Talk(url, None, False, False, io.StringIO()).layers == layers


def test_the_password_comes_from_the_environment(port, monkeypatch):
    monkeypatch.setenv(PASSWORD, heat_meter.PASSWORD)
    assert run("read", URL.format(port), "6-0:1.0.0")[0] == 0
    monkeypatch.setenv(PASSWORD, "wrong")
    exit_status, out, err = run("read", URL.format(port), "6-0:1.0.0")
    assert (exit_status, out) == (1, "")
    why = "the association was refused: authentication-failure (rejected-permanent)"
    advice = "check the password in the keys file, and client= in the URL"
    assert err == f"anymeter: 127.0.0.1:{port}, client 32, server 1: {why}; {advice}\n"


def test_the_password_comes_from_a_keys_file(port, tmp_path, monkeypatch):
    monkeypatch.delenv(PASSWORD, raising=False)
    keys = tmp_path / "keys.toml"
    keys.write_text(f'[meters."127.0.0.1:{port}"]\npassword = "{heat_meter.PASSWORD}"\n')
    keys.chmod(0o600)
    assert run("read", "--keys", str(keys), URL.format(port), "6-0:1.0.0")[0] == 0
    keys.chmod(0o644)
    exit_status, _, err = run("read", "--keys", str(keys), URL.format(port))
    assert exit_status == 2
    assert "can be read by others" in err


def test_a_password_never_stands_in_a_url(port):
    exit_status, out, err = run("read", URL.format(port) + "&password=geheim")
    assert (exit_status, out) == (2, "")
    assert "--keys" in err
    assert "geheim" not in err


def test_the_trace_shows_every_octet_but_the_password(port, monkeypatch):
    monkeypatch.setenv(PASSWORD, heat_meter.PASSWORD)
    exit_status, out, err = run("read", "-v", URL.format(port), "6-0:1.0.0")
    assert exit_status == 0
    assert "energy" in out
    lines = err.splitlines()
    assert lines[0].startswith("→ 00 01 00 20 00 01 00 38 60 36")
    assert [line[0] for line in lines if line[0] != " "] == ["→", "←"] * 3
    assert "·· ··" in err
    assert "31 32 33 34" not in err
    assert max(map(len, lines)) == 2 + 32 * 3 - 1


def test_nobody_is_there():
    exit_status, out, err = run("read", f"dlms+tcp://127.0.0.1:{driver_meters.closed_port()}")
    assert (exit_status, out) == (1, "")
    assert err.endswith(": connection refused\n")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            AssociationRefused(1, 12, "no"),
            "h:4059, client 16, server 1: {}; this client has to give a password: --keys FILE",
        ),
        (AssociationRefused(1, 99, "no"), "h:4059, client 16, server 1: {}"),
        (LinkTimeout("h:4059: silent"), "{}; check port and link, or wait longer with timeout= in the URL"),
        (DecodeError("60 stands where 61 should", what="APDU", at=0), "h:4059: {}"),
        (ServiceRefused("service-not-allowed"), "h:4059: {}"),
        (AccessError(3, "1-0:1.8.0*255 value"), "{}"),
    ],
)
def test_a_sentence_says_what_where_and_what_may_help(talk, error, sentence):
    assert talk.sentence(error) == sentence.format(error)


def test_another_logical_device_is_named(talk):
    assert talk.sentence(AssociationRefused(1, 1, "no"), 17).startswith("h:4059, client 16, server 17: ")


def test_what_a_silent_hdlc_line_may_lack():
    talk = Talk("dlms+hdlc+tcp://h", None, False, False, io.StringIO())
    assert "check port, physical= and server=" in talk.sentence(LinkTimeout("h:4059: no answer"))


def test_nobody_is_there_in_json():
    exit_status, out, err = run("read", "--json", f"dlms+tcp://127.0.0.1:{driver_meters.closed_port()}")
    [form] = objects(out)
    assert (exit_status, form["error"], err) == (1, "LinkError", "")


def test_progress_is_for_terminals():
    terminal, file = Terminal(), io.StringIO()
    for out in (terminal, file):
        progress = Progress(out)
        progress.clear()
        progress.steps(1, 100)
        progress.octets(5)
        progress.clear()
    assert file.getvalue() == ""
    assert terminal.getvalue() == "\r1 of 100\r5 octets\r" + " " * 8 + "\r"
