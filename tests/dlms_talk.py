"""Requests and answers of a small meter, for tests of conversations."""

from __future__ import annotations

from anymeter.cosem.data import Enum
from anymeter.cosem.schema import DOUBLE_LONG_UNSIGNED, ENUM, INTEGER, structure
from anymeter.dlms import get
from anymeter.dlms.descriptors import AttributeDescriptor, AttributeWithSelection
from anymeter.dlms.enums import DataAccessResult
from anymeter.obis import Obis

SCALER_UNIT = structure(INTEGER, ENUM)
IMPORT, EXPORT = Obis("1-0:1.8.0"), Obis("1-0:2.8.0")
WH = 30


def attribute(code=IMPORT, number=2, kind=3):
    return AttributeDescriptor(kind, Obis(code), number)


def number(value):
    return DOUBLE_LONG_UNSIGNED.encode(value)


def scaler_unit(scaler, unit=WH):
    return SCALER_UNIT.encode((scaler, Enum(unit)))


def ask(code=IMPORT, number=2, kind=3, invoke=1):
    return get.GetRequestNormal(0xC0 | invoke, attribute(code, number, kind))


def ask_list(*attributes, invoke=1):
    return get.GetRequestWithList(0xC0 | invoke, tuple(AttributeWithSelection(a) for a in attributes))


def answer(result, invoke=1):
    return get.GetResponseNormal(0xC0 | invoke, result)


def answer_list(*results, invoke=1):
    return get.GetResponseWithList(0xC0 | invoke, results)


def answer_block(octets, number, last=False, invoke=1):
    return get.GetResponseWithDatablock(0xC0 | invoke, last, number, octets)


def results_octets(*results):
    """What the blocks of a get-response-with-list carry."""
    told = (b"\x01" + bytes((r,)) if isinstance(r, DataAccessResult) else b"\x00" + r for r in results)
    return bytes((len(results),)) + b"".join(told)
