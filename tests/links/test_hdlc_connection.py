"""What a connection is at either end, and what SNRM and UA agree on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.links import hdlc
from anymeter.links.events import Route
from anymeter.links.hdlc_connection import Connection, lower, unnumbered
from anymeter.links.hdlc_window import GAP, IN_ORDER, INVALID

CLIENT, SERVER = hdlc.Address(16), hdlc.Address(1)
LENGTHS = st.integers(32, 2030)
WINDOWS = st.integers(1, 7)
LEGAL = st.builds(hdlc.Parameters, LENGTHS, LENGTHS, WINDOWS, WINDOWS)


def connection(agreed=hdlc.Parameters()):  # noqa: B008 - frozen
    made = Connection(Route(16, 1), CLIENT, SERVER, 1000, "up", 0.0)
    made.set_up(agreed, 1000)
    return made


@given(LEGAL, LEGAL)
def test_both_ends_come_to_the_same(client, server):
    """Server transmit <= client receive and the other way round. Source: EN 13757-1:2014, 8.2.2."""
    at_server = lower(server, client)
    at_client = lower(client, at_server)
    assert at_client.max_information_transmit == at_server.max_information_receive
    assert at_client.max_information_receive == at_server.max_information_transmit
    assert (at_client.window_transmit, at_client.window_receive) == (
        at_server.window_receive,
        at_server.window_transmit,
    )
    assert at_server.max_information_transmit == min(server.max_information_transmit, client.max_information_receive)
    assert at_server.window_receive == min(server.window_receive, client.window_transmit)


@pytest.mark.parametrize("wrong", [hdlc.Parameters(0, 1, 0, 0), hdlc.Parameters(9999, 9999, 99, 99)])
def test_values_out_of_range_are_brought_into_it(wrong):
    found = lower(hdlc.Parameters(2030, 2030, 7, 7), wrong)
    assert 32 <= found.max_information_transmit <= 2030
    assert 32 <= found.max_information_receive <= 2030
    assert 1 <= found.window_transmit <= 7
    assert 1 <= found.window_receive <= 7


def test_supervision_frames():
    """RR with N(R) 1 from client 16 to server 1 is 7E A0 07 03 21 31 17 87 7E. Source: EN 13757-1:2014, 8.2.2."""
    one = connection()
    assert one.placed(hdlc.Frame(CLIENT, SERVER, 0x10)) == IN_ORDER
    one.got.take(b"x", False)
    assert one.supervision(False) == bytes.fromhex("7EA00703213117877E")
    one.busy = True
    assert hdlc.decode(one.supervision(False)).kind == "RNR"
    one.busy = False
    assert one.placed(hdlc.Frame(CLIENT, SERVER, 0x18)) == GAP
    assert hdlc.decode(one.supervision(False)).kind == "RR"
    assert hdlc.decode(one.supervision(True)).kind == "REJ"


def test_an_aarq_in_its_i_frame():
    """Source: EN 13757-1:2014, 8.2.2, the example of an AARQ."""
    one = connection()
    one.sent.put(
        bytes.fromhex("E6E600 601DA109060760857405080101BE10040E01000000065F1F0400007E1F04B0".replace(" ", ""))
    )
    expected = "7EA02B032110FBAFE6E600601DA109060760857405080101BE10040E01000000065F1F0400007E1F04B0CAEA7E"
    assert one.turn() == [bytes.fromhex(expected)]


def test_the_last_frame_of_a_burst_has_the_poll_bit():
    one = connection(hdlc.Parameters(32, 32, 3, 3))
    one.sent.put(bytes(100))
    frames = [hdlc.decode(octets) for octets in one.turn()]
    assert [f.poll_final for f in frames] == [False, False, True]
    assert [f.segmented for f in frames] == [True, True, True]
    assert [f.send_number for f in frames] == [0, 1, 2]
    assert one.turn() == []


def test_nothing_is_sent_to_a_busy_peer():
    one = connection()
    one.sent.put(b"abc")
    one.peer_busy = True
    assert one.turn() == []


def test_progress_starts_the_count_of_tries_anew():
    one = connection()
    one.sent.put(b"abc")
    one.turn()
    one.tries = 3
    assert one.acknowledged(0x11) == 0
    assert one.tries == 3
    assert one.acknowledged(0x31) == 1
    assert one.tries == 0
    assert one.acknowledged(0x91) == INVALID


@pytest.mark.parametrize(("size", "final", "controls"), [(10, True, [0x03, 0x03, 0x13]), (100, True, [0x13]),
                                                         (10, False, [0x03] * 3), (30, True, [0x13])])  # fmt: skip
def test_ui_frames(size, final, controls):
    frames = hdlc.frames(unnumbered(SERVER.encode() + CLIENT.encode(), bytes(range(30)), size, final))
    assert [f.control for f in frames] == controls
    assert b"".join(f.information for f in frames) == bytes(range(30))
    assert [f.segmented for f in frames] == [True] * (len(frames) - 1) + [False]
    assert {(f.destination, f.source) for f in frames} == {(SERVER, CLIENT)}
