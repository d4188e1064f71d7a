"""Every APDU: our vectors both ways, their truncations, their tolerances, their errors, and garbage."""

import contextlib
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dlms_cases as cases
import dlms_strategies as strategies
from anymeter.dlms import apdu
from anymeter.dlms.ciphered import SERVICES, CipheredService
from anymeter.dlms.security import Keys
from anymeter.errors import DecodeError, LocalError
from anymeter.wire import Wire
from anymeter.wire.ber import Elements

KEYS = Keys(encryption=bytes(range(16)), authentication=bytes(range(0xD0, 0xE0)))
TITLE = bytes.fromhex("4D4D4D0000BC614E")
PDUS = sorted(set(apdu.APDUS.values()), key=lambda cls: cls.__name__)
SHORTER = {
    "DataNotificationConfirm": "its date-time is a length octet and may be 00",
    "exception-response, invocation counter": "the counter may be left out",
    "gateway request": "the APDU inside is whatever is left",
    "gateway response": "the APDU inside is whatever is left",
}
"""Vectors some of whose truncations are messages of their own."""


def declared():
    """Every class of a PDU, those inside an APDU too."""
    found, queue = [], [Wire]
    while queue:
        for cls in queue.pop().__subclasses__():
            queue.append(cls)
            if cls.__module__.startswith("anymeter.dlms") and cls.__struct_fields__:
                found.append(cls)
    return sorted(found, key=lambda cls: cls.__name__)


@pytest.mark.parametrize("v", cases.params("vector"))
def test_a_vector_both_ways(v):
    cases.check(v)


def test_every_apdu_has_a_vector():
    assert {cls.__name__ for cls in PDUS} == {v["apdu"] for v in cases.tables("vector")}


def test_every_tag_of_the_standard_is_known():
    tags = "01 05 06 08 0C 0D 0E 0F 10 16 18 60 61 62 63 C0 C1 C2 C3 C4 C5 C7 D8 D9 DA DB DC DD DF E0 E6 E7"
    ciphered = "21 25 26 28 2C 2D 2E 36 38 41 45 46 48 4C 4D 4E 56 58 C8 C9 CA CB CC CD CF D0 D1 D2 D3 D4 D5 D7"
    assert {head[0] for head in apdu.APDUS} == set(bytes.fromhex(tags + ciphered))
    assert set(SERVICES) == set(bytes.fromhex(ciphered))
    assert all(apdu.APDUS[bytes((tag,))] is CipheredService for tag in SERVICES)


@pytest.mark.parametrize("v", cases.params("vector"))
def test_every_truncation_is_an_error(v):
    whole = cases.octets(v)
    if v["name"] in SHORTER:
        return
    for keep in range(len(whole)):
        with pytest.raises(DecodeError):
            apdu.decode(whole[:keep])


@pytest.mark.parametrize("v", cases.params("vector"))
def test_an_octet_more_is_an_error_that_says_where(v):
    if v["apdu"].startswith("Gateway") or v["apdu"] == "ExceptionResponse":
        return
    whole = cases.octets(v)
    with pytest.raises(DecodeError) as caught:
        apdu.decode(whole + b"\x07")
    assert caught.value.at is not None


@pytest.mark.parametrize("v", cases.params("vector"))
def test_the_rows_of_explain_cover_the_message(v):
    whole = cases.octets(v)
    cases.check_tiles(apdu.explain(whole), whole)


@pytest.mark.parametrize("v", cases.params("quirk"))
def test_a_tolerance_is_told_and_refused_when_strict(v):
    whole = cases.octets(v)
    decoded = apdu.decode(whole)
    assert getattr(decoded, "quirks", ()) == tuple(v["quirks"])
    for path, expected in v["expect"].items():
        assert cases.told(cases.at_path(decoded, path)) == expected
    with pytest.raises(DecodeError, match="not the standard's form"):
        apdu.decode(whole, strict=True)


@pytest.mark.parametrize("v", cases.params("quirk")[3:])
def test_a_quirk_of_a_service_is_encoded_again_as_it_came(v):
    assert apdu.decode(cases.octets(v)).encode() == cases.octets(v)
    cases.check_tiles(apdu.explain(cases.octets(v)), cases.octets(v))


@pytest.mark.parametrize("v", cases.params("vector"))
def test_strict_reads_what_is_in_order(v):
    assert apdu.decode(cases.octets(v), strict=True) == apdu.decode(cases.octets(v))


@pytest.mark.parametrize("v", cases.params("error"))
def test_an_error_says_why_and_where(v):
    with pytest.raises(DecodeError) as caught:
        apdu.decode(cases.octets(v))
    assert v["why"] in str(caught.value)
    assert caught.value.at is not None


def test_an_error_names_the_field():
    with pytest.raises(DecodeError) as caught:
        apdu.decode(bytes.fromhex("C001C1 0003 0700"))
    assert caught.value.what == "GetRequestNormal.attribute: AttributeDescriptor.instance_id"
    assert caught.value.at == 5
    assert "6 octets are needed, 2 are left" in str(caught.value)


def test_a_length_longer_than_it_need_be_is_read_and_refused_when_strict():
    whole = bytes.fromhex("E0 80 0001 0000 8101 AA")
    assert apdu.decode(whole).data == b"\xaa"
    with pytest.raises(DecodeError, match="form of encoding"):
        apdu.decode(whole, strict=True)


def test_explain_says_what_fields_mean():
    rows = {row.name: row for row in apdu.explain(bytes.fromhex("C401C1 01 03"))}
    assert rows["invoke"].meaning == "id 1, confirmed, high priority"
    assert rows["result choice"].meaning == "data-access-result"
    assert rows["result"].meaning == "3, read-write-denied"
    assert rows["GetResponseNormal"].meaning == "get-response-normal"


def test_explain_goes_into_user_information_gateways_and_blocks():
    aarq = bytes.fromhex("601DA109060760857405080101BE10040E01000000065F1F0400007E1F04B0")
    names = cases.names_of(apdu.explain(aarq))
    assert "InitiateRequest" in names
    assert "conformance" in names
    gateway = bytes.fromhex("E6000105 E0 80 0001 0000 0D C001C100080000010000FF0200")
    rows = apdu.explain(gateway)
    assert [row.depth for row in rows if row.name.startswith(("Gateway", "General", "GetRequest"))] == [0, 1, 2]
    cases.check_tiles(rows, gateway)


def test_explain_opens_what_is_protected_and_says_whether_it_is_verified():
    whole = bytes.fromhex("C81E3001234567411312FF935A47566827C467BC7D825C3BE4A77C3FCC056B6B")
    rows = {row.name: row for row in apdu.explain(whole, KEYS, TITLE)}
    assert rows["plaintext"].meaning == "verified"
    assert rows["security control"].meaning == "suite 0, authenticated, encrypted, unicast key"
    assert rows["attribute_id"].at == len(whole) - 12 - 2
    only = {row.name: row for row in apdu.explain(whole, Keys(encryption=bytes(range(16))), TITLE)}
    assert only["plaintext"].meaning == "not verified"


def test_explain_tells_a_wrong_key_in_a_row():
    whole = bytes.fromhex("C81E3001234567411312FF935A47566827C467BC7D825C3BE4A77C3FCC056B6B")
    wrong = apdu.explain(whole, Keys(encryption=bytes(16), authentication=bytes(16)), TITLE)[-1]
    assert wrong.name == "security"
    assert "the tag does not verify" in wrong.meaning


def test_explain_tells_a_broken_apdu_inside_in_a_row():
    aarq = bytes.fromhex("600FA109060760857405080101BE020400")
    assert apdu.decode(bytes.fromhex("6012A109060760857405080101BE0504030E0106")).user_information
    rows = apdu.explain(bytes.fromhex("6012A109060760857405080101BE0504030E0106"))
    assert rows[-1].name == "error"
    assert "ConfirmedServiceError" in rows[-1].meaning
    assert apdu.explain(aarq)


def test_a_value_that_does_not_fit_is_our_own_mistake():
    request = apdu.decode(bytes.fromhex("C002C100000001"))
    for invoke, number in ((256, 1), (1, -1), (1, None), ("1", 1)):
        with pytest.raises(LocalError, match="GetRequestNext cannot be encoded"):
            type(request)(invoke, number).encode()


@pytest.mark.parametrize("cls", declared(), ids=lambda cls: cls.__name__)
@given(raw=st.binary(max_size=80), cut=st.integers(0, 3))
@settings(max_examples=60)
def test_garbage_raises_only_decode_error(cls, raw, cut):
    message = cls.HEAD[: len(cls.HEAD) - cut if cut < 2 else None] + raw
    try:
        value, end = cls.decode(message)
    except DecodeError as error:
        caught = error
    else:
        caught = None
    if caught is not None:
        assert caught.at is None or 0 <= caught.at <= len(message)
        with pytest.raises(DecodeError):
            cls.explain(message)
        return
    assert 0 <= end <= len(message)
    assert cls.decode(value.encode())[0] == value or getattr(value, "quirks", ())
    assert cls.explain(message)


@given(st.binary(max_size=200))
def test_garbage_of_any_tag(raw):
    with contextlib.suppress(DecodeError):
        apdu.explain(raw, KEYS, TITLE)


@given(st.sampled_from(cases.tables("vector")), st.data())
def test_a_vector_with_an_octet_changed(v, data):
    whole = bytearray(cases.octets(v))
    whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    message = bytes(whole)
    try:
        value = apdu.decode(message)
    except DecodeError:
        return
    assert apdu.explain(message, KEYS, TITLE)
    assert apdu.decode(value.encode()) == value or getattr(value, "quirks", ())


HOSTILE = {
    "a count of four thousand million": bytes.fromhex("C403C184FFFFFFFF") + bytes(10_000),
    "as many results as octets": bytes.fromhex("C505C1822710") + bytes(10_000),
    "as many results as are read": bytes.fromhex("C505C1820200") + bytes(512),
    "five thousand nested arrays": bytes.fromhex("C401C100") + b"\x01\x01" * 5_000,
    "nested arrays in a notification": bytes.fromhex("0F0000000100") + b"\x02\x01" * 5_000,
    "a list of results of null-data": bytes.fromhex("C403C1820200") + b"\x00\x00" * 512,
    "read results that are errors": bytes.fromhex("0C820200") + b"\x01\x01" * 5_000,
    "read requests": bytes.fromhex("05820200") + bytes.fromhex("02FA00") * 3_000,
    "attributes": bytes.fromhex("C003C1820200") + bytes.fromhex("00030100010800FF0200") * 1_000,
    "access specifications": bytes.fromhex("D94000000100820200") + bytes.fromhex("0100030100010800FF02") * 1_000,
    "ten thousand ACSE elements": b"\x60\x82\x27\x10" + b"\x99\x00" * 5_000,
    "an array of nulls": bytes.fromhex("C401C10001822710") + bytes(10_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_message_takes_no_more_than_ten_times_its_size(name):
    message = HOSTILE[name]
    with contextlib.suppress(DecodeError):
        apdu.decode(message[:100])
    tracemalloc.start()
    try:
        decoded = apdu.decode(message)
    except DecodeError as error:
        decoded = error
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert decoded is not None
    assert peak < 10 * max(len(message), 10_000)


PLAIN = [cls for cls in declared() if not issubclass(cls, Elements)]


@pytest.mark.parametrize("cls", PLAIN, ids=lambda cls: cls.__name__)
@given(data=st.data())
@settings(max_examples=40)
def test_every_value_of_every_pdu_is_read_back(cls, data):
    value = data.draw(strategies.of_class(cls))
    octets = value.encode()
    assert cls.parse(octets) == value
    assert octets.startswith(cls.HEAD)
    cases.check_tiles(cls.explain(octets), octets)


@pytest.mark.parametrize(
    "cls", [cls for cls in PDUS if cls in PLAIN and cls is not CipheredService], ids=lambda cls: cls.__name__
)
@given(data=st.data())
@settings(max_examples=20)
def test_every_apdu_is_found_by_its_first_octets(cls, data):
    value = data.draw(strategies.of_class(cls))
    assert apdu.kind_of(value.encode()) is cls
    assert apdu.decode(value.encode(), strict=True) == value
