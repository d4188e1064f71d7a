"""Readouts as a whole: what identified itself, the data sets, and whether anything vouches for them."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import DecodeError
from anymeter.links import iec62056_21
from anymeter.links.iec62056_21 import Data, Identification, Readout, explain, looks_like, readout
from anymeter.links.iec_text import continues
from shared import vectors

OWN = tomllib.loads((Path(__file__).parents[1] / "vectors/readouts.toml").read_text())
SHARED = vectors("iec62056_21.jsonl", where=lambda v: "hex" in v and v.get("bcc_ok") is not False)


def name(v):
    return v["name"]


def octets_of(v):
    return v["text"].encode("latin-1")


@pytest.mark.parametrize("v", OWN["readout"], ids=name)
def test_own(v):
    assert v["source"]
    made = readout(octets_of(v))
    assert (made.mode or "") == v["mode"]
    assert (made.identification.flag if made.identification else "") == v["manufacturer"]
    assert made.verified == v["verified"]
    assert made.rest == b""
    assert {d.address for d in made.data_sets} == {r[0] for r in v["readings"]}
    for d in made.data_sets:
        assert octets_of(v).count(d.address.encode()) >= 1


@pytest.mark.parametrize("v", OWN["readout"], ids=name)
def test_own_look_like_readouts(v):
    assert looks_like(octets_of(v))


@pytest.mark.parametrize("v", OWN["refused"], ids=name)
def test_refused(v):
    with pytest.raises(DecodeError, match=v["why"]) as e:
        readout(octets_of(v))
    assert str(e.value.at) == v["at"]


@pytest.mark.parametrize("v", SHARED)
def test_shared(v):
    octets = bytes.fromhex(v["hex"])
    made = readout(octets)
    wanted = [d["address"] for d in v["data_sets"] if not continues(d["address"].encode())]
    assert [d.address for d in made.data_sets] == wanted
    assert (made.identification.manufacturer if made.identification else None) == v["manufacturer"]
    assert made.verified == (v.get("bcc_ok") is True)
    assert looks_like(octets)
    values = [x["value"] for d in v["data_sets"] for x in d["values"]]
    assert [x.text for d in made.data_sets for x in d.values if "&" not in x.unit] == [
        x for x in values if "*C&" not in x
    ]


@pytest.mark.parametrize("v", vectors("iec62056_21.jsonl", where=lambda v: v.get("bcc_ok") is False))
def test_shared_with_a_wrong_check_are_refused(v):
    with pytest.raises(DecodeError, match=r"[0-9A-F]{2} received, [0-9A-F]{2} computed"):
        readout(bytes.fromhex(v["hex"]))


@pytest.mark.parametrize("v", OWN["readout"], ids=name)
def test_encoded_again_it_says_the_same(v):
    made = readout(octets_of(v))
    again = readout(made.encode())
    assert [(d.address, d.values) for d in again.data_sets] == [(d.address, d.values) for d in made.data_sets]
    assert again.verified == made.framed


@pytest.mark.parametrize("v", [v for v in OWN["readout"] if v["verified"]], ids=name)
def test_every_truncation_is_an_error_or_not_verified(v):
    octets = octets_of(v)
    for end in range(len(octets)):
        try:
            made = readout(octets[:end])
        except DecodeError as error:
            refused = error
        else:
            refused = None
            assert not made.verified
        assert refused is None or refused.at <= end
        with pytest.raises(DecodeError):
            readout(octets[:end], strict=True)


@pytest.mark.parametrize("v", [v for v in OWN["readout"] if v["verified"]], ids=name)
def test_strict_takes_what_is_checked(v):
    assert readout(octets_of(v), strict=True).verified


def test_strict_takes_mode_d_and_nothing_else_unchecked():
    assert readout(b"/ANY3M\r\n\r\n1.8.0(1)\r\n!\r\n", strict=True).mode == "D"
    for octets in (b"/ANY5M\r\n1.8.0(1)\r\n!\r\n", b"\x021.8.0(1)\r\n!\r\n\x03", b"1.8.0(1)"):
        with pytest.raises(DecodeError, match="no block check character"):
            readout(octets, strict=True)


def test_parity_bits_do_not_matter():
    sent = Identification("ANY", "5", "M").encode() + Data(b"1.8.0(12*kWh)\r\n!\r\n").encode()
    even = bytes(c | 0x80 * (c.bit_count() % 2) for c in sent)
    assert readout(even) == readout(sent)
    assert looks_like(even)


def test_what_follows_the_end_is_kept():
    assert readout(b"/ANY5M\r\n1.8.0(1)\r\n!\r\n  25803103\r\n").rest == b"  25803103"
    assert readout(Data(b"1.8.0(1)\r\n!\r\n").encode() + b"more").rest == b"more"


def test_an_identification_alone_is_a_readout_without_data():
    made = readout(b"/ANY5METER\r\n")
    assert (made.identification, made.data_sets) == (Identification("ANY", "5", "METER"), ())


def test_a_second_device_is_not_mixed_in():
    two = (Identification("ANY", "5", "1").encode() + Data(b"1.8.0(1)\r\n").encode()) * 2
    made = readout(two)
    assert len(made.data_sets) == 1
    assert made.rest == two[len(two) // 2 :].strip()


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"hello",
        bytes.fromhex("680303680801727A16"),
        bytes.fromhex("7EA0070321930F017E"),
        bytes.fromhex("0001001000010005C401C10000"),
        bytes.fromhex("DB084B464D1020005521"),
        bytes(range(256)),
        b"\x02\x03",
    ],
)
def test_what_does_not_look_like_a_readout(octets):
    assert not looks_like(octets)


@pytest.mark.parametrize(
    "octets",
    [b"/?!\r\n", b"\x06050\r\n/ANY5M\r\n", b"\x01B0\x03q", b"F.F(00)", b"\0\0/?1!\r\n", b"(ER01)", b"/ANY M\r\n"],
)
def test_what_looks_like_one(octets):
    assert looks_like(octets)


@pytest.mark.parametrize("noise", [b"\xff" * 40, b"\xc3\xbf" * 40, b"\x80" * 40])
def test_noise_behind_the_end_does_not_hide_a_readout(noise):
    octets = b"/ANY5M\r\n\r\n1.8.0(12*kWh)\r\n!\r\n 123\r\n" + noise + b"\r\n"
    assert looks_like(octets)
    assert [d.address for d in readout(octets).data_sets] == ["1.8.0"]
    assert noise in readout(octets).rest
    assert not looks_like(noise + octets)


@pytest.mark.parametrize("v", OWN["readout"], ids=name)
def test_explained_fields_stand_where_they_say(v):
    octets = octets_of(v)
    rows = explain(octets)
    assert all(octets[f.at :].startswith(f.octets) for f in rows)
    top = [f for f in rows if f.depth == 0]
    assert [f.at for f in top] == sorted(f.at for f in top)
    shown = b"".join(octets[f.at : f.at + len(f.octets)] for f in top)
    assert len(octets.translate(None, b"\r\n \0")) <= len(shown)


def test_explained_check_character():
    rows = {f.name: f.meaning for f in explain(Data(b"1.8.0(12*kWh)\r\n!\r\n").encode())}
    assert rows["block check character"] == "right"
    assert rows["value"] == "12 kWh"


TEXTS = st.one_of(
    st.binary(max_size=200),
    st.text("/ANY5\\2\r\n\x02\x03\x04\x06\x15\x01(1.8*0)!&kWh", max_size=120).map(str.encode),
)


@given(TEXTS)
def test_garbage_raises_only_our_error(octets):
    looks_like(octets)
    for work in (readout, explain):
        try:
            made = work(octets)
        except DecodeError as error:
            refused = error
        else:
            assert isinstance(made, Readout | list)
            continue
        assert refused.why
        assert 0 <= refused.at <= len(octets)


@given(TEXTS)
def test_explain_and_readout_refuse_the_same(octets):
    def refused(work):
        try:
            work(octets)
        except DecodeError:
            return True
        return False

    if refused(readout) is False and readout(octets).rest == b"":
        assert not refused(explain)


def test_encode_takes_messages_and_readouts():
    assert iec62056_21.encode(Data(b"(1)")) == Data(b"(1)").encode()
    assert iec62056_21.encode(readout(b"1.8.0(1)")) == b"1.8.0(1)!\r\n"


WHO = b"/ANY5\\2METER\r\n"


def by_depth(octets, depth=0):
    return [row for row in explain(octets) if row.depth == depth]


@pytest.mark.parametrize("v", [v for v in OWN["readout"] if v["verified"]], ids=name)
def test_explained_messages_cover_every_octet_once(v):
    octets = octets_of(v)
    rows = by_depth(octets)
    assert b"".join(row.octets for row in rows) == octets
    at = 0
    for row in rows:
        assert row.at == at
        at += len(row.octets)


@pytest.mark.parametrize(
    ("octets", "name", "meaning"),
    [
        (b"/?!\r\n", "Request", "any device"),
        (b"/?12345!\r\n", "Request", "device 12345"),
        (b"\x06050\r\n", "OptionSelect", "protocol 0, speed 5, mode 0"),
        (b"\x06252\r\n", "OptionSelect", "protocol 2, speed 5, mode 2"),
        (b"\x06", "Acknowledge", ""),
        (b"\x15", "Repeat", ""),
        (b"\x01B0\x03\x71", "Command", "B0"),
        (b"/ANY5METER\r\n", "Identification", "ANY5METER"),
    ],
)
def test_each_message_in_words(octets, name, meaning):
    (row,) = by_depth(octets)
    assert (row.octets, row.name, row.meaning) == (octets, name, meaning)


def test_an_identification_in_parts():
    rows = [(row.name, row.octets, row.meaning) for row in by_depth(WHO, 1)]
    assert rows == [
        ("manufacturer", b"ANY", "ANY"),
        ("speed", b"5", "mode E, 9600 Bd"),
        ("identification", b"\\2METER", "\\2METER"),
    ]


def test_what_stands_between_messages_and_behind_them():
    octets = b"\x00\x00" + WHO + b"\r\n" + Data(b"1.8.0(1)\r\n!\r\n").encode() + b"\r\n"
    assert [row.name for row in by_depth(octets)] == [
        "between messages", "Identification", "between messages", "Data", "between messages",
    ]  # fmt: skip


def test_data_that_lost_its_frame():
    rows = {row.name: row for row in explain(b"\x021.8.0(1)\r\n!\r\nrest")}
    assert rows["STX"].at == 0
    assert rows["end of data"].octets == b"!"
    assert rows["after the end"].octets == b"\r\nrest"
    assert "after the end" not in {row.name for row in explain(b"1.8.0(1)\r\n!\r\n")}


def test_partial_blocks_are_put_together():
    octets = WHO + Data(b"1.8.0(", partial=True).encode() + b"\x06" + Data(b"12)\r\n!\r\n").encode()
    made = readout(octets)
    assert (made.text, made.verified, made.framed) == (b"1.8.0(12)\r\n", True, True)
    assert made.at == len(WHO) + 1
    assert [row.name for row in by_depth(octets)] == ["Identification", "Data", "Acknowledge", "Data"]


def test_a_last_block_that_says_more_follows_is_not_verified():
    made = readout(WHO + Data(b"1.8.0(12)\r\n", partial=True).encode())
    assert (made.text, made.verified) == (b"1.8.0(12)\r\n", False)
    with pytest.raises(DecodeError, match="no block check character"):
        readout(WHO + Data(b"1.8.0(12)\r\n", partial=True).encode(), strict=True)


def test_another_device_s_sign_on_ends_the_readout():
    first = WHO + Data(b"1.8.0(1)\r\n", partial=True).encode()
    made = readout(first + b"/XYZ5OTHER\r\n")
    assert made.identification.flag == "ANY"
    assert made.rest == b"/XYZ5OTHER"


@pytest.mark.parametrize(
    ("octets", "at", "why"),
    [
        (b"", 0, "neither an identification nor a data set"),
        (b"   ", 3, "neither an identification nor a data set"),
        (b"hello", 0, "neither an identification nor a data set"),
        (b"\x02 1.8.0(1)", 10, "the block stops before its ETX"),
        (b"/AN\r\n", 0, "neither /?address! nor /XXXZ and a line's end"),
        (b"\x01B\x03", 0, "not a command: SOH, letter, digit, data, ETX"),
        (b"/ANY5X\r\n\x021.8.0(1)!\r\n\x03\x00", 21, "wrong block check character: 00 received, 2C computed"),
    ],
)
def test_each_way_to_be_broken(octets, at, why):
    with pytest.raises(DecodeError) as caught:
        readout(octets)
    assert (caught.value.why, caught.value.at) == (why, at)
