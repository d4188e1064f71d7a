"""Image transfer: every state, blocks lost, reordered and repeated, breaks of the power, and a large image."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anymeter.cosem.classes.image import (
    ACTIVATED,
    ACTIVATING,
    INITIATED,
    NOT_ACTIVATED,
    NOT_INITIATED,
    NOT_VERIFIED,
    VERIFIED,
    VERIFYING,
    ImageTransfer,
)
from anymeter.cosem.classes.scripts import ScriptTable
from anymeter.cosem.data import parse
from anymeter.cosem.schema import DOUBLE_LONG_UNSIGNED, OCTET_STRING, structure
from cosem.classes.surroundings import device, refused

NAME = "0-0:44.0.0*255"
IMAGE = bytes(range(250)) * 4 + b"tail"
BLOCK = 100
ZERO = b"\x0f\x00"
_BLOCK_PARAMETERS = structure(DOUBLE_LONG_UNSIGNED, OCTET_STRING)


def transfer(enabled=True, **more):
    return ImageTransfer(NAME, image_block_size=BLOCK, image_transfer_enabled=enabled, **more)


def initiate(one, image=IMAGE, now=0):
    one.invoke(1, structure(OCTET_STRING, DOUBLE_LONG_UNSIGNED).encode((b"FW 2.0", len(image))), now)


def block(one, number, image=IMAGE, size=BLOCK):
    octets = image[number * size : (number + 1) * size]
    one.invoke(2, _BLOCK_PARAMETERS.encode((number, octets)), 0)


def loaded(**more):
    one = transfer(**more)
    initiate(one)
    for number in range(one.blocks):
        block(one, number)
    return one


def status(one):
    return parse(one.encoded(6, 0))


def test_from_the_beginning_to_the_end():
    one = transfer()
    assert (status(one), str(one.get(3, 0)), one.get(4, 0)) == (NOT_INITIATED, "", 0)
    initiate(one)
    assert (status(one), one.blocks) == (INITIATED, 11)
    for number in range(11):
        assert one.get(4, 0) == number
        block(one, number)
    assert str(parse(one.encoded(3, 0))) == "1" * 11
    assert one.get(4, 0) == 11
    assert one.image == IMAGE
    assert one.invoke(3, ZERO, 0) is None
    assert (status(one), parse(one.encoded(7, 0))) == (VERIFIED, [(1004, b"FW 2.0", b"")])
    one.invoke(4, ZERO, 0)
    assert status(one) == ACTIVATED


def test_disabled_every_method_is_refused():
    one = transfer(enabled=False)
    assert refused(lambda: initiate(one)) == 250
    one.write(5, b"\x03\x01", 0)
    initiate(one)
    one.write(5, b"\x03\x00", 0)
    for act in (lambda: block(one, 0), lambda: one.invoke(3, ZERO, 0), lambda: one.invoke(4, ZERO, 0)):
        assert refused(act) == 250
    assert status(one) == INITIATED


@pytest.mark.parametrize("size", [0, (1 << 24) + 1, 0xFFFFFFFF])
def test_images_of_no_size_and_of_too_much(size):
    one = transfer()
    assert refused(lambda: one.image_transfer_initiate((b"x", size), 0)) == 250
    assert status(one) == NOT_INITIATED


def test_a_block_size_of_0():
    one = ImageTransfer(NAME, image_block_size=0, image_transfer_enabled=True)
    assert refused(lambda: initiate(one)) == 250


@given(st.lists(st.integers(0, 10), max_size=60))
def test_blocks_come_in_any_order_some_never_and_some_again(numbers):
    one = transfer()
    initiate(one)
    for number in numbers:
        block(one, number)
    come = set(numbers)
    assert str(one.get(3, 0)) == "".join("1" if n in come else "0" for n in range(11))
    assert one.get(4, 0) == next((n for n in range(11) if n not in come), 11)
    result = refused(lambda: one.invoke(3, ZERO, 0))
    assert result == (None if len(come) == 11 else 250)
    assert status(one) == (VERIFIED if len(come) == 11 else INITIATED)


@pytest.mark.parametrize(
    ("number", "octets"),
    [(11, b""), (11, bytes(100)), (0, bytes(99)), (0, bytes(101)), (10, bytes(100)), (0, b""), (0xFFFFFFFF, bytes(1))],
)
def test_blocks_that_do_not_belong(number, octets):
    one = transfer()
    initiate(one)
    assert refused(lambda: one.image_block_transfer((number, octets), 0)) == 250
    assert one.image == bytes(len(IMAGE))


def test_methods_out_of_turn():
    one = transfer()
    for act in (lambda: block(one, 0), lambda: one.invoke(3, ZERO, 0), lambda: one.invoke(4, ZERO, 0)):
        assert refused(act) == 250
    verified = loaded()
    verified.image_verify(0, 0)
    assert refused(lambda: block(verified, 0)) == 250
    verified.image_verify(0, 0)
    verified.image_activate(0, 0)
    for act in (lambda: verified.image_verify(0, 0), lambda: verified.image_activate(0, 0)):
        assert refused(act) == 250
    initiate(verified)
    assert (status(verified), verified.get(7, 0), verified.get(4, 0)) == (INITIATED, [], 0)


def test_a_bad_image():
    one = loaded()
    one.verifier = lambda image: image == IMAGE[::-1]
    assert refused(lambda: one.image_verify(0, 0)) == 250
    assert (status(one), one.get(7, 0)) == (NOT_VERIFIED, [])
    assert refused(lambda: one.image_activate(0, 0)) == 250
    one.verifier = lambda image: image == IMAGE
    one.image_verify(0, 0)
    assert status(one) == VERIFIED


def test_an_image_that_does_not_run():
    one = loaded()
    one.activator = lambda image: False
    assert refused(lambda: one.image_activate(0, 0)) == 250
    assert status(one) == NOT_ACTIVATED
    one.activator = lambda image: True
    one.image_activate(0, 0)
    assert status(one) == ACTIVATED


def test_verification_and_activation_may_take_time():
    one = loaded()
    one.verification_time, one.activation_time = 30, 60
    one.signature = lambda image: b"%d" % len(image)
    found = device(one)
    found.advance(0)
    assert refused(lambda: one.invoke(3, ZERO, 100)) == 2
    assert refused(lambda: one.invoke(3, ZERO, 110)) == 2
    assert (status(one), found.next_due()) == (VERIFYING, 130)
    assert refused(lambda: initiate(one, now=110)) == 250
    found.advance(130)
    assert (status(one), one.get(7, 0)) == (VERIFIED, [(1004, b"FW 2.0", b"1004")])
    assert refused(lambda: one.invoke(4, ZERO, 200)) == 2
    assert refused(lambda: one.invoke(4, ZERO, 259)) == 2
    assert status(one) == ACTIVATING
    one.invoke(4, ZERO, 260)
    assert (status(one), one.next_due()) == (ACTIVATED, None)


def test_activation_verifies_what_was_not_verified():
    one = loaded()
    one.verification_time = 10
    assert refused(lambda: one.image_activate(0, 0)) == 2
    assert status(one) == VERIFYING
    one.run(10)
    one.image_activate(0, 11)
    assert status(one) == ACTIVATED
    bad = loaded()
    bad.verifier = lambda image: False
    assert refused(lambda: bad.image_activate(0, 0)) == 250
    assert status(bad) == NOT_VERIFIED


def test_a_script_may_activate():
    one = loaded()
    script = ScriptTable("0-0:10.0.107*255", scripts=[(1, [(2, 18, bytes(one.logical_name), 4, 0)])])
    found = device(one, script)
    one.image_verify(0, 0)
    assert found.execute(script.logical_name, 1, 0)
    assert status(one) == ACTIVATED


# --- power ---


@given(st.sets(st.integers(0, 10)))
def test_what_has_come_survives_a_break(numbers):
    one = transfer()
    initiate(one)
    for number in numbers:
        block(one, number)
    again = transfer(enabled=False)
    again.restore(one.snapshot(), 0)
    assert again.encoded(3, 0) == one.encoded(3, 0)
    assert again.get(4, 0) == one.get(4, 0)
    while again.get(4, 0) < again.blocks:
        block(again, again.get(4, 0))
    again.image_verify(0, 0)
    assert again.image == IMAGE


def test_verification_begins_anew_after_a_break():
    one = loaded()
    one.verification_time = 30
    assert refused(lambda: one.image_verify(0, 0)) == 2
    again = one.clone()
    again.verification_time = 30
    again.restore(one.snapshot(), 100)
    assert (status(again), again.next_due()) == (VERIFYING, 130)
    again.run(130)
    assert status(again) == VERIFIED
    assert again.snapshot().info == ((1004, b"FW 2.0", b""),)


def test_a_clone_begins_without_an_image():
    one = loaded()
    assert (one.clone().image, one.image) == (b"", IMAGE)


def test_one_megabyte():
    image = random.Random(1).randbytes(1 << 20)
    one = ImageTransfer(NAME, image_block_size=512, image_transfer_enabled=True)
    initiate(one, image)
    numbers = list(range(one.blocks))
    random.Random(2).shuffle(numbers)
    for number in numbers:
        block(one, number, image, 512)
    one.image_verify(0, 0)
    assert one.image == image
    assert len(one.encoded(3, 0)) == 2048 // 8 + 4


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.sampled_from(["initiate", "block", "verify", "activate", "wait", "toggle"]), st.integers(0, 4)),
        max_size=40,
    )
)
def test_whatever_comes_the_states_stay_those_of_the_standard(steps):
    one = ImageTransfer(NAME, image_block_size=2, image_transfer_enabled=True)
    one.verification_time, one.activation_time = 5, 5
    now, image = 0, b"12345678"
    for what, number in steps:
        before, now = one.image_transfer_status, now + 1
        act = {
            "initiate": lambda at=now: initiate(one, image, at),
            "block": lambda n=number: block(one, n, image, 2),
            "verify": lambda at=now: one.image_verify(0, at),
            "activate": lambda at=now: one.image_activate(0, at),
            "wait": lambda at=now: one.run(at + 10),
            "toggle": lambda at=now: one.put(5, not one.image_transfer_enabled, at),
        }[what]
        refused(act)
        after = one.image_transfer_status
        if after in (VERIFYING, VERIFIED, ACTIVATING, ACTIVATED):
            assert one.image == image
        if after == ACTIVATED and before != ACTIVATED:
            assert before in (VERIFIED, ACTIVATING)
        assert (one.next_due() is not None) == (after in (VERIFYING, ACTIVATING))


def test_a_new_block_size_counts_from_the_next_image_on():
    one = transfer()
    initiate(one)
    one.write(2, bytes.fromhex("0600000001"), 0)
    assert one.blocks == 11
    block(one, 10)
    assert refused(lambda: one.image_block_transfer((500, b"x"), 0)) == 250
    initiate(one)
    assert one.blocks == len(IMAGE)


@pytest.mark.parametrize(("number", "octets"), [(3, "0400"), (4, "0600000000"), (6, "1603"), (7, "0100")])
def test_what_follows_from_the_transfer_is_not_set(number, octets):
    one = loaded()
    assert refused(lambda: one.write(number, bytes.fromhex(octets), 0)) == 3
    assert status(one) == INITIATED
