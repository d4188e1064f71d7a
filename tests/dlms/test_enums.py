"""Enumerations: numbers as the standard has them, names in words, numbers it does not know."""

import inspect

import pytest

from anymeter.dlms import enums
from anymeter.dlms.enums import ERRORS, ActionResult, Conformance, DataAccessResult, ErrorGroup, ServiceError

CODES = [
    cls
    for cls in vars(enums).values()
    if inspect.isclass(cls) and issubclass(cls, enums.Code) and cls is not enums.Code
]


@pytest.mark.parametrize("cls", CODES)
def test_every_octet_is_a_member(cls):
    assert [int(cls(n)) for n in range(256)] == list(range(256))
    known = set(cls)
    assert all((cls(n) in known) == (not cls(n).name.startswith("unknown_")) for n in range(256))
    for wrong in (-1, 256, "1", None):
        with pytest.raises(ValueError, match="is not a valid"):
            cls(wrong)


@pytest.mark.parametrize("cls", CODES)
def test_a_number_the_standard_does_not_know_stays_itself(cls):
    member = cls(222)
    assert (member, member.name, member.words) == (222, "unknown_222", "unknown-222")
    assert isinstance(member, cls)
    assert member == cls(222)


@pytest.mark.parametrize(
    ("member", "number", "words"),
    [
        (DataAccessResult.object_class_inconsistent, 9, "object-class-inconsistent"),
        (DataAccessResult.data_block_number_invalid, 19, "data-block-number-invalid"),
        (ActionResult.no_long_action_in_progress, 16, "no-long-action-in-progress"),
        (ServiceError.invocation_counter_error, 6, "invocation-counter-error"),
    ],
)
def test_names_and_numbers(member, number, words):
    assert (int(member), member.words) == (number, words)


def test_error_names_belong_to_groups():
    assert set(ERRORS) <= {int(group) for group in ErrorGroup}
    assert ERRORS[ErrorGroup.application_reference][6] == "deciphering-error"
    assert all(names[0] == "other" for names in ERRORS.values())


BITS = (
    *("reserved_zero", "general_protection", "general_block_transfer", "read", "write", "unconfirmed_write"),
    *("delta_value_encoding", "reserved_seven", "attribute0_supported_with_set", "priority_mgmt_supported"),
    *("attribute0_supported_with_get", "block_transfer_with_get_or_read", "block_transfer_with_set_or_write"),
    *("block_transfer_with_action", "multiple_references", "information_report", "data_notification", "access"),
    *("parameterized_access", "get", "set", "selective_access", "event_notification", "action"),
)


@pytest.mark.parametrize(("bit", "name"), list(enumerate(BITS)))
def test_bit_0_of_the_conformance_is_the_highest(bit, name):
    value = Conformance(1 << (23 - bit))
    assert value.name == (None if name.startswith("reserved") else name)
    assert value.words == ("none" if name.startswith("reserved") else name.replace("_", "-"))


def test_reserved_bits_are_kept():
    assert int(Conformance(0xFFFFFF)) == 0xFFFFFF
