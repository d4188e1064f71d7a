"""APDUs of other suites: decoded, encoded to the same octets, cut everywhere, and compared with what others read.

Two of them announce a block longer than what is there (their suite cut octets out of a block); those are errors.
"""

import re
from itertools import pairwise

import pytest

import dlms_cases as cases
from anymeter.dlms import apdu
from anymeter.dlms.action import ActionRequestNormal
from anymeter.dlms.enums import DataAccessResult
from anymeter.dlms.security import Keys, unprotect
from anymeter.errors import DecodeError
from shared import vectors

LLC = bytes.fromhex("E6E700")
CUT_SHORT = {"apdu-get-resp-block-1-last-4": 1181, "apdu-get-resp-block-1-last-7": 1180}
QUIRKS = {
    "han-kaifa-frame-no-list-1": ("tagged-date-time",),
    "han-kaifa-frame-no-list-2": ("tagged-date-time",),
    "meter-raw-egd-example": ("untagged-descriptors",),
}
SAME_AS = {"GetResponseLastBlock": "GetResponseWithDatablock"}


def octets(v):
    return bytes.fromhex(v["hex"]).removeprefix(LLC)


def whole(v):
    return v["layer"] == "apdu" and v["id"] not in CUT_SHORT


APDUS = vectors("dlms_vectors.jsonl", where=whole)


def expecting(*keys):
    return vectors("dlms_vectors.jsonl", where=lambda v: whole(v) and any(key in v["expect"] for key in keys))


@pytest.mark.parametrize("v", APDUS)
def test_both_ways(v):
    decoded = apdu.decode(octets(v))
    assert decoded.encode() == octets(v)
    assert getattr(decoded, "quirks", ()) == QUIRKS.get(v["id"], ())
    cases.check_tiles(apdu.explain(octets(v)), octets(v))


@pytest.mark.parametrize("v", APDUS)
def test_every_truncation_is_an_error(v):
    message = octets(v)
    shorter = {2} if v["id"].startswith("gxxml-hand-30") else set()  # an exception-response without its counter
    keeps = [*range(min(len(message), 120)), *range(120, len(message), 7), len(message) - 1]
    for keep in keeps:
        if keep - 1 in shorter:
            continue
        with pytest.raises(DecodeError):
            apdu.decode(message[:keep])


@pytest.mark.parametrize("v", vectors("dlms_vectors.jsonl", where=lambda v: v["id"] in CUT_SHORT))
def test_a_block_that_is_cut_short_is_an_error(v):
    message = octets(v)
    assert len(message) - 12 == CUT_SHORT[v["id"]] < v["expect"]["raw_length"]
    with pytest.raises(DecodeError, match="1182 octets are announced"):
        apdu.decode(message)


def fields_told(decoded):
    """What other suites say of an APDU, as they name it."""
    found = {"apdu": type(decoded).__name__.upper() if len(type(decoded).__name__) == 4 else type(decoded).__name__}
    result = getattr(decoded, "result", None)
    for name, path in (
        ("invoke", "invoke"),
        ("class", "attribute.class_id"),
        ("attribute", "attribute.attribute_id"),
        ("obis", "attribute.instance_id"),
        ("mechanism", "mechanism"),
        ("diagnostic", "diagnostic"),
        ("reason", "reason"),
        ("value", "value"),
        ("values", "values"),
        ("last", "last"),
        ("block", "number"),
        ("block", "block.number"),
    ):
        try:
            value = cases.at_path(decoded, path)
        except AttributeError:
            continue
        found[name] = value
    if isinstance(result, bytes):
        found["raw_length"] = len(result)
        found["octets"] = result[2:].hex()
    elif isinstance(result, DataAccessResult):
        found["data_access_result"] = result
    elif result is not None:
        found["result"] = result
    if "obis" in found:
        found["obis"] = found["obis"].__str__().replace("-", ".").replace(":", ".").replace("*", ".")
    if "invoke" in found:
        found["confirmed"], found["high_priority"] = bool(found["invoke"] & 0x40), bool(found["invoke"] & 0x80)
        found["invoke"] &= 0x0F
    return found | association_told(decoded) | action_told(decoded)


def association_told(decoded):
    found = {}
    if hasattr(decoded, "calling_authentication_value"):
        found["auth_value"] = (decoded.calling_authentication_value or b"").decode()
        found["system_title"] = (decoded.calling_ap_title or b"").hex()
        found["context"] = {1: "LN", 3: "LN_CIPHERED"}.get(decoded.context)
    if hasattr(decoded, "responding_authentication_value"):
        found["stoc"] = (decoded.responding_authentication_value or b"").hex()
    inside = getattr(decoded, "user_information", None) or decoded.encode()
    found["initiate_response"] = inside[:1] == b"\x08"
    if inside[:1] in (b"\x01", b"\x08"):
        initiate = apdu.decode(inside)
        found["conformance"] = initiate.conformance.to_bytes(3, "big").hex()
        found["max_pdu"] = initiate.max_receive_pdu_size
        found["vaa"] = getattr(initiate, "vaa_name", None)
        found["dedicated_key"] = (getattr(initiate, "dedicated_key", None) or b"").hex()
    return found


def action_told(decoded):
    found = {}
    if isinstance(decoded, ActionRequestNormal):
        found["class"], found["method"] = decoded.method.class_id, decoded.method.method_id
        found["obis"] = ".".join(map(str, decoded.method.instance_id))
        octets = decoded.parameters or b""
        found["parameter"] = int.from_bytes(octets[1:], "big")
        found |= {"sc": octets[2:3].hex(), "ic": int.from_bytes(octets[3:7], "big"), "gmac": octets[7:].hex()}
    outcome = getattr(decoded, "outcome", None)
    if outcome is not None:
        found |= {"result": outcome.result, "data": outcome.returned}
    return found


def flat(value):
    return [flat(item) for item in value] if isinstance(value, list | tuple) else value


@pytest.mark.parametrize("v", expecting("apdu"))
def test_fields_are_as_others_read_them(v):
    expected = dict(v["expect"])
    expected["apdu"] = SAME_AS.get(expected["apdu"], expected["apdu"])
    expected.pop("initiate_request_plain", None)  # the security tests have it
    printed = expected.pop("fields", "")
    told = fields_told(apdu.decode(octets(v)))
    assert {name: flat(told[name]) for name in expected} == expected
    for name in ("block_number", "last_block"):
        for value in re.findall(rf"{name}=(\w+)", printed):
            block = apdu.decode(octets(v)).block
            assert str({"block_number": block.number, "last_block": block.last}[name]) == value


@pytest.mark.parametrize("v", vectors("dlms_vectors.jsonl", where=lambda v: v["id"] == "apdu-aarq-gb-ciphered-lls"))
def test_the_ciphered_initiate_request_of_an_aarq(v):
    aarq = apdu.decode(octets(v))
    keys = Keys(encryption=bytes(range(16)), authentication=bytes(range(0xD0, 0xE0)))
    plain, protection = unprotect(aarq.user_information, keys, aarq.calling_ap_title)
    assert plain.hex() == v["expect"]["initiate_request_plain"]
    assert protection.verified


@pytest.mark.parametrize(
    "v", vectors("dlms_vectors.jsonl", where=lambda v: v["id"] in ("sec-annex-rlrq-e7", "sec-annex-rlre-e8"))
)
def test_the_ciphered_user_information_of_a_release(v):
    keys = Keys(encryption=bytes.fromhex(v["keys"]["ek"]), authentication=bytes.fromhex(v["keys"]["ak"]))
    title = bytes.fromhex(v["keys"]["system_title"])
    plain, protection = unprotect(apdu.decode(octets(v)).user_information, keys, title)
    assert plain.hex() == v["expect"]["plaintext_user_information"]
    assert protection.verified
    assert protection.counter == v["expect"]["ic"]


@pytest.mark.parametrize("v", vectors("dlms_vectors.jsonl", where=lambda v: v["id"].startswith("sec-gb-glo")))
def test_the_worked_examples_of_ciphering(v):
    keys = Keys(encryption=bytes.fromhex(v["keys"]["ek"]), authentication=bytes.fromhex(v["keys"]["ak"]))
    plain, protection = unprotect(octets(v), keys, bytes.fromhex(v["keys"]["system_title"]))
    assert plain.hex() == v["expect"]["plaintext"]
    assert f"{protection.control:02x}" == v["expect"]["sc"]


COMPARED = {
    "InvokeIdAndPriority": "invoke",
    "LongInvokeIdAndPriority": "invoke",
    "BlockNumber": "number",
    "BlockNumberAck": "acknowledged",
    "ClassId": "class_id",
    "AttributeId": "attribute_id",
    "MethodId": "method_id",
    "InstanceId": "instance_id",
    "VariableName": "name",
    "Selector": "selector",
    "SystemTitle": "system_title",
    "RecipientSystemTitle": "recipient",
    "OriginatorSystemTitle": "originator",
    "DedicatedKey": "dedicated_key",
    "ProposedDlmsVersionNumber": "version",
    "NegotiatedDlmsVersionNumber": "version",
    "ProposedMaxPduSize": "max_receive_pdu_size",
    "NegotiatedMaxPduSize": "max_receive_pdu_size",
    "VaaName": "vaa_name",
    "KeyCipheredData": "key",
    "KeyParameters": "parameters",
    "CipheredContent": "content",
    "CipheredService": "content",
    "BlockControl": "control",
}
"""Elements of the XML whose value is that of one field: their names there and here."""
NUMBERS = ("UInt8", "UInt16", "UInt32", "Int8", "Enum")
"""Elements that are values; every one of them stands in the octets of one of our values."""


def xml_elements(v):
    xml = re.sub(r"<!--.*?-->", "", v["expect"]["gurux_xml"], flags=re.S)
    return re.findall(r'<(\w+) Value="([^"]*)"', xml)


@pytest.mark.parametrize("v", expecting("gurux_xml"))
def test_elements_are_as_another_reads_them(v):
    rows = apdu.explain(octets(v))
    mine = {}
    for row in rows:
        mine.setdefault(re.sub(r".*\.|\[\d+\]", "", row.name), []).append(row.octets.hex().upper())
    for name, value in xml_elements(v):
        if name in COMPARED:
            found = mine.get(COMPARED[name], []) + (mine.get("method_id", []) if name == "AttributeId" else [])
            assert any(octet.endswith(value) for octet in found), name
        elif name in NUMBERS:
            assert any(value in row.octets.hex().upper() for row in rows), name


@pytest.mark.parametrize("v", expecting("gurux_xml"))
def test_conformance_bits_are_as_another_names_them(v):
    named = re.findall(r'<ConformanceBit Name="(\w+)"', v["expect"]["gurux_xml"])
    rows = [row.meaning for row in apdu.explain(octets(v)) if row.name == "conformance"]
    assert bool(named) == bool(rows)
    if rows:
        mine = [name.title().replace("-", "") for name in rows[0].split(", ")]
        assert [name.lower() for name in mine] == [name.lower() for name in named]


@pytest.mark.parametrize("v", expecting("values", "decoded"))
def test_a_push_has_its_body(v):
    """The values of a push are compared where readings are made; here its body is found whole."""
    decoded = apdu.decode(octets(v))
    value = getattr(decoded, "values", None) or decoded.value
    assert value
    when = v["expect"].get("decoded", {}).get("meter_datetime")
    if when and getattr(decoded, "date_time", b""):
        assert decoded.when.iso().startswith(when[:19])


def test_blocks_of_one_transfer_follow_each_other():
    found = [
        v.values[0]
        for v in APDUS
        if v.values[0] and v.values[0]["id"] in ("gxxml-session-08-rx", "gxxml-session-10-rx")
    ]
    numbers = [apdu.decode(octets(v)).number for v in found]
    assert all(after == before + 1 for before, after in pairwise(numbers))
