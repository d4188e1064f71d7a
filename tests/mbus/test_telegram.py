import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import ApplicationError, DecodeError, SecurityError
from anymeter.links import mbus, wireless
from anymeter.links.address import Address
from anymeter.mbus import afl, ell, security
from anymeter.mbus.afl import Afl
from anymeter.mbus.ell import ExtendedLink
from anymeter.mbus.header import Configuration, Header, fields
from anymeter.mbus.telegram import explain, open_telegram
from shared import vectors

VECTORS = tomllib.loads((Path(__file__).parents[1] / "vectors/mbus_security.toml").read_text())["telegram"]
ELS = Address.of("ELS", "12345678", 51, 3)
RAD = Address.of("RAD", "11223344", 3, 0x37)
KEY = bytes(range(16))
RECORDS = bytes.fromhex("0C1427048502 046D32371F15 02FD170000")


def address(text):
    letters, number, version, device_type = text.split()
    return Address.of(letters, number, int(version), int(device_type))


def only(key):
    return lambda _: key


def no_key(_):
    return None


def built(ci, given_, plain, *, header_address=None, meter=ELS, key=KEY, to_meter=False):
    """A telegram from its CI field on, protected as *given_* says."""
    cf, extension = fields(given_)
    header = Header(42, 4, cf, header_address, extension)
    body = plain
    if given_.mode:
        body = security.protect(header, meter, plain, key, ci=ci, to_meter=to_meter)
    return bytes((ci,)) + header.encode() + body


@pytest.mark.parametrize("v", VECTORS, ids=lambda v: v["name"])
def test_vector(v):
    raw, link, key = bytes.fromhex(v["hex"]), address(v["link"]), bytes.fromhex(v["key"])
    assert v["source"]
    t = open_telegram(raw, link, only(key))
    assert t.payload == bytes.fromhex(v["payload"])
    assert (t.layers, t.mode, str(t.meter), t.link) == (tuple(v["layers"]), v["mode"], v["meter"], link)
    assert (t.verified, t.encrypted, t.note, t.kind, t.secured) == (True, False, "", "records", True)
    assert raw[t.at :] != t.payload
    assert len(raw) - t.at == len(t.payload)


@pytest.mark.parametrize("v", VECTORS, ids=lambda v: v["name"])
def test_without_the_key_it_stays_ciphertext(v):
    raw, link = bytes.fromhex(v["hex"]), address(v["link"])
    for key_for in (None, no_key):
        t = open_telegram(raw, link, key_for)
        assert (t.encrypted, t.verified, t.payload) == (True, False, raw[t.at :])
        assert "there is no key" in t.note
        assert str(t.meter) == v["meter"]


@pytest.mark.parametrize("v", VECTORS, ids=lambda v: v["name"])
def test_a_wrong_key_is_an_error(v):
    with pytest.raises(SecurityError, match="wrong key"):
        open_telegram(bytes.fromhex(v["hex"]), address(v["link"]), only(bytes(16)))


@pytest.mark.parametrize("v", VECTORS, ids=lambda v: v["name"])
def test_every_truncation_is_an_error(v):
    raw = bytes.fromhex(v["hex"])
    for size in range(1, len(raw)):
        with pytest.raises((DecodeError, SecurityError)):
            open_telegram(raw[:size], address(v["link"]), only(bytes.fromhex(v["key"])))


def test_wired_response_without_encryption():
    frame = mbus.parse(
        bytes.fromhex("6820206808FD72 78563412 9315 33 03 2A 04 0000 0C1427048502046D32371F1502FD170000 8D16")
    )
    t = open_telegram(frame.body)
    assert (t.layers, t.kind, t.payload, t.at) == (("tpl-long",), "records", RECORDS, 13)
    assert (t.meter, t.access, t.status, t.mode) == (ELS, 42, ("power-low",), 0)
    assert (t.encrypted, t.verified, t.secured, t.note) == (False, False, False, "")


def test_response_without_header():
    t = open_telegram(b"\x78" + RECORDS, ELS)
    assert (t.layers, t.kind, t.payload, t.meter, t.access, t.status) == (
        ("tpl-none",),
        "records",
        RECORDS,
        ELS,
        None,
        (),
    )


def test_no_ci_field_at_all():
    t = open_telegram(b"", ELS)
    assert (t.layers, t.ci, t.kind, t.payload, t.meter) == ((), None, "none", b"", ELS)
    assert not t.to_meter
    assert explain(b"", ELS) == ([], t)


def test_the_long_header_names_the_meter_behind_an_adapter():
    t = open_telegram(
        built(0x72, Configuration(5, count=32), security.padded(RECORDS), header_address=ELS), RAD, only(KEY)
    )
    assert (t.meter, t.link, t.payload) == (ELS, RAD, security.padded(RECORDS))


def test_the_key_of_the_meter_comes_before_that_of_its_adapter():
    raw = built(0x72, Configuration(5, count=32), security.padded(RECORDS), header_address=ELS)
    assert open_telegram(raw, RAD, {ELS: KEY, RAD: bytes(16)}.get).verified
    assert open_telegram(raw, RAD, {RAD: KEY}.get).verified
    with pytest.raises(SecurityError):
        open_telegram(raw, RAD, {ELS: bytes(16), RAD: KEY}.get)


@pytest.mark.parametrize("mode", [5, 7, 8, 9, 10])
@given(st.binary(min_size=1, max_size=60))
def test_every_mode_there_and_back(mode, plain):
    if mode in (5, 7):
        plain = security.padded(plain)
        given_ = Configuration(mode, count=len(plain), **({"kdf": 1, "counter": 77} if mode == 7 else {}))
    else:
        given_ = Configuration(mode, count=None, kdf=1, counter=77, tag=8)
    t = open_telegram(built(0x7A, given_, plain), ELS, only(KEY))
    assert (t.payload, t.mode, t.verified, t.encrypted) == (plain, mode, True, False)


def test_mode_2():
    plain = security.padded(b"\x04\x13\xe8\x03\x00\x00", 8)
    raw = built(0x7A, Configuration(2, count=8), plain, key=KEY[:8])
    assert open_telegram(raw, ELS, only(KEY[:8])).payload == plain
    with pytest.raises(SecurityError, match="DES key"):
        open_telegram(raw, ELS, only(KEY[8:]))


def test_tls_is_kept_and_said_so():
    cf, extension = fields(Configuration(13, count=20, protocol=1))
    raw = b"\x7a" + Header(1, 0, cf, None, extension).encode() + bytes(range(20))
    t = open_telegram(raw, ELS, only(KEY))
    assert (t.encrypted, t.verified, t.payload) == (True, False, bytes(range(20)))
    assert "TLS" in t.note
    assert "kept as it is" in t.note


@pytest.mark.parametrize("mode", [1, 3, 4, 6, 15, 16, 31])
def test_modes_that_are_not_ours_stay_opaque(mode):
    raw = b"\x7a" + Header(1, 0, mode << 8).encode() + bytes(range(1, 17))
    t = open_telegram(raw, ELS, only(KEY))
    assert (t.encrypted, t.payload) == (True, bytes(range(1, 17)))
    assert f"security mode {mode} " in t.note


@pytest.mark.parametrize("key_for", [None, no_key, only(KEY)])
@pytest.mark.parametrize("mode", [5, 7, 22])
def test_a_payload_that_was_decrypted_before(mode, key_for):
    plain = security.padded(RECORDS)
    raw = b"\x7a" + Header(1, 0, mode << 8 | 0x20, None, b"\x10" if mode == 7 else b"").encode() + plain
    t = open_telegram(raw, ELS, key_for)
    assert (t.payload, t.encrypted, t.verified) == (plain, False, False)
    assert "the payload is plain" in t.note


def test_nothing_encrypted_although_a_mode_is_announced():
    raw = b"\x7a" + Header(1, 0, 5 << 8).encode() + RECORDS
    for key_for in (None, only(KEY)):
        t = open_telegram(raw, ELS, key_for)
        assert (t.payload, t.encrypted, t.verified) == (RECORDS, False, False)


@pytest.mark.parametrize("signature", [0x0500, 0x0520, 0x1627, 0x0F00, 0x0BAD])
def test_the_signature_of_an_old_wired_meter_is_no_security_mode(signature):
    payload = RECORDS + bytes.fromhex("0413E8030000")
    raw = b"\x72" + Header(1, 0, signature, ELS).encode() + payload
    t = open_telegram(raw)
    assert (t.payload, t.encrypted) == (payload, False)
    assert "plain" in t.note


def test_the_same_octets_by_radio_are_taken_at_their_word():
    raw = b"\x72" + Header(1, 0, 0x0510, ELS).encode() + RECORDS + bytes.fromhex("0413E8030000")
    assert open_telegram(raw, ELS).encrypted
    assert not open_telegram(raw).encrypted


def test_wired_and_encrypted():
    raw = built(0x72, Configuration(5, count=32), security.padded(RECORDS), header_address=ELS)
    assert open_telegram(raw).encrypted
    assert open_telegram(raw, None, only(KEY)).verified


@pytest.mark.parametrize(
    ("raw", "kind", "layers"),
    [
        ("00 01 67 DB08", "transport", ("transport",)),
        ("79 3B31 42A6 D204", "compact", ("tpl-none",)),
        ("69 08 313B 0202 0215 022A", "format", ("tpl-none",)),
        ("7C 78563412 9315 33 03 01 00 0000 C401", "cosem", ("tpl-long",)),
        ("7D 01 00 0000 C401", "cosem", ("tpl-short",)),
        ("A2 0102", "manufacturer", ("manufacturer",)),
        ("8A 01 00 0000", "none", ("tpl-short",)),
        ("71 05", "alarm", ("tpl-none",)),
        ("74 01 00 0000 05", "alarm", ("tpl-short",)),
        ("8C 20 75 78 0413E8030000", "records", ("ell-i", "tpl-none")),
        ("86 0102", "ell-v", ("ell-v",)),
        ("81 0102", "network", ("network",)),
    ],
)
def test_kinds(raw, kind, layers):
    octets = bytes.fromhex(raw)
    t = open_telegram(octets, ELS)
    assert (t.kind, t.layers) == (kind, layers)
    assert octets.endswith(t.payload)
    assert octets[t.at :] == t.payload


def test_fixed_structure_and_compact_frame_under_one_ci():
    fixed = bytes.fromhex("78563412 0A 00 E97E 01000000 35010000")
    t = open_telegram(b"\x73" + fixed)
    assert (t.kind, t.payload, t.header, t.at) == ("fixed", fixed, None, 1)
    compact = Header(1, 0, 0, ELS).encode() + bytes.fromhex("3B3142A6D204")
    t = open_telegram(b"\x73" + compact)
    assert (t.kind, t.payload.hex(), t.meter) == ("compact", "3b3142a6d204", ELS)
    assert open_telegram(b"\x73" + compact[:16], ELS).kind == "compact"
    with pytest.raises(DecodeError, match="has 16 octets, 15 are there"):
        open_telegram(b"\x73" + fixed[:15])


@pytest.mark.parametrize(
    "raw",
    [
        "50",
        "51 017A05",
        "52 78563412FFFFFFFF",
        "5A 01 00 0000 01 7A05",
        "5C",
        "BD",
        "6D 78563412 9315 33 03 01 00 0000 00",
    ],
)
def test_commands_are_no_messages_of_a_meter(raw):
    octets = bytes.fromhex(raw)
    with pytest.raises(DecodeError, match="goes to a device"):
        open_telegram(octets)
    t = open_telegram(octets, any_service=True)
    assert t.to_meter
    assert t.status == ()


@pytest.mark.parametrize(
    ("raw", "code"), [("70 08", 8), ("70", 0), ("6E 01 00 0000 02", 2), ("6F 78563412 9315 33 03 01 00 0000 05", 5)]
)
def test_application_errors_are_raised(raw, code):
    octets = bytes.fromhex(raw)
    with pytest.raises(ApplicationError) as e:
        open_telegram(octets)
    assert e.value.code == code
    assert open_telegram(octets, any_service=True).kind == "application-error"


def test_an_encrypted_application_error():
    raw = built(0x6E, Configuration(5, count=16), security.padded(b"\x08"))
    with pytest.raises(ApplicationError) as e:
        open_telegram(raw, ELS, only(KEY))
    assert e.value.code == 8
    assert open_telegram(raw, ELS).encrypted


@pytest.mark.parametrize(
    ("raw", "why"), [("76 00", "mode 2"), ("20", "reserved"), ("FF 00", "reserved"), ("8C 20 75 76", "mode 2")]
)
def test_ci_fields_that_are_none(raw, why):
    with pytest.raises(DecodeError, match=why):
        open_telegram(bytes.fromhex(raw), ELS)


@pytest.mark.parametrize(
    "raw", ["8C 20 75", "8C 20 75 8C 20 75 78", "90 02 0000", "90 02 0000 8C 20 75 78", "90 02 0000 90 02 0000 78"]
)
def test_layers_in_a_wrong_order(raw):
    with pytest.raises(DecodeError):
        open_telegram(bytes.fromhex(raw), ELS)


SESSION = ExtendedLink(0x8D, 0x20, 0x50, None, 1 << 29 | 12345)


def by_ell(plain, session=SESSION, key=KEY):
    return session.encode() + security.seal_link(session, ELS, plain, key)


def test_encrypted_extended_link_layer():
    raw = by_ell(b"\x78" + RECORDS)
    t = open_telegram(raw, ELS, only(KEY))
    assert (t.layers, t.payload, t.verified, t.encrypted) == (("ell-ii", "tpl-none"), RECORDS, True, False)
    assert (t.access, t.mode, t.secured) == (0x50, 0, True)
    t = open_telegram(raw, ELS)
    assert (t.layers, t.kind, t.encrypted, t.payload) == (("ell-ii",), "ell-ii", True, raw[7:])
    with pytest.raises(SecurityError, match="payload CRC"):
        open_telegram(raw, ELS, only(bytes(16)))


def test_extended_link_layer_decrypted_before():
    raw = SESSION.encode() + ell.with_crc(b"\x78" + RECORDS)
    t = open_telegram(raw, ELS, only(KEY))
    assert (t.payload, t.verified, t.encrypted, t.secured) == (RECORDS, False, False, True)


def test_extended_link_layer_that_is_not_encrypted_must_have_its_crc_right():
    session = ExtendedLink(0x8D, 0x20, 0x50, None, 12345)
    raw = session.encode() + ell.with_crc(b"\x78" + RECORDS)
    assert open_telegram(raw, ELS).payload == RECORDS
    with pytest.raises(DecodeError, match="payload CRC"):
        open_telegram(raw[:-1] + b"\x01", ELS)


def with_mac(message, key=KEY, *, ml=False):
    length = len(message) if ml else None
    bare = Afl(0, control=0x25, counter=2739, length=length)
    mac = security.message_mac(bare, message, key, ELS)
    return Afl(0, control=0x25, counter=2739, length=length, mac=mac).encode() + message


@pytest.mark.parametrize("ml", [False, True])
def test_mac_and_mode_7_with_the_counter_of_afl(ml):
    cf, extension = fields(Configuration(7, count=32, kdf=1))
    header = Header(1, 0, cf, None, extension)
    secret = security.protect(header, ELS, security.padded(RECORDS), KEY, ci=0x7A, counter=2739)
    raw = with_mac(b"\x7a" + header.encode() + secret, ml=ml)
    t = open_telegram(raw, ELS, only(KEY))
    assert (t.layers, t.payload, t.verified) == (("afl", "tpl-short"), security.padded(RECORDS), True)
    for at in range(17 + 2 * ml, len(raw)):
        changed = bytearray(raw)
        changed[at] ^= 1
        with pytest.raises((SecurityError, DecodeError)):
            open_telegram(bytes(changed), ELS, only(KEY))


def test_a_bad_mac_is_refused_even_where_nothing_is_encrypted():
    plain = b"\x7a" + Header(1, 0, 7 << 8, None, b"\x10").encode() + RECORDS
    assert open_telegram(with_mac(plain), ELS, only(KEY)).verified
    for bad in (with_mac(plain, bytes(16)), with_mac(b"\x78\x2f\x2f" + RECORDS, bytes(16))):
        with pytest.raises(SecurityError, match="AFL MAC"):
            open_telegram(bad, ELS, only(KEY))


def test_a_mac_over_a_plain_message():
    raw = with_mac(b"\x78" + RECORDS)
    assert open_telegram(raw, ELS, only(KEY)).verified
    t = open_telegram(raw, ELS)
    assert (t.verified, t.payload, t.note) == (False, RECORDS, "the AFL MAC is not verified: no key")
    with pytest.raises(SecurityError, match="AFL MAC"):
        open_telegram(raw, ELS, only(bytes(16)))


def test_mode_13_is_verified_by_the_mac_and_its_tls_records_stay_closed():
    cf, extension = fields(Configuration(13, count=20, protocol=1))
    message = b"\x7a" + Header(1, 0, cf, None, extension).encode() + bytes(range(20))
    t = open_telegram(with_mac(message), ELS, only(KEY))
    assert (t.mode, t.verified, t.encrypted, t.payload) == (13, True, True, bytes(range(20)))
    assert not open_telegram(with_mac(message), ELS).verified
    with pytest.raises(SecurityError, match="AFL MAC"):
        open_telegram(with_mac(message, bytes(16)), ELS, only(KEY))


def test_a_wrong_message_length():
    raw = Afl(0, length=5).encode() + b"\x78" + RECORDS
    with pytest.raises(DecodeError, match="ML announces 5"):
        open_telegram(raw, ELS)


def test_fragments_are_put_together_and_opened():
    cf, extension = fields(Configuration(7, count=32, kdf=1))
    header = Header(1, 0, cf, None, extension)
    message = b"\x7a" + header.encode()
    message += security.protect(header, ELS, security.padded(RECORDS), KEY, ci=0x7A, counter=7)
    whole = Afl(0, control=0x25, counter=7, length=len(message))
    mac = security.message_mac(whole, message, KEY, ELS)
    first = Afl(1, True, control=0x25, counter=7, length=len(message)).encode() + message[:20]
    second = Afl(2, False, mac=mac).encode() + message[20:]
    line = afl.Reassembly()
    pieces = [open_telegram(b"\x8c\x20\x01" + raw, ELS, only(KEY)) for raw in (first, second)]
    assert [p.kind for p in pieces] == ["fragment", "fragment"]
    assert line.add(pieces[0].afl, pieces[0].payload) is None
    header_, octets = line.add(pieces[1].afl, pieces[1].payload)
    t = open_telegram(header_.encode() + octets, ELS, only(KEY))
    assert (t.payload, t.verified) == (security.padded(RECORDS), True)


def test_a_command_is_encrypted_with_the_partner_s_key():
    given_ = Configuration(10, count=None, kdf=1, counter=5, tag=8)
    raw = built(0x5B, given_, b"\x01\x7a\x05", header_address=ELS, to_meter=True)
    t = open_telegram(raw, RAD, only(KEY), any_service=True)
    assert (t.payload, t.verified, t.to_meter) == (b"\x01\x7a\x05", True, True)


TWO = st.binary(min_size=2, max_size=2)
CIS = st.sampled_from([0x00, 0x51, 0x6E, 0x70, 0x72, 0x73, 0x78, 0x7A, 0x8C, 0x8D, 0x8E, 0x8F, 0x90, 0xA0, 0x52, 0x71])
HEADED = st.builds(
    lambda ci, cf, rest: bytes((ci, 1, 2)) + cf + rest, CIS, st.binary(min_size=2, max_size=2), st.binary(max_size=80)
)


@given(st.one_of(st.binary(max_size=120), HEADED), st.sampled_from([None, ELS]), st.booleans(), st.booleans())
def test_garbage_raises_only_our_errors(raw, link, keyed, any_service):
    key_for = only(KEY) if keyed else None
    try:
        open_telegram(raw, link, key_for, any_service=any_service)
    except (DecodeError, ApplicationError):
        return
    except SecurityError:
        assert keyed
        return
    try:
        explain(raw, link, key_for)
    except DecodeError:
        assert any_service


def test_explain_walks_every_layer():
    v = VECTORS[1]
    raw = bytes.fromhex(v["hex"])
    rows, t = explain(raw, address(v["link"]), only(bytes.fromhex(v["key"])))
    assert b"".join(r.octets for r in rows) == raw[: t.at]
    names = [r.name for r in rows]
    assert names[:4] == ["CI", "CC", "ACC", "M A"]
    assert "MAC" in names
    assert names[-2:] == ["configuration field", "configuration field extension"]
    rows, _ = explain(raw, address(v["link"]))
    assert b"".join(r.octets for r in rows) == raw
    assert "no key" in rows[-1].meaning


def test_explain_of_an_encrypted_extended_link_layer():
    raw = by_ell(b"\x7a\x01\x04\x00\x00" + RECORDS)
    rows, t = explain(raw, ELS, only(KEY))
    assert t.payload == RECORDS
    assert [r.at for r in rows] == [0, 1, 2, 3, 7, 9, 10, 11, 12]
    assert rows[-2].meaning == "power low"
    assert rows[4].meaning == "right"
    rows, t = explain(raw, ELS)
    assert (rows[-1].name, t.encrypted) == ("payload", True)


def test_explain_tells_commands_and_errors():
    assert explain(b"\x70\x08")[0][-1].meaning == "application too busy to be read out"
    assert explain(b"\x51\x01\x7a\x05")[0][0].meaning == "command"
    rows, t = explain(Afl(1, True).encode() + b"abc", ELS)
    assert (t.kind, rows[-1].name, rows[-1].octets) == ("fragment", "fragment", b"abc")


PROTECTED = vectors(
    "spec_and_security_vectors.jsonl",
    "wmbusmeters_drivers.jsonl",
    "wmbusmeters_simulations.jsonl",
    "harvested_other.jsonl",
    where=lambda v: v.get("link") == "wireless" and v.get("key") and (v.get("frame") or {}).get("kind") != "mfct_ci",
)


@pytest.mark.parametrize("v", PROTECTED)
def test_shared_telegrams_with_a_key(v):
    raw, key = bytes.fromhex(v["hex"]), only(bytes.fromhex(v["key"]))
    frame = wireless.parse(raw)
    wrong = str(v.get("expect")).startswith("error") or (v.get("frame") or {}).get("err")
    if wrong:
        with pytest.raises(SecurityError):
            open_telegram(frame.body, frame.address, key)
        return
    t = open_telegram(frame.body, frame.address, key)
    assert not t.encrypted
    assert t.verified == t.secured
    if t.mode in (2, 5, 7):
        assert t.payload.startswith(b"\x2f\x2f")
    if "plaintext_apl" in v:
        assert t.payload.hex().upper() == v["plaintext_apl"]


MORE_THAN_THERE = ("RecalculateLengthTest.java:34", "RecalculateLengthTest.java:45")
FRAMED = vectors(
    "wmbusmeters_drivers.jsonl",
    "wmbusmeters_simulations.jsonl",
    "harvested_other.jsonl",
    where=lambda v: (
        v.get("frame")
        and v["frame"].get("err") != "ell crc"
        and "rawtty_bad" not in v["id"]
        and not v["id"].endswith(MORE_THAN_THERE)
        and v["frame"]["ci"] != "76"
    ),
)
LAYERS = {"8C": "ell-i", "8D": "ell-ii", "8E": "ell-iii", "8F": "ell-iv", "90": "afl"}


@pytest.mark.parametrize("v", FRAMED)
def test_shared_layers(v):
    raw, want = bytes.fromhex(v["hex"][: len(v["hex"]) // 2 * 2]), v["frame"]
    key = only(bytes.fromhex(v["key"])) if v.get("key") and want.get("err") != "wrong key" else None
    if v["link"] == "wired":
        t = open_telegram(mbus.decode(raw)[0].body, None, key)
    else:
        frame = wireless.parse(raw)
        t = open_telegram(frame.body, frame.address, key)
        assert t.layers[:-1] == tuple(LAYERS[x] for x in want["layers"][:-1])
    assert f"{t.ci:02X}" == want["ci"]
    if want.get("mode") is not None:
        assert t.mode == want["mode"]
    for name, got in (("acc", t.header and t.header.access), ("status", t.header and t.header.status)):
        if want.get(name) is not None:
            assert got == want[name]
    assert t.encrypted == (want.get("err") in ("encrypted no key", "wrong key"))
    if want.get("kind") == "mfct_ci":
        assert t.kind == "manufacturer"


@pytest.mark.parametrize("v", vectors("harvested_other.jsonl", where=lambda v: v["id"].endswith(MORE_THAN_THERE)))
def test_shared_telegrams_that_promise_more_than_there_is(v):
    frame = wireless.parse(bytes.fromhex(v["hex"]))
    with pytest.raises(DecodeError, match="octets are encrypted"):
        open_telegram(frame.body, frame.address)


@pytest.mark.parametrize("v", vectors("spec_and_security_vectors.jsonl", where=lambda v: v.get("link") == "wired"))
def test_shared_wired_telegrams(v):
    key = only(bytes.fromhex(v["key"])) if v["key"] else None
    t = open_telegram(mbus.parse(bytes.fromhex(v["hex"])).body, None, key)
    assert t.payload.hex().upper() == v["plaintext_apl"]
    assert t.verified == bool(v["key"])


SUITES = vectors(
    "gowmbus.jsonl", "wireless_mbus_parser_ts.jsonl", "m_bus_parser_rust.jsonl", where=lambda v: v["link"] == "wireless"
)


@pytest.mark.parametrize("v", SUITES)
def test_shared_suites(v):
    frame = wireless.parse(bytes.fromhex(v["hex"]))
    t = open_telegram(frame.body, frame.address, only(bytes.fromhex(v["key"])) if v["key"] else None)
    assert t.meter is not None
    want = v.get("header", {})
    if "Address" in want:
        assert frame.address.octets.hex() == want["Address"]
        assert (t.meter.id, t.meter.manufacturer, t.meter.version) == (
            want["Id"],
            want["Manufacturer"],
            want["Version"],
        )
    if "identification_number" in want:
        assert int(t.meter.id) == want["identification_number"]
        assert (t.meter.manufacturer, t.meter.version) == (want["manufacturer"], want["version"])
    if v["id"].startswith("gowmbus") and "unknown" not in v["id"] and v["expect_raw"]["id"] != "87654322":
        assert t.meter.id == v["expect_raw"]["id"]


REFUSED = vectors(
    "libmbus_error_frames.jsonl",
    "libmbus_unsupported_frames.jsonl",
    where=lambda v: (
        v["expect"] == "application_error" or v["id"].endswith(("invalid_length2", "frame4", "frame5", "frame6"))
    ),
)


@pytest.mark.parametrize("v", REFUSED)
def test_shared_frames_that_are_no_readings(v):
    frame = mbus.parse(bytes.fromhex(v["hex"]))
    with pytest.raises(ApplicationError if v["expect"] == "application_error" else DecodeError):
        open_telegram(frame.body)


@pytest.mark.parametrize("v", PROTECTED[:40])
def test_every_truncation_of_a_shared_telegram_raises_only_our_errors(v):
    raw, key = bytes.fromhex(v["hex"]), only(bytes.fromhex(v["key"]))

    def opened(octets):
        frame = wireless.parse(octets)
        return open_telegram(frame.body, frame.address, key)

    for size in range(len(raw)):
        with pytest.raises((DecodeError, SecurityError)):
            opened(raw[:size])
