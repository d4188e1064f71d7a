"""Captures: whose octets they are, where one message ends, and that answers come after their requests."""

from __future__ import annotations

import pytest

import capture_files as files
import dlms_talk as talk
import message_cases as cases
from anymeter.decoding import Decoder
from anymeter.decoding.capture import carries_meters, pieces, split
from anymeter.errors import DecodeError
from anymeter.links import hdlc
from anymeter.links import mbus as wired
from anymeter.links.pcap import payloads
from anymeter.links.wrapper import Wpdu
from dlms_talk import EXPORT, IMPORT

PORT, METER = 50_000, 4059
CLIENT, SERVER = "10.0.0.1", "10.0.0.2"
HEAT = cases.octets(next(v for v in cases.OWN if v["name"] == "wired M-Bus, heat meter"))


def named(name):
    return cases.octets(next(v for v in cases.OWN if v["name"] == name))


class Line:
    """One TCP connection of a client and a meter, written packet by packet."""

    def __init__(self, port=PORT, to=METER):
        self.ports, self.sent = (port, to), [0, 0]
        self.packets = []

    def say(self, octets, from_server=False, time=None):
        source, destination = self.ports[::-1] if from_server else self.ports
        segment = files.tcp(source, destination, 1 + self.sent[from_server], octets)
        self.sent[from_server] += len(octets)
        ends = (SERVER, CLIENT) if from_server else (CLIENT, SERVER)
        moment = len(self.packets) * 10**9 if time is None else time
        self.packets.append((moment, files.ethernet(files.ip4(files.TCP, segment, *ends))))
        return self

    def ask(self, apdu, time=None):
        return self.say(Wpdu(16, 1, apdu.encode()).encode(), time=time)

    def answer(self, apdu, time=None):
        return self.say(Wpdu(1, 16, apdu.encode()).encode(), from_server=True, time=time)


def told(octets):
    """What the messages of a capture say, one list a message that says something."""
    found = [result for _, result in Decoder().decode_capture(octets)]
    assert not [e for e in found if isinstance(e, Exception)]
    return [[cases.shown(r) for r in m.readings] for m in found if m.readings]


def session(time=None):
    line = Line()
    line.ask(talk.ask(number=3), time).answer(talk.answer(talk.scaler_unit(-1)), time)
    line.ask(talk.ask(IMPORT), time).answer(talk.answer(talk.number(12345)), time)
    line.ask(talk.ask(EXPORT), time).answer(talk.answer(talk.number(7)), time)
    return line


@pytest.mark.parametrize("time", [None, 0], ids=["in time", "without times"])
def test_a_session_over_tcp(time):
    """All requests of a connection are one stream, all answers another; each answer gets its own request's name."""
    found = told(files.pcap(session(time).packets))
    assert found == [
        ["- = None ! structured"], ["1-0:1.8.0*255 = 1234.5 Wh"], ["1-0:2.8.0*255 = 7"],
    ]  # fmt: skip


def test_a_session_of_many_requests_under_one_invoke_id():
    line = Line()
    for n in range(200):
        line.ask(talk.ask(IMPORT if n % 2 else EXPORT)).answer(talk.answer(talk.number(n)))
    found = told(files.pcap(line.packets))
    assert [one[0] for one in found] == [f"1-0:{1 + (n % 2 == 0)}.8.0*255 = {n}" for n in range(200)]


def test_every_way_of_capturing_says_the_same():
    packets = session().packets
    wanted = told(files.pcap(packets))
    assert told(files.pcap(packets, order=">")) == wanted
    assert told(files.pcap(packets, nano=True)) == wanted
    section = files.section() + files.interface()
    assert told(section + b"".join(files.enhanced("<", t // 1000, o) for t, o in packets)) == wanted
    assert told(section + b"".join(files.simple("<", o) for _, o in packets)) == wanted


def test_a_message_in_many_segments_and_many_messages_in_one():
    whole = Wpdu(1, 16, talk.answer(talk.number(1)).encode()).encode()
    line = Line()
    for octet in whole:
        line.say(bytes((octet,)), from_server=True)
    assert told(files.pcap(line.packets)) == [["- = 1"]]
    assert told(files.pcap(Line().say(whole * 3, from_server=True).packets)) == [["- = 1"]] * 3


def test_two_connections_are_two_conversations():
    one, two = Line(50_001), Line(50_002)
    one.ask(talk.ask(IMPORT), 1)
    two.ask(talk.ask(EXPORT), 2)
    one.answer(talk.answer(talk.number(1)), 3)
    two.answer(talk.answer(talk.number(2)), 4)
    packets = sorted(one.packets + two.packets)
    assert told(files.pcap(packets)) == [["1-0:1.8.0*255 = 1"], ["1-0:2.8.0*255 = 2"]]


def test_udp():
    def datagram(octets, source, destination):
        ends = (SERVER, CLIENT) if source == METER else (CLIENT, SERVER)
        return files.ethernet(files.ip4(files.UDP, files.udp(source, destination, octets), *ends))

    packets = [
        (0, datagram(Wpdu(16, 1, talk.ask().encode()).encode(), PORT, METER)),
        (1000, datagram(Wpdu(1, 16, talk.answer(talk.number(3)).encode()).encode(), METER, PORT)),
        (2000, datagram(b"a query for a name", 5353, 53)),
    ]
    assert told(files.pcap(packets)) == [["1-0:1.8.0*255 = 3"]]


def test_mbus_over_tcp():
    line = Line(to=10_001)
    line.say(wired.encode(wired.short(0x40, 1))).say(b"\xe5", from_server=True)
    line.say(wired.encode(wired.short(0x5B, 1))).say(HEAT, from_server=True)
    (found,) = told(files.pcap(line.packets))
    assert found[0] == "6-0:1.0.0*255 = 12345000 Wh"


def test_hdlc_over_tcp():
    apdu = named("DLMS push in HDLC, electricity")
    assert len(told(files.pcap(Line(to=4000).say(apdu, from_server=True).packets))[0]) == 4


def test_segments_of_hdlc_are_put_together_and_frames_without_information_left_out():
    frames = [f for f in hdlc.frames(named("DLMS push in HDLC, electricity")) if isinstance(f, hdlc.Frame)]
    assert len(frames) > 1
    empty = hdlc.Frame(frames[0].source, frames[0].destination, 0x11)
    stream = b"".join(hdlc.encode(f) + hdlc.encode(empty) for f in frames) + hdlc.encode(*frames)
    assert split(stream) == [hdlc.encode(*frames)] * 2


def test_noise_between_messages_is_a_piece_of_its_own():
    assert HEAT in split(HEAT + b"\x00\x00" + HEAT)
    assert split(b"neither") == [b"neither"]


@pytest.mark.parametrize(
    ("octets", "ports", "wanted"),
    [(b"\x00", (METER, 1), True), (b"\x00", (1, METER), True), (HEAT, (1, 2), True), (b"GET /", (1, 80), False)],
)
def test_whose_octets_they_are(octets, ports, wanted):
    packet = files.ethernet(files.ip4(files.UDP, files.udp(*ports, octets)))
    (payload,) = payloads(files.pcap([(0, packet)]))
    assert carries_meters(payload) is wanted


def test_a_capture_that_breaks_off_gives_what_came_before_and_says_where():
    capture = files.pcap(session().packets)
    *found, (given, error) = Decoder().decode_capture(capture[:-5])
    assert len(found) == 5
    assert given == ""
    assert isinstance(error, DecodeError)
    assert (error.what, "runs past the end" in error.why) == ("capture", True)
    with pytest.raises(DecodeError):
        list(pieces(capture[:-5]))


def test_a_message_that_fails_does_not_stop_the_others():
    line = Line().answer(talk.answer(talk.number(1))).say(Wpdu(1, 16, b"\xff\xff").encode(), from_server=True)
    line.answer(talk.answer(talk.number(2)))
    found = [result for _, result in Decoder().decode_capture(files.pcap(line.packets))]
    assert [isinstance(r, DecodeError) for r in found] == [False, True, False]


@pytest.mark.parametrize("stop", range(0, 400, 7))
def test_every_truncation_of_a_capture(stop):
    capture = files.pcap(session().packets)[:stop]
    for given, result in Decoder().decode_capture(capture):
        assert isinstance(given, str)
        assert not isinstance(result, Exception) or isinstance(result, DecodeError)
