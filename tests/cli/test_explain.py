"""``anymeter explain``: the table, the objects, and octets that end early."""

from __future__ import annotations

import pytest

import capture_files as files
import message_cases as cases
from anymeter.cli.explain import field_form, row
from anymeter.wire.fields import Field
from cli_runs import GAS, HEAT, WATER, hexa, objects, run

KEYS = ["schema", "at", "octets", "name", "meaning", "clause", "depth"]


def test_a_table():
    status, out, err = run("explain", "1040014116")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].split() == ["at", "octets", "field", "meaning", "clause"]
    assert [line.split()[:3] for line in lines[1:]] == [
        ["0", "10", "start"], ["1", "40", "C"], ["2", "01", "A"], ["3", "41", "checksum"], ["4", "16", "stop"],
    ]  # fmt: skip


def test_fields_inside_stand_further_in():
    lines = run("explain", hexa(HEAT))[1].splitlines()
    column = {
        name: next(line.index(f" {name} ") for line in lines if f" {name} " in line) for name in ("L", "CI", "DIB")
    }
    assert column["L"] < column["CI"] < column["DIB"]


def test_long_fields_are_shortened_for_people_only():
    long = Field(0, bytes(40), "data")
    assert "…" in row(long)[1]
    assert field_form(long)["octets"] == "00" * 40


@pytest.mark.parametrize("v", cases.params(cases.GOOD))
def test_objects(v):
    options = [x for name in ("key", "auth_key") if name in v for x in (f"--{name.replace('_', '-')}", v[name])]
    status, out, err = run("explain", "--json", *options, hexa(v))
    assert (status, err) == (0, "")
    fields = objects(out)
    assert all(list(f) == KEYS and f["schema"] == "anymeter.field/1" for f in fields)
    wanted, _ = cases.decoder(v).explain(cases.octets(v))
    assert [(f["at"], f["octets"], f["name"]) for f in fields] == [
        (w.at, w.octets.hex().upper(), w.name) for w in wanted
    ]


def test_octets_that_end_early_are_told_as_far_as_they_go():
    bad = hexa(WATER)
    status, out, _ = run("explain", "--json", "--key", "FF" * 16, bad)
    *fields, error = objects(out)
    assert status == 1
    assert fields
    assert (error["schema"], error["error"], error["input"]) == ("anymeter.error/1", "SecurityError", bad)
    status, out, _ = run("explain", "--key", "FF" * 16, bad)
    assert status == 1
    assert out.splitlines()[-1].startswith("SecurityError: ")
    assert "FFFF" not in out


@pytest.mark.parametrize("given", ["zz", "", "0102030405"])
def test_what_is_no_message(given):
    status, out, _ = run("explain", "--json", given)
    assert (status, [o["input"] for o in objects(out)]) == (1, [given])


def test_octets_of_a_file_and_what_is_wrong_with_them(tmp_path):
    (tmp_path / "a").write_bytes(b"\x01\x02\xff")
    status, out, _ = run("explain", "--json", f"@{tmp_path / 'a'}")
    assert (status, objects(out)[-1]["input"]) == (1, "0102FF")


def test_keys_are_used():
    out = run("explain", "--key", GAS["key"], "--auth-key", GAS["auth_key"], hexa(GAS))[1]
    assert "plaintext" in out
    assert "verified" in out


def test_several_messages_and_lines():
    status, out, _ = run("explain", "--json", "-", stdin=f"1040014116\nzz\n{hexa(HEAT)}\n")
    assert status == 3
    assert [o["at"] for o in objects(out)].count(0) == 3, "two messages and an error at its first character"


def test_the_messages_of_a_capture(tmp_path):
    segment = files.tcp(50_000, 4059, 1, cases.octets(GAS) * 2)
    capture = files.pcap([(0, files.ethernet(files.ip4(files.TCP, segment)))])
    (tmp_path / "a.pcap").write_bytes(capture)
    status, out, _ = run("explain", "--json", str(tmp_path / "a.pcap"))
    assert (status, [o["name"] for o in objects(out)].count("source wPort")) == (0, 2)
    (tmp_path / "a.pcap").write_bytes(capture + b"\x00")
    status, out, _ = run("explain", "--json", str(tmp_path / "a.pcap"))
    assert (status, objects(out)[-1]["what"]) == (3, "capture")


@pytest.mark.parametrize("name", ["mbus", "hdlc"])
def test_a_protocol_that_is_told(name):
    assert run("explain", "--as", name, hexa(HEAT))[0] == (0 if name == "mbus" else 1)
