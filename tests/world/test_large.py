"""What is large: object lists, profiles, values in blocks, images; whole, in parts, and over every line."""

import asyncio
import hashlib
import socket

import pytest

import driver_meters
from anymeter.cosem.selection import EntryDescriptor
from anymeter.cosem.values import BitString
from anymeter.dlms.client.association import associate
from anymeter.dlms.client.get import get_octets, get_value
from anymeter.dlms.client.images import activate_image, transfer_image, verify_image
from anymeter.dlms.client.objects import object_list
from anymeter.dlms.client.profiles import between, read_buffer, read_chunks, read_layout
from anymeter.dlms.client.set import set_octets
from anymeter.dlms.descriptors import AttributeDescriptor
from anymeter.drivers.aio import AsyncLine
from anymeter.drivers.blocking import BlockingLine
from anymeter.errors import LinkTimeout
from anymeter.links.wrapper import MAX_DATAGRAM_APDU
from world.device import IMAGE, PROFILE, READER, ROUTES, SHORT, STORE, Meter, moment, stamp
from world.lines import LINKS, Talk, line, nothing_wrong, session, talk

EVERY = list(LINKS)
STORED = AttributeDescriptor(1, STORE, 2)
ROWS = 100_000
LONG = b"".join(hashlib.sha256(bytes((n >> 8, n & 255))).digest() for n in range(2048))
"""64 kB that repeat nowhere."""
FIRMWARE = LONG * 16
"""1 MB."""


@pytest.fixture(scope="module")
def large():
    """A meter with a long profile; nobody changes it."""
    return Meter(rows=ROWS)


# --- object lists ---


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("client", [16, READER, SHORT])
def test_a_list_of_a_thousand_objects(kind, client):
    meter = Meter(more=1000)
    with nothing_wrong(meter):
        entries = talk(kind, meter, client)(object_list)
    names = {entry.name for entry in entries}
    there = {name for name, obj in meter.device.management.objects.items() if obj.class_id not in (12, 15)}
    assert len(entries) == len(names)
    assert names >= there
    assert len(there) > 1000


def test_frames_of_128_octets_carry_it_and_no_longer_ones():
    sizes = []

    def measured(octets, to_server):
        sizes.append(len(octets))
        return [(0.0, octets)]

    over = line("hdlc", Meter(more=1000), disturb=measured)
    entries = Talk(over, session()).open()(object_list)
    assert len(entries) > 1000
    assert max(sizes) <= 128 + 14
    assert len(sizes) > 2 * 50_000 // 128


# --- profiles ---


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["wrapper", "hdlc", "hdlc window 7"])
def test_a_hundred_thousand_rows_whole_as_columns(kind, large):
    read = talk(kind, large)(read_buffer, PROFILE)
    columns = list(read.profile().columns().values())
    times, values = columns[0], columns[-1]
    assert len(times) == len(values) == ROWS
    assert values[0] == 7
    assert values[-1] == 7 * ROWS
    assert int(values.astype("int64").sum()) == 7 * ROWS * (ROWS + 1) // 2
    assert {int(step) for step in (times[1:] - times[:-1]).astype("int64")} == {900_000}
    assert not large.server.faults


@pytest.mark.parametrize("kind", ["wrapper", "datagrams", "hdlc"])
@pytest.mark.parametrize(("first", "last"), [(1, 1), (50_001, 50_500), (99_999, 100_000), (99_900, 0), (100_000, 0)])
def test_by_entries(kind, first, last, large):
    read = talk(kind, large)(read_buffer, PROFILE, EntryDescriptor(first=first, last=last))
    assert read.profile().rows[0][1] == 7 * first
    assert read.profile().rows[-1][1] == 7 * (last or ROWS)
    assert len(read.profile()) == (last or ROWS) - first + 1


@pytest.mark.parametrize("kind", ["wrapper", "hdlc window 7"])
@pytest.mark.parametrize(("first", "last"), [(1, 4), (70_000, 70_960), (100_000, 100_000)])
def test_by_range(kind, first, last, large):
    one = talk(kind, large)
    layout = one(read_layout, PROFILE)
    wanted = between(one.session, layout, moment(first), moment(last))
    rows = one(read_buffer, PROFILE, wanted, layout=layout).profile().rows
    assert [row[1] // 7 for row in rows] == list(range(first, last + 1))


def test_a_range_without_entries_is_empty(large):
    one = talk("wrapper", large)
    layout = one(read_layout, PROFILE)
    wanted = between(one.session, layout, moment(ROWS + 10), moment(ROWS + 20))
    assert one(read_buffer, PROFILE, wanted, layout=layout).profile().rows == []


def test_in_chunks_the_same_octets_come(large):
    one = talk("wrapper", large)
    rows = one(read_chunks, PROFILE, first=90_001, chunk=999).profile().rows
    assert [row[1] // 7 for row in rows] == list(range(90_001, ROWS + 1))


@pytest.mark.parametrize("kind", ["wrapper", "hdlc"])
@pytest.mark.parametrize("pdu", [64, 128, 1024, 0xFFFF])
def test_pdu_sizes_change_nothing(kind, pdu, large):
    one = talk(kind, large, max_receive_pdu=pdu)
    read = one(read_buffer, PROFILE, EntryDescriptor(first=1, last=500))
    assert read.octets == b"\x01\x82\x01\xf4" + b"".join(
        b"\x02\x02\x09\x0c" + stamp(n) + b"\x06" + (7 * n).to_bytes(4, "big") for n in range(1, 501)
    )


# --- values in blocks ---


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("pdu", [48, 512, MAX_DATAGRAM_APDU])
@pytest.mark.parametrize("client", [16, SHORT])
def test_a_value_of_64_kb_there_and_back(kind, pdu, client):
    meter = Meter(max_pdu=pdu)
    contents = LONG[:8000] if pdu == 48 else LONG
    encoded = b"\x09\x83" + len(contents).to_bytes(3, "big") + contents
    with nothing_wrong(meter):
        one = talk(kind, meter, client, max_receive_pdu=pdu)
        one(set_octets, STORED, encoded)
        assert meter.obj(STORE).get(2, 0) == contents
        assert one(get_value, STORED) == contents


@pytest.mark.parametrize("kind", ["wrapper", "hdlc"])
def test_a_value_of_64_kb_by_general_block_transfer(kind):
    meter = Meter(max_pdu=512)
    with nothing_wrong(meter):
        one = talk(kind, meter, max_receive_pdu=512, general_blocks=True)
        one(set_octets, STORED, b"\x09\x83" + len(LONG).to_bytes(3, "big") + LONG)
        assert meter.obj(STORE).get(2, 0) == LONG
        assert one(get_octets, STORED)[-len(LONG) :] == LONG


# --- images ---


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["wrapper", "hdlc", "hdlc window 7"])
def test_an_image_of_1_mb(kind):
    meter = Meter()
    seen = []
    meter.obj(IMAGE).verifier = lambda image: image == FIRMWARE
    meter.obj(IMAGE).activator = lambda image: seen.append(image) is None
    with nothing_wrong(meter):
        one = talk(kind, meter)
        assert one(transfer_image, b"firmware 7", FIRMWARE) == -(-len(FIRMWARE) // 1000)
        one(verify_image)
        one(activate_image)
    assert seen == [FIRMWARE]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["wrapper", "hdlc"])
@pytest.mark.parametrize("broken_at", [1, 500, 1048, 1049])
def test_an_image_goes_on_after_a_break(kind, broken_at):
    meter = Meter()
    meter.obj(IMAGE).verifier = lambda image: image == FIRMWARE
    broken = []

    def carried(octets, to_server):
        return [] if broken else [(0.0, octets)]

    def progress(done, count):
        broken.extend([done] if done == broken_at else [])

    one = Talk(line(kind, meter, disturb=carried), session()).open()
    with pytest.raises(LinkTimeout):
        one(transfer_image, b"firmware 7", FIRMWARE, progress=progress)
    again = talk(kind, meter)
    come = again(get_value, AttributeDescriptor(18, IMAGE, 3))
    assert isinstance(come, BitString)
    assert sum(come[n] for n in range(len(come))) == broken_at
    assert again(transfer_image, b"firmware 7", FIRMWARE, resume=True) == 1049 - broken_at
    again(verify_image)
    assert meter.obj(IMAGE).image == FIRMWARE
    assert not meter.server.faults


# --- over sockets ---


def everything(meter):
    """One large thing of each kind, as conversations with what must come of them."""

    def talks(one):
        yield object_list(one), lambda found: len(found) > 1000
        yield read_buffer(one, PROFILE), lambda found: found.profile().rows[-1][1] == 7 * 20_000
        encoded = b"\x09\x83" + len(LONG).to_bytes(3, "big") + LONG
        yield set_octets(one, STORED, encoded), lambda found: found is None
        yield get_octets(one, STORED), lambda found: found.endswith(LONG)
        yield transfer_image(one, b"firmware 7", FIRMWARE[:200_000]), lambda found: found == 200

    return talks


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["wrapper", "hdlc"])
def test_over_a_blocking_socket(kind):
    meter = Meter(rows=20_000, more=1000)
    route, one = ROUTES[16], session()
    with driver_meters.serving(kind, meter) as serving:
        over = BlockingLine.connected(socket.SOCK_STREAM, "127.0.0.1", serving.port, LINKS[kind][0]())
        over.open(route)
        over.run(route, associate(one), one.take_unsent)
        for conversation, right in everything(meter)(one):
            assert right(over.run(route, conversation, one.take_unsent))
        over.close(route)
        over.hang_up()
    assert meter.obj(IMAGE).image == FIRMWARE[:200_000]
    assert not meter.server.faults


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["wrapper", "hdlc"])
def test_over_asyncio(kind):
    meter = Meter(rows=20_000, more=1000)
    route, one = ROUTES[16], session()

    async def all_of_it(port):
        over = await AsyncLine.connected(socket.SOCK_STREAM, "127.0.0.1", port, LINKS[kind][0]())
        await over.open(route)
        await over.run(route, associate(one), one.take_unsent)
        for conversation, right in everything(meter)(one):
            assert right(await over.run(route, conversation, one.take_unsent))
        await over.close(route)
        over.hang_up()

    with driver_meters.serving(kind, meter) as serving:
        asyncio.run(all_of_it(serving.port))
    assert meter.obj(IMAGE).image == FIRMWARE[:200_000]
    assert not meter.server.faults
