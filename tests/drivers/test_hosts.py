"""Hosts and ports."""

from __future__ import annotations

import errno
import socket

import pytest

from anymeter.drivers import hosts
from anymeter.errors import LinkError


@pytest.mark.parametrize(
    ("host", "family"),
    [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6), ("2001:db8::5", socket.AF_INET6)],
)
def test_literal_addresses_ask_nobody(host, family, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", None)
    assert hosts.literal(host, 4059) == (family, (host, 4059))
    assert hosts.resolved(host, 4059, socket.SOCK_STREAM) == [(family, (host, 4059))]


@pytest.mark.parametrize("host", ["meter.example", "localhost", "10.0.0", "10.0.0.256", "fe80::1%lo", ""])
def test_others_are_no_literal_addresses(host):
    assert hosts.literal(host, 4059) is None


def test_a_name_is_looked_up():
    found = hosts.resolved("localhost", 4059, socket.SOCK_STREAM)
    assert found
    assert all(address[1] == 4059 for _, address in found)


@pytest.mark.parametrize("error", [socket.gaierror(-2, "Name or service not known"), UnicodeError("label too long")])
def test_a_name_that_leads_nowhere_is_a_link_error(error, monkeypatch):
    def nobody(*_, **__):
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with pytest.raises(LinkError, match=r"no host is called 'nowhere\.invalid': (Name or service|label)"):
        hosts.resolved("nowhere.invalid", 4059, socket.SOCK_STREAM)


def test_a_socket_has_a_peer_when_it_is_connected():
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as sock:
        assert not hosts.has_peer(sock)
        sock.connect(listener.getsockname())
        assert hosts.has_peer(sock)


def test_addresses_as_people_write_them():
    assert hosts.written("localhost", 1) == "localhost:1"
    assert hosts.written("::1", 1) == "[::1]:1"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), "connection reset by peer"),
        (OSError(errno.ECONNREFUSED, ""), "connection refused"),
        (OSError(), "the network failed"),
    ],
)
def test_reasons(error, words):
    assert hosts.reason(error) == words
