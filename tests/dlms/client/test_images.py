"""Image transfer: against a meter that keeps count, loses blocks, takes its time, and says no."""

import pytest

from anymeter.cosem import data
from anymeter.cosem.values import BitString
from anymeter.dlms.client.images import (
    ROUNDS,
    activate_image,
    enable,
    pause,
    transfer_image,
    verify_image,
)
from anymeter.errors import AccessError, DecodeError
from client_talk import SILENCE, answered, octets, session, talk

BASE = "0012 00002C0000FF"


class Meter:
    """An image transfer object on paper: it hears requests and answers."""

    def __init__(self, block_size=100, deaf_to=()):
        self.enabled, self.block_size, self.status = True, block_size, 0
        self.identifier, self.size, self.blocks = b"", 0, {}
        self.deaf_to, self.transfers, self.polls = list(deaf_to), 0, 0
        self.answers = {}

    @property
    def count(self):
        return -(-self.size // self.block_size)

    @property
    def bitmap(self):
        return BitString.of("".join("01"[n in self.blocks] for n in range(self.count)))

    @property
    def image(self):
        return b"".join(self.blocks[n] for n in range(self.count))

    def __call__(self, sent):
        assert sent[3:11] == octets(BASE)
        number, invoke = sent[11], bytes((sent[2],))
        if sent[0] == 0xC0:
            return b"\xc4\x01" + invoke + b"\x00" + self.read(number)
        result = self.answers.get(number, 0) or self.act(number, data.parse(sent[13:]))
        return b"\xc7\x01" + invoke + bytes((result, 0))

    def read(self, number):
        first = next((n for n in range(self.count) if n not in self.blocks), self.count)
        if number == 6 and self.polls:
            self.polls -= 1
            if not self.polls:
                self.status += 1
        values = {
            2: b"\x06" + self.block_size.to_bytes(4, "big"),
            3: data.encode(data.schema_of(b"\x04\x00"), self.bitmap),
            4: b"\x06" + first.to_bytes(4, "big"),
            5: bytes((3, self.enabled)),
            6: bytes((0x16, self.status)),
        }
        return values[number]

    def act(self, number, parameters):
        if number == 1:
            (self.identifier, self.size), self.blocks, self.status = parameters, {}, 1
        elif number == 2:
            self.transfers += 1
            place, block = parameters
            if place in self.deaf_to:
                self.deaf_to.remove(place)
            else:
                self.blocks[place] = block
        elif self.polls:
            self.status = 2 if number == 3 else 5
            return 2
        else:
            self.status = 3 if number == 3 else 6
        return 0


IMAGE = bytes(range(256)) * 4


def test_an_image_is_brought_verified_and_activated():
    meter, seen = Meter(), []
    sent = answered(transfer_image(session(), b"v2", IMAGE, progress=lambda *done: seen.append(done)), meter)
    assert (sent, meter.identifier, meter.image) == (11, b"v2", IMAGE)
    assert (seen[0], seen[-1]) == ((1, 11), (11, 11))
    assert answered(verify_image(session()), meter) is None
    assert answered(activate_image(session()), meter) is None
    assert meter.status == 6


def test_the_octets_of_a_block():
    """structure of number and octets: method 2."""
    heard = []
    meter = Meter(block_size=2)

    def hear(sent):
        heard.append(sent.hex())
        return meter(sent)

    answered(transfer_image(session(), b"A", b"xyz"), hear)
    assert heard[2] == "c301c3" + octets(BASE).hex() + "0101" + "0202" + "090141" + "0600000003"
    assert heard[3] == "c301c4" + octets(BASE).hex() + "0201" + "0202" + "0600000000" + "09027879"
    assert heard[4] == "c301c5" + octets(BASE).hex() + "0201" + "0202" + "0600000001" + "09017a"


def test_blocks_that_the_meter_misses_are_sent_again():
    meter = Meter(deaf_to=[0, 3, 3, 10])
    assert answered(transfer_image(session(), b"v2", IMAGE), meter) == 11 + 3 + 1
    assert meter.image == IMAGE


def test_a_meter_that_never_has_them_all_is_given_up():
    meter = Meter(deaf_to=[4] * 100)
    with pytest.raises(AccessError, match="1 blocks do not arrive"):
        answered(transfer_image(session(), b"v2", IMAGE), meter)
    assert meter.transfers == 11 + ROUNDS - 1


def test_a_transfer_is_resumed():
    meter, seen = Meter(), []
    meter.act(1, (b"v2", len(IMAGE)))
    meter.blocks = {n: IMAGE[n * 100 : n * 100 + 100] for n in (0, 1, 2, 7)}
    again = transfer_image(session(), b"v2", IMAGE, resume=True, progress=lambda *done: seen.append(done))
    assert (answered(again, meter), meter.image, seen[0]) == (7, IMAGE, (5, 11))


@pytest.mark.parametrize(("status", "size"), [(0, 1024), (3, 1024), (1, 2000)])
def test_another_transfer_is_not_resumed(status, size):
    meter = Meter()
    meter.act(1, (b"old", size))
    meter.status, meter.blocks = status, {0: b"old"}
    assert answered(transfer_image(session(), b"v2", IMAGE, resume=True), meter) == 11
    assert (meter.identifier, meter.image) == (b"v2", IMAGE)


def test_a_disabled_transfer_is_told_and_may_be_enabled():
    meter = Meter()
    meter.enabled = False
    with pytest.raises(AccessError, match="the meter has it disabled"):
        answered(transfer_image(session(), b"v2", IMAGE), meter)
    for enabled, octet in ((True, "01"), (False, "00")):
        turn = (f"C101C1 {BASE} 05 00 03{octet}", "C501C1 00")
        assert talk(enable(session(), enabled=enabled), turn) is None


def test_a_refusal_is_told():
    meter = Meter()
    meter.answers = {1: 250}
    with pytest.raises(AccessError, match="other-reason"):
        answered(transfer_image(session(), b"v2", IMAGE), meter)


@pytest.mark.parametrize("size", ["0600000000", "06FFFFFFFF", "0900", "00"])
def test_a_block_size_of_nonsense_is_an_error(size):
    turns = [(None, "C401C1 00 0301"), (None, "C401C2 00" + size)]
    with pytest.raises(DecodeError, match="image_block_size"):
        talk(transfer_image(session(), b"v2", IMAGE), *turns)


@pytest.mark.parametrize("bitmap", ["0900", "0403E0", "1105"])
def test_a_bitmap_of_nonsense_is_an_error(bitmap):
    meter = Meter(deaf_to=[1])

    def hear(sent):
        asked = sent[0] == 0xC0 and sent[11] == 3
        return b"\xc4\x01" + sent[2:3] + b"\x00" + octets(bitmap) if asked else meter(sent)

    with pytest.raises(DecodeError, match="no bit-string of 11 bits"):
        answered(transfer_image(session(), b"v2", IMAGE), hear)


def waiting(waits):
    """A wait that is counted."""

    def wait(one):
        waits.append(1)
        return
        yield b""

    return wait


@pytest.mark.parametrize("step", [verify_image, activate_image])
def test_a_meter_may_take_its_time(step):
    meter, waits = Meter(), []
    meter.act(1, (b"v2", 0))
    meter.polls = 5
    assert answered(step(session(), wait=waiting(waits)), meter) is None
    assert len(waits) == 4


@pytest.mark.parametrize("step", [verify_image, activate_image])
def test_a_meter_may_not_take_for_ever(step):
    meter, waits = Meter(), []
    meter.polls = 100
    with pytest.raises(AccessError, match="takes too long"):
        answered(step(session(), wait=waiting(waits), polls=7), meter)
    assert len(waits) == 7


@pytest.mark.parametrize(("step", "status"), [(verify_image, 4), (activate_image, 7)])
def test_a_failure_is_told(step, status):
    turns = [(None, "C701C1 02 00"), (None, f"C401C2 00 16{status:02X}")]
    with pytest.raises(AccessError, match=r"image transfer: the (verification|activation) failed"):
        talk(step(session()), *turns)


def test_a_refused_verification_is_told():
    with pytest.raises(AccessError, match="read-write-denied"):
        talk(verify_image(session()), (None, "C701C1 03 00"))


def test_a_state_that_does_not_belong_there_is_an_error():
    with pytest.raises(DecodeError, match="state 0 during verification"):
        talk(verify_image(session()), (None, "C701C1 00 00"), (None, "C401C2 00 1600"))


def test_a_pause_ends_with_silence():
    seen = []
    one = session(watcher=seen.append)
    turns = [("", "C401C1001105"), ("", "0F 40000002 00 1106"), ("10 40000002 00", SILENCE)]
    assert talk(pause(one), *turns) is None
    assert len(seen) == 1


def test_a_pause_is_not_held_open_for_ever():
    assert answered(pause(session()), lambda sent: b"\xc4\x01") is None


def test_an_image_of_a_megabyte():
    image = bytes(range(256)) * 4096
    meter = Meter(block_size=1000)
    assert answered(transfer_image(session(), b"v2", image), meter) == 1049
    assert meter.image == image
