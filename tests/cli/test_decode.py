"""``anymeter decode``: every way in, every way out, and what it says when something is wrong."""

from __future__ import annotations

import io
import os
import sys

import pytest

import capture_files as files
import cli_runs as cli
import dlms_talk as talk
import message_cases as cases
from anymeter.cli import app
from anymeter.cli import decode as verb
from anymeter.cli.decode import Sources, key_ring
from anymeter.errors import LocalError
from anymeter.links.wrapper import Wpdu
from cli_runs import GAS, HEAT, P1, READOUT, WATER, hexa, objects, run

KEY, AUTH = WATER["key"], GAS["auth_key"]
WRONG = "FF" * 16


def sentence(text):
    """One sentence: no traceback, one line."""
    assert len(text.strip().splitlines()) == 1
    assert "Traceback" not in text
    return text


def decoded(*arguments, stdin=None):
    status, out, err = run("decode", "--json", *arguments, stdin=stdin)
    assert err == ""
    return status, objects(out)


@pytest.mark.parametrize("v", cases.params([v for v in cases.GOOD if "key" not in v]))
def test_hex(v):
    status, (message,) = decoded(hexa(v))
    assert status == 0
    assert (message["protocol"], len(message["readings"])) == (v["protocol"], len(v.get("readings", [])))


@pytest.mark.parametrize("v", cases.params([v for v in cases.BAD if "key" not in v]))
def test_what_is_refused(v):
    status, (error,) = decoded(hexa(v))
    assert status == 1
    assert (error["error"], error["what"], error["at"], error["why"]) == (v["error"], v["what"], v["at"], v["why"])
    assert error["input"] == hexa(v)


@pytest.mark.parametrize(
    "arguments",
    [
        [hexa(HEAT).lower()],
        [f"0x{hexa(HEAT)}"],
        [cases.octets(HEAT).hex(" ")],
        cases.octets(HEAT).hex(" ").split(),
        [f"0x{b:02x}," for b in cases.octets(HEAT)],
        [cases.octets(HEAT).hex("\n")],
        [hexa(HEAT)[i : i + 16] for i in range(0, len(hexa(HEAT)), 16)],
    ],
    ids=["lower", "0x", "spaces", "unquoted", "comma list", "lines", "pieces"],
)
def test_hex_as_it_is_pasted(arguments):
    status, (message,) = decoded(*arguments)
    assert (status, message["meter"]["id"]) == (0, "12345678")


def test_several_messages():
    status, messages = decoded(hexa(HEAT), hexa(READOUT))
    assert (status, [m["protocol"] for m in messages]) == (0, ["mbus", "iec62056-21"])


def test_a_line_in_is_a_line_out_in_order():
    lines = [hexa(HEAT), "", "zz", hexa(HEAT)[:-4], hexa(READOUT), "  ", "\N{SNOWMAN}"]
    status, out = decoded("-", stdin="\n".join(lines) + "\n")
    assert status == 3
    assert [o["schema"].split(".")[1] for o in out] == [
        "message/1", "error/1", "error/1", "error/1", "message/1", "error/1", "error/1",
    ]  # fmt: skip
    assert [o["input"] for o in out if "input" in o] == ["", "zz", hexa(HEAT)[:-4], "  ", "\N{SNOWMAN}"]


@pytest.mark.parametrize(
    ("lines", "status"), [([], 0), ([hexa(HEAT)], 0), (["zz"], 1), (["zz", "zz"], 1), (["zz", hexa(HEAT)], 3)]
)
def test_exit_statuses(lines, status):
    assert decoded("-", stdin="".join(f"{line}\n" for line in lines))[0] == status


def test_standard_input_is_where_messages_come_from_when_none_is_given():
    assert decoded(stdin=hexa(HEAT) + "\r\n")[0] == 0


def test_octets_on_standard_input_are_told_not_raised():
    status, out = decoded("-", stdin=cases.octets(HEAT) + b"\xff\xfe\n")
    assert status == 1
    assert all(o["error"] == "DecodeError" for o in out)


def test_a_terminal_is_not_waited_for(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stdin", Terminal())
    for command in (app.decode, app.explain):
        with pytest.raises(LocalError, match="there is no message; give hex"):
            command()


@pytest.mark.parametrize("v", [HEAT, READOUT, P1], ids=lambda v: v["protocol"])
@pytest.mark.parametrize("form", ["octets", "hex", "wrapped hex"])
def test_a_file(tmp_path, v, form):
    octets = cases.octets(v)
    content = {"octets": octets, "hex": octets.hex().encode() + b"\n", "wrapped hex": v["hex"].encode()}[form]
    (tmp_path / "one").write_bytes(content)
    status, (message,) = decoded(f"@{tmp_path / 'one'}")
    assert (status, message["protocol"]) == (0, v["protocol"])


@pytest.mark.parametrize("v", [READOUT, P1], ids=lambda v: v["protocol"])
def test_a_readout_whose_line_ends_were_changed(tmp_path, v):
    octets = cases.octets(v).replace(b"\r\n", b"\n")
    (tmp_path / "one.txt").write_bytes(octets)
    status, (message,) = decoded(f"@{tmp_path / 'one.txt'}")
    assert (status, len(message["readings"])) == (0, len(v["readings"]))


def test_the_lines_of_a_file(tmp_path):
    (tmp_path / "many").write_text(f"{hexa(HEAT)}\n\n{hexa(READOUT)}\r\n")
    assert decoded(f"@{tmp_path / 'many'}", "--lines")[0] == 3
    assert len(decoded(f"@{tmp_path / 'many'}", "--lines")[1]) == 3


@pytest.mark.parametrize("argument", ["@nothing.hex", "nothing.pcap", "@."])
def test_a_file_that_is_not_there(argument):
    status, out, err = run("decode", "--json", argument)
    assert (status, out) == (2, "")
    assert argument.lstrip("@") in sentence(err)


def test_a_file_named_without_its_sign_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "telegram.hex").write_text(hexa(HEAT))
    status, _, err = run("decode", "telegram.hex")
    assert (status, err) == (2, "anymeter: telegram.hex is a file; say: @telegram.hex")


# Captures.


def line(*messages):
    sent, packets = [0, 0], []
    for n, (from_server, octets) in enumerate(messages):
        ports, ends = (50_000, 4059), ("10.0.0.1", "10.0.0.2")
        ports, ends = (ports[::-1], ends[::-1]) if from_server else (ports, ends)
        segment = files.tcp(*ports, 1 + sent[from_server], octets)
        sent[from_server] += len(octets)
        packets.append((n * 10**9, files.ethernet(files.ip4(files.TCP, segment, *ends))))
    return files.pcap(packets)


SESSION = line(
    (0, Wpdu(16, 1, talk.ask(number=3).encode()).encode()),
    (1, Wpdu(1, 16, talk.answer(talk.scaler_unit(-1)).encode()).encode()),
    (0, Wpdu(16, 1, talk.ask().encode()).encode()),
    (1, Wpdu(1, 16, talk.answer(talk.number(12345)).encode()).encode()),
)


@pytest.mark.parametrize("name", ["{}", "@{}"])
def test_a_capture(tmp_path, name):
    (tmp_path / "session.pcap").write_bytes(SESSION)
    status, messages = decoded(name.format(tmp_path / "session.pcap"))
    assert (status, len(messages)) == (0, 4)
    (reading,) = messages[-1]["readings"]
    assert (reading["obis"], str(reading["value"]), reading["unit"]) == ("1-0:1.8.0*255", "1234.5", "Wh")


def test_a_capture_of_mbus_over_tcp(tmp_path):
    (tmp_path / "bus.pcap").write_bytes(line((0, bytes.fromhex("105B015C16")), (1, b"\xe5" + cases.octets(HEAT))))
    status, messages = decoded(str(tmp_path / "bus.pcap"))
    assert (status, [m["meter"]["id"] for m in messages]) == (0, ["12345678"])


def test_a_capture_that_breaks_off(tmp_path):
    (tmp_path / "cut.pcap").write_bytes(SESSION[:-3])
    status, messages = decoded(str(tmp_path / "cut.pcap"))
    assert status == 3
    assert messages[-1]["what"] == "capture"


# Keys.


def keys_file(folder, text, mode=0o600):
    path = folder / "keys.toml"
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def test_keys_of_the_command_line():
    status, (message,) = decoded("--key", KEY, hexa(WATER))
    assert (status, message["security"]) == (0, {"mode": 5, "verified": True})
    status, (message,) = decoded("--key", GAS["key"], "--auth-key", AUTH, hexa(GAS))
    assert (status, message["security"]) == (0, {"mode": 48, "verified": True})


@pytest.mark.parametrize(
    ("v", "options", "words"),
    [
        (WATER, ["--key", WRONG], "wrong key"),
        (GAS, ["--key", WRONG, "--auth-key", AUTH], "encryption key"),
        (GAS, ["--key", GAS["key"], "--auth-key", WRONG], "authentication key"),
        (GAS, ["--auth-key", AUTH], "the encryption key is needed"),
    ],
)
def test_a_wrong_key_is_named(v, options, words):
    status, out, err = run("decode", *options, hexa(v))
    assert (status, err) == (1, "")
    assert sentence(out).startswith("SecurityError: ")
    assert words in out
    assert WRONG not in out
    status, (error,) = decoded(*options, hexa(v))
    assert (status, error["error"]) == (1, "SecurityError")
    assert words in error["why"]


@pytest.mark.parametrize("name", ["AMT.87654321", "amt.87654321"])
def test_a_key_by_meter(tmp_path, name):
    path = keys_file(tmp_path, f'[meters."{name}"]\nkey = "{KEY}"\n')
    assert decoded("--keys", path, hexa(WATER))[1][0]["security"]["verified"]


def test_a_key_by_system_title(tmp_path):
    path = keys_file(tmp_path, f'[meters."414D540000001234"]\nencryption = "{GAS["key"]}"\nauthentication = "{AUTH}"\n')
    assert decoded("--keys", path, hexa(GAS))[1][0]["security"]["verified"]


def test_keys_of_others_do_not_help(tmp_path):
    path = keys_file(tmp_path, f'[meters."AMT.00000001"]\nkey = "{KEY}"\n')
    status, (message,) = decoded("--keys", path, hexa(WATER))
    assert (status, message["readings"], message["security"]["verified"]) == (0, [], False)


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_keys_file_that_others_can_read_is_refused(tmp_path, mode):
    path = keys_file(tmp_path, f'[default]\nkey = "{KEY}"\n', mode)
    status, out, err = run("decode", "--keys", path, hexa(WATER))
    assert (status, out) == (2, "")
    assert sentence(err) == f"anymeter: {path} can be read by others; say: chmod 600 {path}"


@pytest.mark.parametrize(
    ("text", "words"),
    [("[meter]", "no tables but"), ('[default]\nkez = "00"', "'kez' is not one of key"), ("=", "not TOML")],
)
def test_a_keys_file_that_is_wrong(tmp_path, text, words):
    status, _, err = run("decode", "--keys", keys_file(tmp_path, text), hexa(WATER))
    assert status == 2
    assert words in sentence(err)


def test_a_keys_file_that_is_no_text(tmp_path):
    path = tmp_path / "keys.toml"
    path.write_bytes(b"\xff\xfe")
    path.chmod(0o600)
    assert run("decode", "--keys", str(path), "E5")[0] == 2
    assert run("decode", "--keys", str(tmp_path / "none"), "E5")[0] == 2


@pytest.mark.parametrize("option", ["--key", "--auth-key"])
@pytest.mark.parametrize("wrong", ["zz", "0011"])
def test_a_key_that_is_none(option, wrong):
    status, _, err = run("decode", option, wrong, hexa(WATER))
    assert status == 2
    assert option in sentence(err)


# What people see.


def test_a_table():
    status, out, err = run("decode", hexa(HEAT))
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "AMT.12345678  heat  version 27  mbus-wired › tpl-long › records  2026-11-22 08:15"
    assert [w for w in lines[2].split(" ") if w] == ["6-0:1.0.0*255", "energy", "12345", "kWh"]
    assert "\x1b" not in out


def test_a_failure_is_a_sentence():
    status, out, err = run("decode", hexa(HEAT)[:-4])
    assert (status, err) == (1, "")
    assert sentence(out).startswith("DecodeError: M-Bus frame at octet ")


def test_verbose_shows_the_octets():
    status, out, _ = run("decode", "--verbose", "0x68, 0x03 0x04 68 08 01 72 00 00")
    assert status == 1
    assert "    0  68 03 04 68 08 01 72 00 00" in out
    assert "zz" in run("decode", "-v", "zz")[1]


def test_nothing_but_json_on_standard_output():
    for arguments in (["decode", "--json", hexa(HEAT), "zz"], ["decode", "--json", "-v", "zz"]):
        _, out, _ = run(*arguments)
        assert all(o["schema"].startswith("anymeter.") for o in objects(out))


@pytest.mark.parametrize("name", ["mbus", "wmbus"])
def test_a_protocol_that_is_told(name):
    status, _ = decoded("--as", name, hexa(HEAT))
    assert status == (0 if name == "mbus" else 1)


def test_a_protocol_that_is_none():
    status, _, err = run("decode", "--as", "sml", hexa(HEAT))
    assert status == 2
    assert "'sml' is none of" in sentence(err)


def test_what_one_line_tells_names_the_next():
    lines = [talk.ask().encode().hex(), talk.answer(talk.number(5)).encode().hex()]
    _, messages = decoded("-", stdin="\n".join(lines))
    assert messages[1]["readings"][0]["obis"] == "1-0:1.8.0*255"


def test_half_characters_do_not_stop_the_writer():
    status, (error,) = decoded("\udcff\udcfe")
    assert (status, error["error"]) == (1, "DecodeError")


def test_sources_are_read_as_they_are_asked_for(tmp_path):
    (tmp_path / "a").write_bytes(cases.octets(HEAT))
    assert list(Sources([hexa(HEAT), f"@{tmp_path / 'a'}"], False)) == [hexa(HEAT), cases.octets(HEAT)]
    with pytest.raises(LocalError):
        list(Sources(["@" + "x" * 300], False))
    assert list(Sources(["x" * 5000], False)) == ["x" * 5000]


def test_a_ring_of_nothing_has_no_keys():
    assert not key_ring(None, None, None).of_title(None)
    assert key_ring(KEY, AUTH, None).of_title(None).keys() == {"key", "encryption", "authentication"}


def test_answers_are_written_as_messages_come():
    class Pipe(io.StringIO):
        flushed = 0

        def flush(self):
            self.flushed = self.getvalue().count("\n")

    out = Pipe()
    sources = Sources([hexa(HEAT), hexa(READOUT)], False)
    assert verb.run(sources, key_ring(None, None, None), None, True, False, out) == 0
    assert out.flushed == 2
    assert cli.named("alarm")
