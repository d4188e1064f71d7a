import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import ApplicationError, DecodeError, LocalError
from anymeter.links import mbus
from anymeter.links.address import Address
from anymeter.mbus import services
from anymeter.mbus.services import Application, Selection, TimeSync
from shared import vectors

ANY = Address.of_header(bytes.fromhex("78563412FFFFFFFF"))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0x00, "unspecified"),
        (0x01, "CI field"),
        (0x02, "buffer too long"),
        (0x03, "too many records"),
        (0x04, "premature end"),
        (0x05, "DIFE"),
        (0x06, "VIFE"),
        (0x08, "busy"),
        (0x09, "too many readouts"),
        (0x99, "application error 99"),
    ],
)
def test_application_errors(code, words):
    error = services.application_error(bytes((code,)), 7)
    assert isinstance(error, ApplicationError)
    assert (error.code, error.at) == (code, 7)
    assert words in error.why


def test_a_report_without_a_code():
    assert services.application_error(b"").code == 0


def test_alarms():
    assert services.decode_alarm(b"\x05").bits == 5
    assert services.decode_alarm(b"\x01\x80").bits == 0x8001
    assert services.encode_alarm(0x8001, 2) == b"\x01\x80"
    with pytest.raises(DecodeError):
        services.decode_alarm(b"", 3)
    with pytest.raises(LocalError):
        services.encode_alarm(256)


@pytest.mark.parametrize(
    ("payload", "application", "name", "block"),
    [
        ("", Application(), "default", None),
        ("00", Application(0x00), "all", 0),
        ("13", Application(0x13), "user data", 3),
        ("B0", Application(0xB0), "manufacturing", 0),
        ("70", Application(0x70), "application 7", 0),
        ("10AB", Application(0x10, b"\xab"), "user data", 0),
    ],
)
def test_applications(payload, application, name, block):
    raw = bytes.fromhex(payload)
    got = services.decode_application(raw)
    assert got == application
    assert (got.name, got.block) == (name, block)
    assert services.encode_application(got) == raw


def test_an_application_needs_its_code():
    with pytest.raises(LocalError):
        services.encode_application(Application(None, b"x"))


@pytest.mark.parametrize(
    ("payload", "sync"),
    [
        ("00 010203040506", TimeSync("set", bytes.fromhex("010203040506"))),
        ("2F2F 00 010203040506 2F2F", TimeSync("set", bytes.fromhex("010203040506"))),
        ("01 0A0000", TimeSync("add", bytes.fromhex("0A0000"))),
        ("02 0A0000 2F", TimeSync("subtract", bytes.fromhex("0A0000"))),
    ],
)
def test_time(payload, sync):
    assert services.decode_time(bytes.fromhex(payload)) == sync
    assert services.decode_time(services.encode_time(sync)) == sync


@pytest.mark.parametrize(
    ("payload", "at"),
    [("", 0), ("2F2F", 0), ("03 000000", 0), ("2F2F 07", 2), ("00 0102030405", 1), ("01 0A00", 1), ("01 0A0000 01", 4)],
)
def test_times_that_are_none(payload, at):
    with pytest.raises(DecodeError) as e:
        services.decode_time(bytes.fromhex(payload))
    assert e.value.at == at


@pytest.mark.parametrize("sync", [TimeSync("turn", bytes(6)), TimeSync("set", bytes(3)), TimeSync("add", bytes(6))])
def test_times_that_cannot_be_sent(sync):
    with pytest.raises(LocalError):
        services.encode_time(sync)


def test_selection_of_the_frame_in_the_vectors():
    raw = bytes.fromhex("680B0B6853FD52 78563412FFFFFFFF B216")
    selection = services.decode_selection(mbus.parse(raw).data)
    assert selection == Selection(ANY)
    body = b"\x52" + services.encode_selection(selection)
    assert mbus.long(0x53, 253, body).encode() == raw


def test_selection_with_a_fabrication_number():
    raw = bytes.fromhex("78563412FFFFFFFF 0C78 44332211")
    assert services.decode_selection(raw) == Selection(ANY, "11223344")
    assert services.encode_selection(Selection(ANY, "11223344")) == raw
    with pytest.raises(LocalError):
        services.encode_selection(Selection(ANY, "1122"))


@pytest.mark.parametrize(
    "payload", ["", "785634", "78563412FFFFFF", "78563412FFFFFFFF0C", "78563412FFFFFFFF0D7844332211"]
)
def test_selections_that_are_none(payload):
    with pytest.raises(DecodeError):
        services.decode_selection(bytes.fromhex(payload))


@pytest.mark.parametrize(("ci", "rate"), services.BAUDS.items())
def test_baud_rates(ci, rate):
    assert services.baud(ci) == rate
    assert services.baud_ci(rate) == ci


def test_rates_that_are_none():
    with pytest.raises(LocalError):
        services.baud(0x72)
    with pytest.raises(LocalError):
        services.baud_ci(1234)


@given(st.binary(max_size=40))
def test_garbage_raises_only_decode_error(raw):
    for decode in (services.decode_alarm, services.decode_time, services.decode_selection):
        try:
            decode(raw)
        except DecodeError:
            continue
    services.application_error(raw)
    assert services.encode_application(services.decode_application(raw)) == raw


@pytest.mark.parametrize(
    ("kind", "payload", "ci", "words"),
    [
        ("application-error", "08", 0x70, "busy"),
        ("alarm", "05", 0x71, "101"),
        ("application-select", "13", 0x50, "user data, telegram 3"),
        ("application-select", "", 0x50, "default"),
        ("time", "010A0000", 0x6D, "add 0a 00 00"),
        ("selection", "78563412FFFFFFFF", 0x52, "12345678"),
        ("baud", "", 0xBD, "9600 Bd"),
        ("sync", "", 0x5C, "freeze"),
    ],
)
def test_explain(kind, payload, ci, words):
    rows = services.explain(kind, bytes.fromhex(payload), 3, ci)
    assert rows is not None
    assert words in rows[0].meaning
    assert rows[0].at == 3


def test_explain_leaves_other_kinds_alone():
    assert services.explain("records", b"", 0, 0x72) is None


@pytest.mark.parametrize("v", vectors("libmbus_error_frames.jsonl", where=lambda v: v["expect"] == "application_error"))
def test_shared_errors(v):
    frame = mbus.parse(bytes.fromhex(v["hex"]))
    words = set(services.application_error(frame.data).why.lower().replace(";", "").split())
    assert words & set(v["expect_raw"].lower().replace(",", "").replace("-", " ").split())
