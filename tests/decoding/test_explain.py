"""Octets annotated: every row stands where its octets stand, through segments, CRCs and protection."""

from __future__ import annotations

import pytest

import message_cases as cases
from anymeter.decoding import Decoder
from anymeter.errors import AnymeterError

INSIDE = ("plaintext", "payload")


def rows(vector):
    return cases.decoder(vector).explain(cases.octets(vector))


def secret(fields):
    """Where octets were ciphered: rows there tell the plain ones."""
    return {at for f in fields if f.name in INSIDE for at in range(f.at, f.at + len(f.octets) + 16)}


@pytest.mark.parametrize("v", cases.params(cases.GOOD))
def test_own_messages_are_told_to_their_end(v):
    fields, error = rows(v)
    assert error is None
    octets = cases.octets(v)
    told = {at for f in fields for at in range(f.at, f.at + len(f.octets))}
    assert min(f.at for f in fields) == 0
    assert fields[0].depth == 0
    missed = set(range(len(octets))) - told
    assert all(octets[at] in b"\r\n\x02\x7e" for at in missed), sorted(missed)


@pytest.mark.parametrize("v", cases.params([v for v in cases.GOOD if "security" not in v]))
def test_rows_stand_where_their_octets_stand(v):
    octets = cases.octets(v)
    fields, _ = rows(v)
    for field in fields:
        if octets[field.at : field.at + len(field.octets)] != field.octets:
            assert placed_in(octets, field), field


def placed_in(octets, field):
    """Are the octets of a row there in order, with checksums and heads of segments between them?"""
    at = field.at
    for octet in field.octets:
        at = octets.find(bytes((octet,)), at)
        if at < 0:
            return False
        at += 1
    return octets[field.at] == field.octets[0]


@pytest.mark.parametrize(
    ("name", "field", "wanted"),
    [
        ("wired M-Bus, heat meter", "record", ["energy = 12345000 Wh", "volume = 987.65 m3"]),
        ("wireless M-Bus, frame format A, mode 5, cold water", "record", ["volume = 184.217 m3"]),
        ("wireless M-Bus, frame format B, heat cost allocator", "record", ["hca units = 1042"]),
        ("DLMS push in HDLC, electricity", "double-long-unsigned", ["4812077", "1205", "2744"]),
        ("DLMS push over the TCP wrapper, ciphered, gas", "double-long-unsigned", ["982113", "184"]),
        ("DLMS push over the M-Bus transport layer", "double-long-unsigned", ["184217", "12"]),
        ("IEC 62056-21 readout, mode C, heat", "data set", ["6.8", "6.26"]),
        ("P1 telegram, electricity with a gas meter", "data set", ["0-0:1.0.0", "0-0:96.1.1"]),
    ],
)
def test_what_rows_say(name, field, wanted):
    fields, _ = rows(next(v for v in cases.OWN if v["name"] == name))
    assert [f.meaning for f in fields if f.name == field][: len(wanted)] == wanted


def test_places_jump_over_the_crcs_of_blocks():
    v = next(v for v in cases.OWN if "frame format A" in v["name"])
    fields, _ = cases.decoder(v).explain(cases.octets(v))
    crcs = {at for f in fields if f.name == "CRC" for at in (f.at, f.at + 1)}
    data = [f for f in fields if f.name in ("DIB", "VIF", "data") and f.depth > 1]
    assert data
    assert not crcs & {f.at for f in data}
    without = [f for f in cases.decoder(v).explain(cases.octets(v)[:10] + body_of(v))[0] if f.depth > 1]
    assert [(f.octets, f.meaning) for f in without] == [(f.octets, f.meaning) for f in fields if f.depth > 1]


def body_of(vector):
    octets = cases.octets(vector)
    fields, _ = cases.decoder(vector).explain(octets)
    return b"".join(f.octets for f in fields if f.name == "data" and f.depth == 0)


def test_places_jump_over_the_heads_of_segments():
    v = next(v for v in cases.OWN if v["name"] == "DLMS push in HDLC, electricity")
    octets = cases.octets(v)
    fields, _ = rows(v)
    information = {at for f in fields if f.name == "information" for at in range(f.at, f.at + len(f.octets))}
    values = [f for f in fields if f.name in ("integer", "enum", "double-long-unsigned", "octet-string")]
    assert len(values) == 16
    for field in values:
        assert octets[field.at] == field.octets[0]
        assert field.at in information


def test_ciphered_rows_are_told_where_the_ciphered_octets_stand():
    v = next(v for v in cases.OWN if v["name"].endswith("ciphered, gas"))
    fields, _ = rows(v)
    (contents,) = [f for f in fields if f.name == "contents"]
    (plain,) = [f for f in fields if f.name == "plaintext"]
    assert (plain.at, len(plain.octets)) == (contents.at, len(contents.octets))
    assert plain.octets != contents.octets
    inner = [f for f in fields if f.depth > plain.depth]
    assert all(plain.at <= f.at < plain.at + len(plain.octets) for f in inner)
    assert plain.meaning == "verified"


def test_without_a_key_the_octets_stay_ciphered():
    v = next(v for v in cases.OWN if v["name"].endswith("ciphered, gas"))
    fields, error = Decoder().explain(cases.octets(v))
    assert error is None
    assert "plaintext" not in {f.name for f in fields}
    v = next(v for v in cases.OWN if "frame format A" in v["name"])
    fields, error = Decoder().explain(cases.octets(v))
    assert error is None
    assert "there is no key" in fields[-1].meaning


@pytest.mark.parametrize("v", cases.params([v for v in cases.BAD if v["error"] != "ApplicationError"]))
def test_what_is_refused_is_told_as_far_as_it_goes(v):
    try:
        fields, error = rows(v)
    except AnymeterError as e:
        fields, error = [], e
    if v["name"] == "request of a master":
        assert error is None
        assert fields
    else:
        wrong = error is not None or any("wrong" in f.meaning for f in fields)
        assert wrong, "neither an error nor a row that says what is wrong"


def test_a_master_can_be_explained():
    fields, error = Decoder().explain("1040014116")
    assert error is None
    assert [f.name for f in fields] == ["start", "C", "A", "checksum", "stop"]


def test_frames_in_a_row():
    v = next(v for v in cases.OWN if v["name"] == "wired M-Bus, heat meter")
    one, _ = Decoder().explain(cases.octets(v))
    two, error = Decoder().explain(cases.octets(v) * 2)
    assert error is None
    size = len(cases.octets(v))
    assert [(f.at, f.name) for f in two] == [(f.at + n * size, f.name) for n in (0, 1) for f in one]


@pytest.mark.parametrize("v", cases.params(cases.GOOD))
def test_every_truncation_is_told_without_surprise(v):
    octets = cases.octets(v)
    decoder = cases.decoder(v)
    for stop in range(0, len(octets), 3):
        try:
            fields, error = decoder.explain(octets[:stop])
        except AnymeterError:
            continue
        assert error is None or isinstance(error, AnymeterError)
        assert all(f.at <= stop for f in fields)


SHARED = list(cases.shared())


@pytest.mark.parametrize("name", sorted({name.split(":")[0] for name, _, _ in SHARED}) or ["absent"])
def test_shared_messages(name):
    if not SHARED:
        pytest.skip(cases.REASON)
    told = 0
    for _, vector, octets in (s for s in SHARED if s[0].startswith(f"{name}:")):
        try:
            fields, error = cases.decoder(vector).explain(octets)
        except AnymeterError:
            continue
        told += error is None
        hidden = secret(fields)
        for f in fields:
            assert 0 <= f.at <= len(octets)
            if f.octets and f.at not in hidden and f.depth == 0:
                assert octets[f.at : f.at + len(f.octets)] == f.octets, (vector["id"], f)
    assert told
