"""From a URL and keys to settings, route and link."""

from __future__ import annotations

import socket

import pytest

from anymeter.cosem.enums import ApplicationContext, Mechanism
from anymeter.decoding import KeyRing
from anymeter.drivers import settings
from anymeter.drivers.settings import connection
from anymeter.errors import LocalError
from anymeter.links.events import Route
from anymeter.links.hdlc_primary import HdlcPrimary
from anymeter.links.wrapper_link import WrapperLink

RING = KeyRing(
    {
        "10.0.0.5:4059": {"password": "by port"},
        "10.0.0.6": {"password": "by host"},
        "KAM.1": {"password": "hex:00FF"},
        "KAM.2": {},
    },
    {"password": "default"},
)


def test_what_nothing_says():
    found = connection("dlms+tcp://10.0.0.5")
    assert (found.route, found.kind, found.where) == (Route(16, 1), socket.SOCK_STREAM, "10.0.0.5:4059")
    assert (found.timeout, found.connect_timeout, found.settings.repeats) == (10.0, 10.0, 0)
    assert (found.settings.mechanism, found.settings.secret) == (Mechanism.lowest, b"")
    assert isinstance(found.link(), WrapperLink)
    assert found.link() is not found.link()


def test_options_become_settings():
    url = "dlms+tcp://h?client=1&server=17&names=sn&user=7&max_pdu=256&preestablished=yes&release=no&priority=normal"
    found = connection(url).settings
    assert (found.client, found.server, found.context) == (1, 17, ApplicationContext.short_names)
    assert (found.user_id, found.max_receive_pdu, found.pre_established) == (7, 256, True)
    assert (found.release, found.high_priority) == (False, False)


def test_changes_go_before_the_url():
    assert connection("dlms+tcp://h?client=1", deviation_sign=-1, client=2).settings.deviation_sign == -1
    assert connection("dlms+tcp://h?client=1", client=2).route == Route(2, 1)


def test_datagrams_are_repeated_within_the_timeout():
    found = connection("dlms+udp://h?timeout=8")
    assert (found.kind, found.settings.repeats, found.timeout) == (socket.SOCK_DGRAM, 3, 2.0)
    assert connection("dlms+udp://h?timeout=8&retries=0").timeout == 8.0


def test_hdlc_repeats_by_itself_and_gives_up_before_the_conversation_does():
    found = connection("dlms+hdlc+tcp://h?timeout=4&retries=1&physical=17&address=4&max_info=512&window=3")
    assert (found.route, found.settings.repeats, found.timeout) == (Route(16, 1, 17), 0, 5.0)
    link = found.link()
    assert isinstance(link, HdlcPrimary)
    link.open(found.route, 0.0)
    snrm = link.data_to_send()
    assert bytes.fromhex("8180140502 0200 0602 0200 0704 00000003 0804 00000003".replace(" ", "")) in snrm
    assert snrm[3:7] == bytes.fromhex("00020023")
    assert link.next_timeout() == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("dlms+tcp://10.0.0.5", b"by port"),
        ("dlms+tcp://10.0.0.5:1", b"default"),
        ("dlms+tcp://10.0.0.6:1", b"by host"),
        ("dlms+tcp://10.0.0.6?meter=KAM.1", b"\x00\xff"),
        ("dlms+tcp://10.0.0.6?meter=KAM.9", b"default"),
        ("dlms+tcp://10.0.0.6?meter=KAM.2", b""),
        ("dlms+tcp://10.0.0.6?authentication=none", b""),
    ],
)
def test_which_password_is_taken(url, secret):
    found = connection(url, RING).settings
    assert (found.secret, found.mechanism) == (secret, Mechanism.low_level if secret else Mechanism.lowest)


def test_a_password_that_is_given_goes_before_the_ring():
    assert connection("dlms+tcp://10.0.0.5", RING, "12345678").settings.secret == b"12345678"
    assert connection("dlms+tcp://10.0.0.5", None, b"\x01").settings.secret == b"\x01"


def test_authentication_without_a_password_is_a_mistake():
    with pytest.raises(LocalError, match="needs a password"):
        connection("dlms+tcp://10.0.0.5?authentication=low")


def test_secrets_do_not_show():
    assert "by port" not in repr(connection("dlms+tcp://10.0.0.5", RING))


def test_the_times():
    assert settings.TIMEOUT == 10.0
    assert settings.RETRIES == 3


def test_apdus_are_no_longer_than_a_datagram_has_room_for():
    sizes = connection("dlms+udp://h").settings
    assert sizes.max_receive_pdu == sizes.max_send_pdu == 65499
    small = connection("dlms+udp://h?max_pdu=500").settings
    assert (small.max_receive_pdu, small.max_send_pdu) == (500, 65499)
    assert connection("dlms+udp://h", max_receive_pdu=0).settings.max_receive_pdu == 65499
    assert connection("dlms+tcp://h").settings.max_receive_pdu == 0xFFFF


def test_an_url_that_needs_no_password_is_taken_apart_once():
    url = "dlms+tcp://10.0.0.9?client=32"
    assert connection(url) is connection(url)
    assert connection(url, password="open up!").settings.secret == b"open up!"
    assert connection(url).settings.secret == b""


def test_a_setting_that_there_is_not_is_our_own_mistake():
    with pytest.raises(LocalError, match="no setting 'nosuch'"):
        connection("dlms+tcp://h", nosuch=1)
