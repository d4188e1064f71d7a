"""P1 telegrams: framing, check sequence, several in a row."""

import tomllib
from pathlib import Path

import pytest
from fastcrc import crc16
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import DecodeError
from anymeter.links import p1
from anymeter.links.p1 import Telegram, decode, explain, looks_like, of_text, telegrams
from shared import vectors

OWN = tomllib.loads((Path(__file__).parents[1] / "vectors/p1.toml").read_text())
# EasyMeter readouts of IEC 62056-21 stand among the telegrams: no CRC, no object of the companion standard.
SHARED = vectors("dsmr_p1.jsonl", where=lambda v: "ESY5" not in v["id"])
GOOD = of_text("ANY5\\2METER", "1-3:0.2.8(50)\n1-0:1.8.1(000001.500*kWh)").encode()
LINES = st.lists(st.text("0123456789-:.(*)kWhm", min_size=1, max_size=30), max_size=8).map("\n".join)


def name(v):
    return v["name"]


def octets_of(v):
    return v["text"].encode("latin-1")


@pytest.mark.parametrize("v", OWN["telegram"], ids=name)
def test_own(v):
    assert v["source"]
    made = decode(octets_of(v))
    assert made.identification.flag == v["manufacturer"]
    assert (made.version or "") == v["version"]
    assert list(dict.fromkeys(d.address for d in made.data_sets)) == list(dict.fromkeys(r[0] for r in v["readings"]))
    assert made.rest.decode("latin-1") == "".join(v["undecoded"])
    assert looks_like(octets_of(v))
    assert made.encode() in octets_of(v)
    for d in made.data_sets:
        assert octets_of(v)[d.at :].startswith(d.address.encode())


@pytest.mark.parametrize("v", OWN["refused"], ids=name)
def test_refused(v):
    with pytest.raises(DecodeError, match=v["why"]) as e:
        decode(octets_of(v))
    assert str(e.value.at) == v["at"]


@pytest.mark.parametrize("v", SHARED)
def test_shared(v):
    octets = bytes.fromhex(v["hex"])
    assert looks_like(octets)
    made = decode(octets)
    assert made.identification.manufacturer == v["manufacturer"]
    assert [d.address for d in made.data_sets] == [d["address"] for d in v["data_sets"]]
    assert [x.text for d in made.data_sets for x in d.values] == [
        x["value"] for d in v["data_sets"] for x in d["values"]
    ]
    if v.get("crc_ok"):
        assert made.crc == int(v["crc"], 16)
        assert octets.strip().startswith(made.encode().strip())


@pytest.mark.parametrize("v", vectors("dsmr_p1.jsonl", where=lambda v: v.get("crc_ok")))
def test_shared_with_one_octet_changed(v):
    octets = bytearray.fromhex(v["hex"])
    octets[octets.index(b".")] ^= 1
    with pytest.raises(DecodeError, match=f"wrong CRC: {v['crc']} received"):
        decode(bytes(octets))


@pytest.mark.parametrize("v", vectors("iec62056_21.jsonl", where=lambda v: "hex" in v))
def test_readouts_do_not_look_like_telegrams(v):
    assert not looks_like(bytes.fromhex(v["hex"]))


def test_every_truncation_is_refused():
    for end in range(len(GOOD) - 2):
        with pytest.raises(DecodeError) as e:
            decode(GOOD[:end])
        assert e.value.at <= end
    assert decode(GOOD[:-2]) == decode(GOOD)


@given(st.data())
def test_one_bit_changed_is_noticed(data):
    octets = bytearray(GOOD)
    at = data.draw(st.integers(0, GOOD.index(b"!") - 1))
    octets[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(DecodeError):
        decode(bytes(octets))


def test_a_wrong_check_can_be_waived():
    bad = GOOD.replace(b"1.500", b"1.501")
    assert decode(bad, check=False).data_sets[1].values[0].text == "000001.501"


@pytest.mark.parametrize("digits", [b"%04X", b"%04x", b"%X"])
def test_ways_to_write_the_crc(digits):
    for tries in range(0x2000):
        body = b"/ANY5\r\n\r\n0-0:96.14.0(%04d)\r\n!" % tries
        if crc16.arc(body) < 0x1000:
            break
    assert decode(body + digits % crc16.arc(body)).crc == crc16.arc(body)


@pytest.mark.parametrize("lost", [(b"\r\n", b"\n"), (b"\r", b"\n")])
def test_lines_that_lost_cr_still_fit_the_crc(lost):
    kept = GOOD.replace(*lost)
    assert [d.address for d in decode(kept).data_sets] == ["1-3:0.2.8", "1-0:1.8.1"]
    with pytest.raises(DecodeError, match="wrong CRC"):
        decode(kept.replace(b"1.500", b"1.501"))


def test_a_stream_joined_midway():
    found = list(telegrams(GOOD[30:] + GOOD + GOOD.replace(b"1.500", b"1.501") + GOOD + GOOD[:20]))
    assert [type(t) for t in found] == [DecodeError, Telegram, DecodeError, Telegram]
    assert [t.crc for t in found if isinstance(t, Telegram)] == [decode(GOOD).crc] * 2
    assert found[1].at == len(GOOD) - 30


def test_the_first_whole_telegram_is_taken():
    made = decode(GOOD[:20] + b"\r\n" + GOOD + GOOD)
    assert (made.at, made.rest) == (22, GOOD.strip())


@given(LINES, st.booleans())
def test_round_trip(lines, crc):
    made = of_text("ANY5M", lines, crc=crc)
    back = decode(made.encode())
    assert back == made
    assert p1.encode(back) == made.encode()


@pytest.mark.parametrize("v", OWN["telegram"], ids=name)
def test_explained_fields_stand_where_they_say(v):
    octets = octets_of(v)
    rows = explain(octets)
    assert all(octets[f.at :].startswith(f.octets) for f in rows)
    assert sum(len(f.octets) for f in rows if f.depth == 0) + octets.count(b"\r\n") * 2 >= len(octets)
    assert ("CRC-16/ARC" in [f.name for f in rows]) == (decode(octets).crc is not None)


@given(st.one_of(st.binary(max_size=200), st.text("/ANY5\r\n!0AF(*)1.8-:", max_size=150).map(str.encode)))
def test_garbage_raises_only_our_error(octets):
    looks_like(octets)
    for work in (decode, explain, lambda o: list(telegrams(o))):
        try:
            work(octets)
        except DecodeError as error:
            refused = error
        else:
            continue
        assert refused.why
        assert 0 <= refused.at <= len(octets)


# Forms of several countries, composed from their companion standards: with and without CRC, version and blank line.
DIALECTS = {
    "DSMR 2.2 (no CRC)": (
        "ISk5\\2MT382-1000", "0-0:96.1.1(00000000000000)\n1-0:1.8.1(00001.001*kWh)\n"
        "0-1:24.3.0(120517020000)(08)(60)(1)(0-1:24.2.1)(m3)\n(00124.477)", False, None,
    ),
    "DSMR 4.2": ("KMP5 KA6U001660297912", "1-3:0.2.8(42)\n1-0:1.8.1(000185.000*kWh)", True, "42"),
    "ESMR 5": ("Ene5\\XS210 ESMR 5.0", "1-3:0.2.8(50)\n1-0:1.7.0(00.318*kW)", True, "50"),
    "eMUCs": ("FLU5\\253769484_A", "0-0:96.1.4(50217)\n0-0:96.1.1(3153414731)\n1-0:1.8.1(000000.034*kWh)", True, None),
    "Sweden": ("ELL5\\253833635_A", "0-0:1.0.0(210217184019W)\n1-0:1.8.0(00006678.394*kWh)", True, None),
    "Luxembourg": ("Lux5\\253663629_D", "1-3:0.2.8(42)\n0-0:42.0.0(53414731)\n1-0:1.8.0(000041.000*kWh)", True, "42"),
}  # fmt: skip


@pytest.mark.parametrize("dialect", DIALECTS)
def test_dialects(dialect):
    first, lines, crc, version = DIALECTS[dialect]
    made = of_text(first, lines, crc=crc)
    octets = made.encode()
    back = decode(octets)
    assert back.encode() == octets
    assert back.version == version
    assert (back.crc is not None) is crc
    assert back.identification.flag == first[:3].upper()
    assert [one.address for one in back.data_sets] == [
        line.split("(")[0] for line in lines.split("\n") if line[0] != "("
    ]
    assert looks_like(octets)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_explained_rows_cover_the_lines_of_every_dialect_once(dialect):
    first, lines, crc, _ = DIALECTS[dialect]
    octets = of_text(first, lines, crc=crc).encode()
    rows = [row for row in explain(octets) if row.depth == 0]
    assert b"".join(row.octets for row in rows) == octets.replace(b"\r\n", b"")
    assert all(octets[row.at : row.at + len(row.octets)] == row.octets for row in rows)
    assert ("CRC-16/ARC" in {row.name for row in rows}) is crc


def crc_arc(octets):
    """CRC-16/ARC bit by bit. Source: DSMR P1 Companion Standard, polynomial A001 reflected, begins with 0."""
    crc = 0
    for octet in octets:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def test_check_value_of_the_crc():
    assert crc_arc(b"123456789") == 0xBB3D


@given(LINES)
def test_the_crc_is_that_of_the_octets_up_to_the_mark(lines):
    octets = of_text("ANY5METER", lines).encode()
    body, mark, digits = octets.rpartition(b"!")
    assert int(digits, 16) == crc_arc(body + mark)


@pytest.mark.parametrize(
    ("octets", "at", "why"),
    [
        (b"", 0, "the telegram stops before its '!'"),
        (b"/ANY5X\r\n\r\n1-0:1.8.0(1)\r\n", 24, "the telegram stops before its '!'"),
        (b"1-0:1.8.0(1)\r\n!\r\n", 0, "no line begins with /XXXZ"),
        (b"/AN\r\n!\r\n", 0, "no line begins with /XXXZ"),
        (b"/ANY5X\r\n\r\n1-3:0.2.8(50)\r\n!", 26, "the telegram stops before its check sequence"),
        (b"/ANY5X\r\n\r\n!0000\r\n", 11, "wrong CRC: 0000 received, 8B43 computed"),
    ],
)
def test_each_way_to_be_broken(octets, at, why):
    with pytest.raises(DecodeError) as caught:
        decode(octets)
    if "computed" in why:
        why = f"wrong CRC: 0000 received, {crc_arc(octets[:11]):04X} computed"
    assert (caught.value.why, caught.value.at) == (why, at)


def test_an_unchecked_telegram_may_be_cut_off_before_its_crc():
    octets = b"/ANY5X\r\n\r\n1-3:0.2.8(50)\r\n!"
    assert decode(octets, check=False).version == "50"


def test_one_bad_telegram_among_good_ones():
    bad = GOOD.replace(b"000001.500", b"000001.501")
    made = list(telegrams(GOOD + bad + GOOD))
    assert [isinstance(one, Telegram) for one in made] == [True, False, True]
    assert "wrong CRC" in made[1].why
