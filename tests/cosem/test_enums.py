"""The enumerations that classes and services share: the numbers of the standard, and numbers it does not know."""

import pytest

from anymeter.cosem.enums import ActionResult, ApplicationContext, Code, Conformance, DataAccessResult, Mechanism


@pytest.mark.parametrize("kind", [DataAccessResult, ActionResult, ApplicationContext, Mechanism])
def test_every_octet_is_a_member_of_its_own(kind):
    assert issubclass(kind, Code)
    assert [int(kind(n)) for n in range(256)] == list(range(256))
    assert kind(222).words == "unknown-222"


@pytest.mark.parametrize("number", [-1, 256])
def test_what_is_no_octet_is_refused(number):
    with pytest.raises(ValueError, match="not a valid"):
        DataAccessResult(number)


def test_results_have_the_numbers_of_the_standard():
    assert (DataAccessResult.read_write_denied, DataAccessResult.object_undefined) == (3, 4)
    assert (DataAccessResult.scope_of_access_violated, DataAccessResult.type_unmatched) == (13, 12)
    assert (ActionResult.long_action_aborted, ActionResult.other_reason) == (15, 250)


def test_conformance_counts_its_bits_from_the_first_on_the_wire():
    # The worked example of an AARQ proposes 00 7E 1F (spec: 24 bits, bit 0 first).
    words = Conformance(0x007E1F).words.split(", ")
    assert words == [
        "priority-mgmt-supported",
        "attribute0-supported-with-get",
        "block-transfer-with-get-or-read",
        "block-transfer-with-set-or-write",
        "block-transfer-with-action",
        "multiple-references",
        "get",
        "set",
        "selective-access",
        "event-notification",
        "action",
    ]
