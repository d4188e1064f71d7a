"""Internet protocols: TCP and UDP, IP, PPP, mail, time and CoAP. Classes 41 to 44, 46, 48, 100, 152, 153.

Source: DLMS UA 1000-1 Ed. 16, Part 2, 4.9.
"""

from __future__ import annotations

from typing import Final

from anymeter.cosem.classes.parts import LN, blue_book, clear, declined, grown, out_of_reach, shown
from anymeter.cosem.enums import ActionResult
from anymeter.cosem.model import InterfaceClass, attribute, method, refuse
from anymeter.cosem.schema import (
    BOOLEAN,
    CHOICE,
    DATE_TIME,
    DOUBLE_LONG_UNSIGNED,
    ENUM,
    INTEGER,
    LONG_UNSIGNED,
    NULL_DATA,
    OCTET_STRING,
    UNSIGNED,
    array,
    octets,
    one_of,
    structure,
)


class TcpUdpSetup(InterfaceClass, class_id=41, clause=blue_book("4.9.1")):
    """TCP-UDP setup: port, segment size, connections. *inactivity_time_out* in seconds, 0 for never."""

    tcp_udp_port = attribute(2, LONG_UNSIGNED, default=4059)
    ip_reference = attribute(3, LN)
    mss = attribute(4, LONG_UNSIGNED, default=576)
    nb_of_sim_conn = attribute(5, UNSIGNED, default=1)
    inactivity_time_out = attribute(6, LONG_UNSIGNED, default=180)


class Ipv4Setup(InterfaceClass, class_id=42, methods_at=0x60, clause=blue_book("4.9.2")):
    """IPv4 setup: addresses of an interface; an address is a number, the first octet the most significant."""

    dl_reference = attribute(2, LN)
    ip_address = attribute(3, DOUBLE_LONG_UNSIGNED)
    multicast_ip_address = attribute(4, array(DOUBLE_LONG_UNSIGNED))
    ip_options = attribute(
        5, array(structure(ip_option_type=UNSIGNED, ip_option_length=UNSIGNED, ip_option_data=OCTET_STRING))
    )
    subnet_mask = attribute(6, DOUBLE_LONG_UNSIGNED)
    gateway_ip_address = attribute(7, DOUBLE_LONG_UNSIGNED)
    use_dhcp_flag = attribute(8, BOOLEAN)
    primary_dns_address = attribute(9, DOUBLE_LONG_UNSIGNED)
    secondary_dns_address = attribute(10, DOUBLE_LONG_UNSIGNED)

    @method(1, DOUBLE_LONG_UNSIGNED)
    def add_mc_ip_address(self, data: int, now: float) -> None:
        """Add a multicast address; one that is there already stays."""
        if data not in self.multicast_ip_address:
            self.put(4, grown(self, self.multicast_ip_address, data), now)

    @method(2, DOUBLE_LONG_UNSIGNED)
    def delete_mc_ip_address(self, data: int, now: float) -> None:
        """Delete a multicast address; refused when it is not there."""
        if data not in self.multicast_ip_address:
            raise declined(self, "multicast address")
        self.put(4, [address for address in self.multicast_ip_address if address != data], now)

    @method(3, INTEGER, returns=LONG_UNSIGNED)
    def get_nbof_mc_ip_addresses(self, data: int, now: float) -> int:
        """How many multicast addresses there are."""
        return len(self.multicast_ip_address)


class MacAddressSetup(InterfaceClass, class_id=43, clause=blue_book("4.9.4")):
    """MAC address setup: the MAC address of an interface."""

    mac_address = attribute(2, OCTET_STRING)


PPP_AUTHENTICATION: Final = one_of(
    NULL_DATA,
    structure(user_name=OCTET_STRING, pap_password=OCTET_STRING),
    structure(user_name=OCTET_STRING, algorithm_id=UNSIGNED),
    structure(md5_challenge=BOOLEAN, one_time_password=BOOLEAN, generic_token_card=BOOLEAN),
)
"""Nothing, PAP, CHAP or EAP."""


class PppSetup(InterfaceClass, class_id=44, clause=blue_book("4.9.5")):
    """PPP setup: options of the link and of IP, and who may log in."""

    phy_reference = attribute(2, LN)
    lcp_options = attribute(
        3, array(structure(lcp_option_type=UNSIGNED, lcp_option_length=UNSIGNED, lcp_option_data=CHOICE))
    )
    ipcp_options = attribute(
        4, array(structure(ipcp_option_type=UNSIGNED, ipcp_option_length=UNSIGNED, ipcp_option_data=CHOICE))
    )
    ppp_authentication = attribute(5, PPP_AUTHENTICATION, secret=True)


class SmtpSetup(InterfaceClass, class_id=46, clause=blue_book("4.9.6")):
    """SMTP setup: the mail server of the device."""

    server_port = attribute(2, LONG_UNSIGNED, default=25)
    user_name = attribute(3, OCTET_STRING)
    login_password = attribute(4, OCTET_STRING, secret=True)
    server_address = attribute(5, OCTET_STRING)
    sender_address = attribute(6, OCTET_STRING)


IPV6_ADDRESS: Final = structure(address_type=ENUM, address=octets(16))
"""*address_type*: 0 unicast, 1 multicast, 2 gateway."""


class Ipv6Setup(InterfaceClass, class_id=48, methods_at=0x60, clause=blue_book("4.9.3")):
    """IPv6 setup: addresses of an interface and how it gets them."""

    dl_reference = attribute(2, LN)
    address_config_mode = attribute(
        3, ENUM, words={0: "auto-configuration", 1: "DHCPv6", 2: "manual", 3: "neighbour discovery"}
    )
    unicast_ipv6_addresses = attribute(4, array(octets(16)))
    multicast_ipv6_addresses = attribute(5, array(octets(16)))
    gateway_ipv6_addresses = attribute(6, array(octets(16)))
    primary_dns_address = attribute(7, octets(16))
    secondary_dns_address = attribute(8, octets(16))
    traffic_class = attribute(9, UNSIGNED)
    neighbor_discovery_setup = attribute(
        10,
        array(structure(rs_max_retry=UNSIGNED, rs_retry_wait_time=LONG_UNSIGNED, ra_send_period=DOUBLE_LONG_UNSIGNED)),
    )

    @method(1, IPV6_ADDRESS)
    def add_ipv6_address(self, data: tuple[int, bytes], now: float) -> None:
        """Add an address to one of the three lists; one that is there already stays."""
        number, addresses = self._list(data[0])
        if data[1] not in addresses:
            self.put(number, grown(self, addresses, data[1]), now)

    @method(2, IPV6_ADDRESS)
    def remove_ipv6_address(self, data: tuple[int, bytes], now: float) -> None:
        """Remove an address from one of the three lists; refused when it is not there."""
        number, addresses = self._list(data[0])
        if data[1] not in addresses:
            raise declined(self, "IPv6 address")
        self.put(number, [address for address in addresses if address != data[1]], now)

    def _list(self, address_type: int) -> tuple[int, list[bytes]]:
        """Number and value of the list for a type of address."""
        if address_type > 2:
            raise refuse(ActionResult.type_unmatched, f"{self.logical_name} address_type {address_type}")
        return 4 + address_type, self.stored(4 + address_type)


KEY: Final = structure(key_id=DOUBLE_LONG_UNSIGNED, key=OCTET_STRING)


class NtpSetup(InterfaceClass, class_id=100, clause=blue_book("4.9.7")):
    """NTP setup: the time server of the device, and the keys they share."""

    activated = attribute(2, BOOLEAN)
    server_address = attribute(3, OCTET_STRING)
    server_port = attribute(4, LONG_UNSIGNED, default=123)
    authentication_method = attribute(5, ENUM, words={0: "no security", 1: "shared secrets", 2: "autokey IFF"})
    authentication_keys = attribute(6, array(KEY), secret=True)
    client_key = attribute(7, OCTET_STRING, secret=True)

    synchronize = out_of_reach(1, INTEGER, "Ask the time server.")

    @method(2, KEY)
    def add_authentication_key(self, data: tuple[int, bytes], now: float) -> None:
        """Add a key, or give the key of this number a new value."""
        others = [key for key in self.authentication_keys if key[0] != data[0]]
        self.put(6, grown(self, others, data), now)

    @method(3, DOUBLE_LONG_UNSIGNED)
    def delete_authentication_key(self, data: int, now: float) -> None:
        """Delete the key of this number; refused when there is none."""
        others = [key for key in self.authentication_keys if key[0] != data]
        if len(others) == len(self.authentication_keys):
            raise declined(self, f"key {data}")
        self.put(6, others, now)


class CoapSetup(InterfaceClass, class_id=152, clause=blue_book("4.9.8")):
    """CoAP setup: timers and form of DLMS over CoAP (RFC 7252)."""

    udp_reference = attribute(2, LN)
    ack_timeout = attribute(3, LONG_UNSIGNED)
    ack_random_factor = attribute(4, LONG_UNSIGNED)
    max_retransmit = attribute(5, LONG_UNSIGNED)
    nstart = attribute(6, LONG_UNSIGNED)
    delay_ack_timeout = attribute(7, LONG_UNSIGNED)
    exponential_back_off = attribute(8, LONG_UNSIGNED)
    probing_rate = attribute(9, LONG_UNSIGNED)
    coap_uri_path = attribute(10, OCTET_STRING)
    transport_mode = attribute(11, ENUM)
    wrapper_version = attribute(12, CHOICE, dynamic=True)
    token_length = attribute(13, UNSIGNED)


MESSAGES: Final = structure(
    tx=DOUBLE_LONG_UNSIGNED,
    rx=DOUBLE_LONG_UNSIGNED,
    tx_resend=DOUBLE_LONG_UNSIGNED,
    tx_reset=DOUBLE_LONG_UNSIGNED,
    rx_reset=DOUBLE_LONG_UNSIGNED,
    tx_ack=DOUBLE_LONG_UNSIGNED,
    rx_ack=DOUBLE_LONG_UNSIGNED,
    rx_drop=DOUBLE_LONG_UNSIGNED,
    tx_non_piggybacked=DOUBLE_LONG_UNSIGNED,
    max_rtx_exceeded=DOUBLE_LONG_UNSIGNED,
)
EXCHANGES: Final = structure(
    rx_requests=DOUBLE_LONG_UNSIGNED,
    tx_requests=DOUBLE_LONG_UNSIGNED,
    rx_responses=DOUBLE_LONG_UNSIGNED,
    tx_responses=DOUBLE_LONG_UNSIGNED,
    tx_client_error=DOUBLE_LONG_UNSIGNED,
    rx_client_error=DOUBLE_LONG_UNSIGNED,
    tx_server_error=DOUBLE_LONG_UNSIGNED,
    rx_server_error=DOUBLE_LONG_UNSIGNED,
)
TRANSFERS: Final = structure(
    started=DOUBLE_LONG_UNSIGNED, completed=DOUBLE_LONG_UNSIGNED, timed_out=DOUBLE_LONG_UNSIGNED
)


class CoapDiagnostic(InterfaceClass, class_id=153, methods_at=0x30, clause=blue_book("4.9.9")):
    """CoAP diagnostic: what the CoAP layer of a server counts; *capture_time*: what changed last, and when."""

    messages_counter = attribute(2, MESSAGES, dynamic=True)
    request_response_counter = attribute(3, EXCHANGES, dynamic=True)
    coap_bt_counter = attribute(4, TRANSFERS, dynamic=True)
    capture_time = attribute(5, structure(attribute_id=UNSIGNED, timestamp=DATE_TIME), dynamic=True)

    @method(1, INTEGER)
    def reset(self, data: int, now: float) -> None:
        """Set every counter to zero and note the time."""
        clear(self, now)
        self.put(5, (0, shown(self, now)), now)
