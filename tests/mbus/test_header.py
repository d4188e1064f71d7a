import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import DecodeError, LocalError
from anymeter.links.address import Address
from anymeter.mbus.header import Configuration, Header, configuration, configuration_text, decode, explain, fields

ELS = Address.of("ELS", "12345678", 51, 3)
BIT = st.booleans()
NIBBLE = st.integers(0, 15)
CLASSIC = st.builds(
    Configuration,
    st.just(5),
    content=st.integers(0, 3),
    count=NIBBLE.map(lambda n: n * 16),
    bidirectional=BIT,
    accessible=BIT,
    synchronous=BIT,
    repeated=BIT,
    hop=BIT,
)
COUNTER = st.none() | st.integers(0, 0xFFFFFFFF)
VERSION = st.none() | st.integers(0, 255)
DERIVED = st.builds(
    Configuration,
    st.just(7),
    content=st.integers(0, 3),
    count=NIBBLE.map(lambda n: n * 16),
    index=NIBBLE,
    kdf=st.integers(0, 3),
    key_id=NIBBLE,
    key_version=VERSION,
    counter=COUNTER,
)
TAGGED = st.builds(
    Configuration,
    st.sampled_from([8, 9, 10]),
    content=st.integers(0, 3),
    count=st.none() | st.integers(0, 254),
    index=NIBBLE,
    kdf=st.integers(0, 3),
    key_id=NIBBLE,
    key_version=VERSION,
    counter=COUNTER,
    tag=st.sampled_from([4, 8, 12, 16]),
)
TLS = st.builds(Configuration, st.just(13), content=st.integers(0, 3), count=st.integers(0, 255), protocol=NIBBLE)
DES = st.builds(Configuration, st.just(2), count=st.none() | st.integers(1, 255))
ANY = st.one_of(CLASSIC, DERIVED, TAGGED, TLS, DES)


def header(cf, extension=b"", address=None):
    return Header(42, 0, cf, address, extension)


def test_long_header():
    got, end = decode(bytes.fromhex("72 78563412 9315 33 03 2A 04 0000 0C"), 1, "long")
    assert end == 13
    assert got == Header(42, 4, 0, ELS)
    assert got.mode == 0


def test_short_header_of_mode_5():
    got, end = decode(bytes.fromhex("2A002025"), 0, "short")
    assert (end, got) == (4, Header(42, 0, 0x2520))
    c = configuration(got)
    assert (c.mode, c.count, c.synchronous, c.bidirectional, c.accessible, c.content) == (5, 32, True, False, False, 0)


def test_mode_7_has_an_extension():
    got, end = decode(bytes.fromhex("75 00 2007 10 9058"), 0, "short")
    assert (end, got.extension) == (5, b"\x10")
    c = configuration(got)
    assert (c.mode, c.count, c.kdf, c.key_id, c.counter, c.key_version) == (7, 32, 1, 0, None, None)


def test_counter_and_key_version_in_the_extension():
    got, end = decode(bytes.fromhex("75 00 2027 53 09 B30A0000 AA"), 0, "short")
    assert end == 10
    c = configuration(got)
    assert (c.mode, c.kdf, c.key_id, c.key_version, c.counter) == (7, 1, 3, 9, 2739)


def test_mode_10_as_a_meter_sends_it():
    got, end = decode(bytes.fromhex("30 10 FF2A 1001 01020304 AA"), 0, "short")
    assert end == 10
    c = configuration(got)
    assert (c.mode, c.count, c.kdf, c.key_id, c.tag, c.counter) == (10, None, 1, 0, 8, 0x04030201)


def test_mode_13():
    got, end = decode(bytes.fromhex("01 00 404D 02"), 0, "short")
    c = configuration(got)
    assert (end, c.mode, c.count, c.content, c.protocol) == (5, 13, 64, 1, 2)


def test_no_header():
    assert decode(b"\x78", 1, "none") == (None, 1)


@pytest.mark.parametrize(
    ("octets", "form"),
    [
        ("78563412931533032A0000", "long"),
        ("", "long"),
        ("2A0000", "short"),
        ("", "short"),
        ("75002007", "short"),
        ("7500202750B30A00", "short"),
        ("3010FF2A10", "short"),
        ("3010FF2A1001010203", "short"),
        ("0100404D", "short"),
    ],
)
def test_truncated(octets, form):
    with pytest.raises(DecodeError, match="remain"):
        decode(bytes.fromhex(octets), 0, form)


@given(ANY)
def test_configuration_round_trip(given_):
    cf, extension = fields(given_)
    head = header(cf, extension)
    assert configuration(head) == given_
    assert decode(head.encode(), 0, "short") == (head, 4 + len(extension))
    long = header(cf, extension, ELS)
    assert decode(long.encode(), 0, "long") == (long, 12 + len(extension))


@given(st.binary(max_size=30), st.sampled_from(["none", "short", "long"]))
def test_garbage_raises_only_decode_error(raw, form):
    try:
        got, end = decode(raw, 0, form)
    except DecodeError:
        return
    if got is not None:
        assert got.encode() == raw[:end]
        configuration(got)


@given(st.integers(0, 0xFFFF))
def test_every_configuration_field_has_words(cf):
    assert configuration_text(header(cf))


@pytest.mark.parametrize(
    "bad",
    [
        Configuration(32),
        Configuration(5, count=17),
        Configuration(5, count=256),
        Configuration(7, count=8),
        Configuration(10, count=255, tag=8),
        Configuration(10, count=1, tag=7),
        Configuration(2, count=256),
    ],
)
def test_configurations_that_cannot_be_said(bad):
    with pytest.raises(LocalError):
        fields(bad)


@pytest.mark.parametrize("bad", [Header(256, 0, 0), Header(0, -1, 0), Header(0, 0, 0x10000)])
def test_headers_that_cannot_be_sent(bad):
    with pytest.raises(LocalError):
        bad.encode()


@pytest.mark.parametrize(
    ("bits", "words"),
    [(0x0000, "no access window"), (0x4000, "no window after"), (0x8000, "short window"), (0xC000, "unlimited")],
)
def test_accessibility(bits, words):
    assert words in configuration(header(bits)).access


@given(ANY, st.booleans())
def test_explain_covers_every_octet(given_, long):
    cf, extension = fields(given_)
    raw = header(cf, extension, ELS if long else None).encode()
    rows = explain(b"\x72" + raw, 1, "long" if long else "short")
    assert b"".join(r.octets for r in rows) == raw
    assert rows[0].at == 1


def test_explain_tells_the_direction_of_the_status():
    raw = bytes.fromhex("2A1E0000")
    assert "temporary error" in explain(raw, 0, "short")[1].meaning
    assert explain(raw, 0, "short", from_device=False)[1].meaning == "heard at -70 dBm"
    assert explain(bytes(4), 0, "short", from_device=False)[1].meaning == "no reception level"
    assert explain(b"", 0, "none") == []
