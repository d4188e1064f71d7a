"""The internet: facts of the tables in Blue Book Ed. 16, 4.9, and what the methods do."""

from __future__ import annotations

import pytest

from anymeter.cosem.classes.internet import (
    CoapDiagnostic,
    CoapSetup,
    Ipv4Setup,
    Ipv6Setup,
    MacAddressSetup,
    NtpSetup,
    PppSetup,
    SmtpSetup,
    TcpUdpSetup,
)
from anymeter.cosem.classes.parts import UNSPECIFIED
from anymeter.cosem.datetimes import DateTime
from anymeter.errors import AccessError
from class_cases import attributes, methods, rows

TCP_UDP = """
2 tcp_udp_port:u16
3 ip_reference:os6
4 mss:u16
5 nb_of_sim_conn:u8
6 inactivity_time_out:u16
"""
IPV4 = """
2 dl_reference:os6
3 ip_address:u32
4 multicast_ip_address:ar u32
5 ip_options:ar st{ip_option_type u8, ip_option_length u8, ip_option_data os}
6 subnet_mask:u32
7 gateway_ip_address:u32
8 use_dhcp_flag:b
9 primary_dns_address:u32
10 secondary_dns_address:u32
"""
PPP = """
2 phy_reference:os6
3 lcp_options:ar st{lcp_option_type u8, lcp_option_length u8, lcp_option_data CH}
4 ipcp_options:ar st{ipcp_option_type u8, ipcp_option_length u8, ipcp_option_data CH}
"""
SMTP = """
2 server_port:u16
3 user_name:os
4 login_password:os!
5 server_address:os
6 sender_address:os
"""
IPV6 = """
2 dl_reference:os6
3 address_config_mode:en
4 unicast_ipv6_addresses:ar os16
5 multicast_ipv6_addresses:ar os16
6 gateway_ipv6_addresses:ar os16
7 primary_dns_address:os16
8 secondary_dns_address:os16
9 traffic_class:u8
10 neighbor_discovery_setup:ar st{rs_max_retry u8, rs_retry_wait_time u16, ra_send_period u32}
"""
NTP = """
2 activated:b
3 server_address:os
4 server_port:u16
5 authentication_method:en
6 authentication_keys:ar st{key_id u32, key os}!
7 client_key:os!
"""
COAP = """
2 udp_reference:os6
3 ack_timeout:u16
4 ack_random_factor:u16
5 max_retransmit:u16
6 nstart:u16
7 delay_ack_timeout:u16
8 exponential_back_off:u16
9 probing_rate:u16
10 coap_uri_path:os
11 transport_mode:en
12 wrapper_version:CH*
13 token_length:u8
"""


@pytest.mark.parametrize(
    ("cls", "class_id", "table"),
    [
        (TcpUdpSetup, 41, TCP_UDP),
        (Ipv4Setup, 42, IPV4),
        (MacAddressSetup, 43, "2 mac_address:os"),
        (SmtpSetup, 46, SMTP),
        (Ipv6Setup, 48, IPV6),
        (NtpSetup, 100, NTP),
        (CoapSetup, 152, COAP),
    ],
)
def test_attributes(cls, class_id, table):
    assert (cls.class_id, cls.version) == (class_id, 0)
    assert attributes(cls) == rows(table)


def test_attributes_of_ppp_setup():
    *others, authentication = attributes(PppSetup)
    assert PppSetup.class_id == 44
    assert others == rows(PPP)
    assert authentication.startswith("5 ppp_authentication:ch(null | st{user_name os, pap_password os} | ")
    assert authentication.endswith("!")


def test_attributes_of_coap_diagnostic():
    counts = [len(CoapDiagnostic.attributes[n].schema.parts) for n in (2, 3, 4)]
    assert counts == [10, 8, 3]
    assert attributes(CoapDiagnostic)[3] == "5 capture_time:st{attribute_id u8, timestamp date-time}*"
    assert all(a.endswith("*") for a in attributes(CoapDiagnostic))


def test_methods():
    assert methods(Ipv4Setup) == [
        "1 add_mc_ip_address(u32) +60",
        "2 delete_mc_ip_address(u32) +68",
        "3 get_nbof_mc_ip_addresses(i8)->u16 +70",
    ]
    assert methods(Ipv6Setup) == [
        "1 add_ipv6_address(st{address_type en, address os16}) +60",
        "2 remove_ipv6_address(st{address_type en, address os16}) +68",
    ]
    assert methods(NtpSetup) == [
        "1 synchronize(i8)",
        "2 add_authentication_key(st{key_id u32, key os})",
        "3 delete_authentication_key(u32)",
    ]
    assert methods(CoapDiagnostic) == ["1 reset(i8) +30"]


@pytest.mark.parametrize(
    ("cls", "number", "octets"),
    [
        (TcpUdpSetup, 2, "120fdb"),
        (TcpUdpSetup, 4, "120240"),
        (TcpUdpSetup, 6, "1200b4"),
        (SmtpSetup, 2, "120019"),
        (NtpSetup, 4, "12007b"),
        (PppSetup, 5, "00"),
    ],
)
def test_defaults(cls, number, octets):
    assert cls("0-0:25.0.0*255").encoded(number, 0).hex() == octets


# --- IPv4 ---


def address(text):
    return b"\x06" + bytes(map(int, text.split(".")))


def test_multicast_addresses_come_and_go():
    ip = Ipv4Setup("0-0:25.1.0*255")
    for one in ("224.0.0.1", "224.0.0.2", "224.0.0.1"):
        assert ip.invoke(1, address(one), 0) is None
    assert ip.multicast_ip_address == [0xE0000001, 0xE0000002]
    assert ip.invoke(3, b"\x0f\x00", 0).hex() == "120002"
    ip.invoke(2, address("224.0.0.1"), 0)
    assert ip.multicast_ip_address == [0xE0000002]


def test_a_multicast_address_that_is_not_there_is_not_deleted():
    with pytest.raises(AccessError) as refused:
        Ipv4Setup("0-0:25.1.0*255").invoke(2, address("224.0.0.1"), 0)
    assert refused.value.result == 250


def test_a_clone_has_its_own_addresses():
    ip = Ipv4Setup("0-0:25.1.0*255", multicast_ip_address=[1])
    other = ip.clone()
    other.invoke(1, b"\x06\x00\x00\x00\x02", 0)
    assert (ip.multicast_ip_address, other.multicast_ip_address) == ([1], [1, 2])


# --- IPv6 ---


def ipv6(kind, last):
    return bytes((2, 2, 0x16, kind, 9, 16)) + bytes(15) + bytes((last,))


@pytest.mark.parametrize(("kind", "number"), [(0, 4), (1, 5), (2, 6)])
def test_ipv6_addresses_go_into_the_list_of_their_kind(kind, number):
    ip = Ipv6Setup("0-0:25.7.0*255")
    for last in (1, 2, 1):
        ip.invoke(1, ipv6(kind, last), 0)
    assert ip.get(number, 0) == [bytes(15) + b"\x01", bytes(15) + b"\x02"]
    ip.invoke(2, ipv6(kind, 1), 0)
    assert ip.get(number, 0) == [bytes(15) + b"\x02"]
    assert [len(ip.get(n, 0)) for n in (4, 5, 6)].count(0) == 2


@pytest.mark.parametrize(
    ("octets", "result"), [(ipv6(1, 1), 250), (ipv6(3, 1), 12), (ipv6(0, 1)[:-1], 12), (b"\x0f\x00", 12)]
)
def test_what_is_no_ipv6_address_here_is_not_removed(octets, result):
    with pytest.raises(AccessError) as refused:
        Ipv6Setup("0-0:25.7.0*255").invoke(2, octets, 0)
    assert refused.value.result == result


# --- NTP ---


def key(number, value):
    return b"\x02\x02\x06" + number.to_bytes(4, "big") + b"\x09" + bytes((len(value),)) + value


def test_keys_are_added_replaced_and_deleted():
    ntp = NtpSetup("0-0:25.10.0*255")
    for number, value in ((1, b"a"), (2, b"b"), (1, b"c")):
        ntp.invoke(2, key(number, value), 0)
    assert ntp.authentication_keys == [(2, b"b"), (1, b"c")]
    ntp.invoke(3, b"\x06\x00\x00\x00\x02", 0)
    assert ntp.authentication_keys == [(1, b"c")]
    with pytest.raises(AccessError):
        ntp.invoke(3, b"\x06\x00\x00\x00\x02", 0)


def test_without_a_network_there_is_no_asking_for_the_time():
    with pytest.raises(AccessError) as refused:
        NtpSetup("0-0:25.10.0*255").invoke(1, None, 0)
    assert refused.value.result == 250


@pytest.mark.parametrize(
    ("obj", "number", "entry"),
    [
        (Ipv4Setup("0-0:25.1.0*255", multicast_ip_address=list(range(256))), 1, b"\x06\x00\x00\x01\x00"),
        (Ipv6Setup("0-0:25.7.0*255", unicast_ipv6_addresses=[bytes((1, n)) for n in range(256)]), 1, ipv6(0, 1)),
        (NtpSetup("0-0:25.10.0*255", authentication_keys=[(n, b"") for n in range(256)]), 2, key(256, b"k")),
    ],
)
def test_lists_do_not_grow_for_ever(obj, number, entry):
    with pytest.raises(AccessError) as refused:
        obj.invoke(number, entry, 0)
    assert refused.value.result == 250


def test_a_full_list_of_keys_still_takes_a_new_value():
    ntp = NtpSetup("0-0:25.10.0*255", authentication_keys=[(n, b"") for n in range(256)])
    ntp.invoke(2, key(7, b"new"), 0)
    assert len(ntp.authentication_keys) == 256
    assert ntp.authentication_keys[-1] == (7, b"new")


# --- PPP ---


@pytest.mark.parametrize("octets", ["00", "0202 0901 61 0901 62", "0202 0901 61 1105", "0203 0301 0300 0300"])
def test_the_four_ways_to_log_in(octets):
    ppp = PppSetup("0-0:25.3.0*255")
    ppp.write(5, bytes.fromhex(octets), 0)
    assert ppp.encoded(5, 0) == bytes.fromhex(octets)


@pytest.mark.parametrize("octets", ["0905 6d65746572", "0201 0901 61", "0202 1105 0901 61"])
def test_another_way_to_log_in_is_not_taken(octets):
    with pytest.raises(AccessError) as refused:
        PppSetup("0-0:25.3.0*255").write(5, bytes.fromhex(octets), 0)
    assert refused.value.result == 12


# --- CoAP ---


class House:
    """A device whose clock stands still."""

    class clock:  # noqa: N801
        @staticmethod
        def date_time(now):
            return DateTime(bytes.fromhex("07ea0501050c000000000000"))

    def changed(self, obj, number, value, now):
        pass

    def touched(self, obj):
        pass


def test_counters_of_coap_are_reset_and_the_time_noted():
    coap = CoapDiagnostic("0-0:25.17.0*255", messages_counter=(1,) * 10, coap_bt_counter=(1, 2, 3))
    coap.device = House()
    coap.invoke(1, b"\x0f\x00", 0)
    assert (coap.messages_counter, coap.coap_bt_counter) == ((0,) * 10, (0, 0, 0))
    assert coap.encoded(5, 0).hex() == "0202110019" + "07ea0501050c000000000000"


def test_without_a_clock_the_time_of_a_reset_is_not_known():
    coap = CoapDiagnostic("0-0:25.17.0*255")
    coap.invoke(1, None, 0)
    assert coap.capture_time == (0, DateTime(UNSPECIFIED))
