"""unprotect and protect: the worked examples, every form and suite, and each way a key can be wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dlms_keys as k
from anymeter.dlms import apdu
from anymeter.dlms.ciphered import DEDICATED, GLOBAL, SERVICES
from anymeter.dlms.security import Keys, is_protected, protect, unprotect
from anymeter.errors import DecodeError, LocalError, SecurityError

DEDICATED_KEYS = Keys(encryption=bytes(16), authentication=k.AK, dedicated=bytes(range(16)))


@pytest.mark.parametrize("v", k.params("protected"))
def test_a_worked_example_both_ways(v):
    whole, plain = k.octets(v["hex"]), k.octets(v["plain"])
    found, protection = unprotect(whole, k.KEYS, k.TITLE)
    assert found == plain
    assert protection.control == v["control"]
    assert protection.counter == 0x01234567
    assert protection.verified == bool(v["control"] & 0x10)
    assert protection.system_title == k.TITLE
    made = protect(plain, k.KEYS, k.TITLE, 0x01234567, control=v["control"], form=v.get("form", "glo"))
    assert made == whole


@pytest.mark.parametrize("v", k.params("protected"))
def test_a_decoded_apdu_is_taken_as_well(v):
    whole = k.octets(v["hex"])
    assert unprotect(apdu.decode(whole), k.KEYS, k.TITLE) == unprotect(whole, k.KEYS, k.TITLE)


@pytest.mark.parametrize("v", k.params("protected"))
def test_an_encryption_key_alone_reads_and_says_it_is_not_verified(v):
    plain, protection = unprotect(k.octets(v["hex"]), k.ENCRYPTION_ONLY, k.TITLE)
    assert plain == k.octets(v["plain"])
    assert not protection.verified


def test_authenticated_contents_are_read_without_any_key_and_not_verified():
    whole = k.octets(k.tables()["protected"][0]["hex"])
    assert unprotect(whole, Keys(), k.TITLE)[0] == k.GET
    assert not unprotect(whole, Keys(), k.TITLE)[1].verified


@pytest.mark.parametrize("v", k.params("protected"))
def test_every_octet_changed_is_noticed(v):
    whole = k.octets(v["hex"])
    if not v["control"] & 0x10:
        return
    for at in range(1, len(whole)):
        broken = bytearray(whole)
        broken[at] ^= 0x40
        with pytest.raises((SecurityError, DecodeError)):
            unprotect(bytes(broken), k.KEYS, k.TITLE)


@pytest.mark.parametrize("v", k.params("protected"))
def test_every_truncation_is_an_error(v):
    whole = k.octets(v["hex"])
    for keep in range(len(whole)):
        with pytest.raises(DecodeError):
            unprotect(whole[:keep], k.KEYS, k.TITLE)


WRONG_KEYS = {
    "encryption key": Keys(encryption=bytes(16), authentication=k.AK),
    "authentication key": Keys(encryption=k.EK, authentication=bytes(16)),
}


@pytest.mark.parametrize("name", WRONG_KEYS)
def test_a_wrong_key_is_named(name):
    whole = protect(k.GET, k.KEYS, k.TITLE, 1)
    with pytest.raises(SecurityError, match=f"the tag does not verify: .*{name}"):
        unprotect(whole, WRONG_KEYS[name], k.TITLE)


def test_a_wrong_title_is_named():
    with pytest.raises(SecurityError, match="system title is wrong"):
        unprotect(protect(k.GET, k.KEYS, k.TITLE, 1), k.KEYS, k.OTHER_TITLE)


@pytest.mark.parametrize("form", ["glo", "ded", "general-glo", "general-ded"])
def test_a_wrong_encryption_key_alone_is_named_too(form):
    keys = Keys(encryption=k.EK, authentication=k.AK, dedicated=k.EK)
    whole = protect(k.GET, keys, k.TITLE, 2, form=form)
    with pytest.raises(SecurityError, match="encryption key or system title is wrong"):
        unprotect(whole, Keys(encryption=bytes(16), dedicated=bytes(16)), k.TITLE)


def test_the_length_of_a_key_is_told():
    whole = protect(k.GET, k.SUITE_2, k.TITLE, 1, control=0x32)
    with pytest.raises(SecurityError, match="suite 2 takes a 32-octet encryption key, this one has 16"):
        unprotect(whole, k.KEYS, k.TITLE)
    with pytest.raises(SecurityError, match="suite 0 takes a 16-octet encryption key, this one has 32"):
        unprotect(protect(k.GET, k.KEYS, k.TITLE, 1), k.SUITE_2, k.TITLE)


def test_a_missing_key_is_named():
    with pytest.raises(SecurityError, match="the encryption key is needed and not given"):
        unprotect(protect(k.GET, k.KEYS, k.TITLE, 1), Keys(authentication=k.AK), k.TITLE)
    with pytest.raises(SecurityError, match="the dedicated key is needed"):
        unprotect(protect(k.GET, DEDICATED_KEYS, k.TITLE, 1, form="ded"), k.KEYS, k.TITLE)
    broadcast = protect(k.GET, Keys(broadcast=k.EK, authentication=k.AK), k.TITLE, 1, control=0x70)
    with pytest.raises(SecurityError, match="the broadcast key is needed"):
        unprotect(broadcast, k.KEYS, k.TITLE)


def test_a_missing_title_is_told():
    with pytest.raises(SecurityError, match="the system title of the sender is needed"):
        unprotect(protect(k.GET, k.KEYS, k.TITLE, 1), k.KEYS)
    with pytest.raises(SecurityError, match="a system title has 8 octets, this one has 3"):
        unprotect(protect(k.GET, k.KEYS, k.TITLE, 1), k.KEYS, b"abc")


def test_general_glo_without_a_title_takes_the_one_that_is_given():
    contents = protect(k.GET, k.KEYS, k.TITLE, 1)[1:]
    whole = b"\xdb\x00" + contents
    assert unprotect(whole, k.KEYS, k.TITLE)[0] == k.GET
    with pytest.raises(SecurityError, match="system title"):
        unprotect(whole, k.KEYS)


def test_the_title_that_was_sent_comes_first():
    whole = protect(k.GET, k.KEYS, k.TITLE, 1, form="general-glo")
    assert unprotect(whole, k.KEYS, k.OTHER_TITLE)[1].system_title == k.TITLE


@pytest.mark.parametrize(("last", "passes"), [(None, True), (0, True), (6, True), (7, False), (8, False)])
def test_the_invocation_counter_must_be_greater_than_the_last(last, passes):
    whole = protect(k.GET, k.KEYS, k.TITLE, 7)
    if passes:
        assert unprotect(whole, k.KEYS, k.TITLE, last_counter=last)[1].counter == 7
        return
    with pytest.raises(SecurityError, match=f"invocation counter 7 is not greater than the last one, {last}"):
        unprotect(whole, k.KEYS, k.TITLE, last_counter=last)


def test_a_forged_message_is_a_wrong_tag_before_it_is_an_old_counter():
    with pytest.raises(SecurityError, match="the tag does not verify"):
        unprotect(protect(k.GET, WRONG_KEYS["encryption key"], k.TITLE, 1), k.KEYS, k.TITLE, last_counter=9)


@pytest.mark.parametrize("suite", [0, 1, 2])
@pytest.mark.parametrize("bits", [0x00, 0x10, 0x20, 0x30, 0x50, 0x60, 0x70])
@pytest.mark.parametrize("form", ["glo", "ded", "general-glo", "general-ded"])
def test_every_suite_protection_and_form(suite, bits, form):
    symmetric = k.SUITE_2 if suite == 2 else k.KEYS
    size = len(symmetric.encryption)
    keys = Keys(
        encryption=symmetric.encryption,
        authentication=symmetric.authentication,
        broadcast=b"\x0b" * size,
        dedicated=b"\x0d" * size,
    )
    whole = protect(k.GET, keys, k.TITLE, 1, control=bits | suite, form=form)
    plain, protection = unprotect(whole, keys, k.TITLE)
    assert plain == k.GET
    assert protection.suite == suite
    assert protection.verified == bool(bits & 0x10)
    assert (k.GET in whole) == (not bits & 0x20)


def test_each_key_is_used_for_its_form():
    keys = Keys(encryption=k.EK, broadcast=b"\x0b" * 16, dedicated=b"\x0d" * 16, authentication=k.AK)
    made = {protect(k.GET, keys, k.TITLE, 1, form="glo")[2:], protect(k.GET, keys, k.TITLE, 1, form="ded")[2:]}
    assert len(made | {protect(k.GET, keys, k.TITLE, 1, control=0x70)[2:]}) == 3


@pytest.mark.parametrize("tag", sorted(SERVICES))
def test_every_service_has_its_tag(tag):
    plain = bytes((SERVICES[tag][0],)) + b"\x01\xc1"
    form = "ded" if tag in DEDICATED else "glo"
    whole = protect(plain, DEDICATED_KEYS, k.TITLE, 1, form=form)
    assert whole[0] == tag
    assert is_protected(whole)
    assert unprotect(whole, DEDICATED_KEYS, k.TITLE)[0] == plain
    assert SERVICES[tag][1].startswith(form)


def test_a_service_without_a_ciphered_form_is_our_mistake():
    with pytest.raises(LocalError, match="use the general form"):
        protect(bytes.fromhex("0F00000001001101"), k.KEYS, k.TITLE, 1)
    assert len(GLOBAL) == len(DEDICATED) == 16


def test_compressed_contents_are_refused_by_name_or_handed_to_the_plug_in():
    whole = protect(k.GET[::-1], k.KEYS, k.TITLE, 1, control=0xB0, form="general-glo")
    with pytest.raises(DecodeError, match=r"V\.44"):
        unprotect(whole, k.KEYS)
    assert unprotect(whole, k.KEYS, decompress=lambda octets: octets[::-1])[0] == k.GET


def test_what_is_not_protected_is_refused():
    for whole in (b"", k.GET, bytes.fromhex("C501C100")):
        assert not is_protected(whole)
        with pytest.raises(DecodeError, match="not a protected APDU"):
            unprotect(whole, k.KEYS, k.TITLE)


def test_an_unknown_suite_is_told():
    with pytest.raises(DecodeError, match="security suite 7 is unknown"):
        unprotect(bytes.fromhex("C8132700000001") + bytes(14), k.KEYS, k.TITLE)
    with pytest.raises(LocalError, match="there is no suite 7"):
        protect(k.GET, k.KEYS, k.TITLE, 1, control=0x37)


@pytest.mark.parametrize("counter", [-1, 1 << 32])
def test_a_counter_that_is_used_up_is_our_mistake(counter):
    with pytest.raises(LocalError, match="is exhausted"):
        protect(k.GET, k.KEYS, k.TITLE, counter)


@pytest.mark.parametrize("size", [1, 100, 105, 110, 111, 112, 120, 127, 128, 200, 255, 256, 1000])
@pytest.mark.parametrize("form", ["glo", "general-glo"])
def test_lengths_around_the_long_form(size, form):
    plain = b"\xc4" + bytes(size - 1)
    assert unprotect(protect(plain, k.KEYS, k.TITLE, 1, form=form), k.KEYS, k.TITLE)[0] == plain


@given(st.sampled_from([*sorted(SERVICES), 219, 220, 221, 223]), st.binary(max_size=120))
def test_garbage_raises_only_our_errors(tag, raw):
    for keys in (k.KEYS, k.ENCRYPTION_ONLY, k.pair(1)[0], k.SUITE_2):
        try:
            _, protection = unprotect(bytes((tag,)) + raw, keys, k.TITLE)
        except (DecodeError, SecurityError):
            continue
        assert not protection.verified
