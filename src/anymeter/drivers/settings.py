"""From a URL and keys to what a connection needs: the settings of its session, its route, its link."""

from __future__ import annotations

import socket
from functools import lru_cache
from typing import Any, Final

import msgspec

from anymeter.cosem.enums import ApplicationContext, Mechanism
from anymeter.decoding.keys import KeyRing, password_octets
from anymeter.dlms.client.session import Settings
from anymeter.drivers import hosts, urls
from anymeter.errors import LocalError
from anymeter.links.events import Route
from anymeter.links.hdlc_parameters import Parameters
from anymeter.links.hdlc_primary import HdlcPrimary
from anymeter.links.link import Link
from anymeter.links.wrapper import MAX_APDU, MAX_DATAGRAM_APDU
from anymeter.links.wrapper_link import WrapperLink

TIMEOUT: Final = 10.0
"""Seconds of silence after which a meter has not answered, all repeats included."""
RETRIES: Final = 3
"""How often what was not answered is repeated in that time, where the carrier loses octets."""
_MARGIN: Final = 1.25
"""HDLC repeats by itself: it is given the time to give up first."""
_SIZES: Final = ("max_receive_pdu", "max_send_pdu")


class Connection(msgspec.Struct, frozen=True):
    """How a meter is reached; *timeout* in seconds is how long a single answer may take."""

    url: urls.Url
    settings: Settings
    route: Route
    timeout: float
    connect_timeout: float

    @property
    def kind(self) -> socket.SocketKind:
        """The kind of socket."""
        return socket.SOCK_DGRAM if self.url.datagrams else socket.SOCK_STREAM

    @property
    def where(self) -> str:
        """Host and port."""
        return hosts.written(self.url.host, self.url.port)

    def link(self) -> Link:
        """A new link."""
        url, options = self.url, self.url.options
        if not url.hdlc:
            return WrapperLink(datagrams=url.datagrams)
        octets, window = options.get("max_info", 128), options.get("window", 1)
        retries = options.get("retries", RETRIES)
        return HdlcPrimary(
            Parameters(octets, octets, window, window),
            address_octets=options.get("address"),
            response_timeout=self.connect_timeout / (retries + 1),
            retries=retries,
            busy_timeout=self.timeout,
        )


def connection(
    url: str, keys: KeyRing | None = None, password: str | bytes | None = None, **changes: Any
) -> Connection:
    """How the meter at *url* is reached; LocalError.

    *keys* may know its password: under the name that ``meter=`` gives, under host:port or host, or by default.
    *changes* are fields of the session's settings.
    """
    if keys is None and password is None and not changes:
        return _anonymous(url)
    return _found(urls.parse(url), keys, password, changes)


@lru_cache(maxsize=1024)
def _anonymous(url: str) -> Connection:
    """How a meter is reached that asks nobody who he is: mostly again and again."""
    return _found(urls.parse(url), None, None, {})


def _found(parsed: urls.Url, keys: KeyRing | None, password: str | bytes | None, changes: dict[str, Any]) -> Connection:
    if unknown := set(changes) - set(Settings.__struct_fields__):
        raise LocalError(f"a session has no setting {min(unknown)!r}")
    options = parsed.options
    timeout = options.get("timeout", TIMEOUT)
    repeats = options.get("retries", RETRIES) if parsed.datagrams else 0
    settings = msgspec.structs.replace(_settings(parsed, keys, password), repeats=repeats, **changes)
    if parsed.datagrams:
        sizes = {size: min(getattr(settings, size) or MAX_APDU, MAX_DATAGRAM_APDU) for size in _SIZES}
        settings = msgspec.structs.replace(settings, **sizes)
    answer_timeout = timeout * _MARGIN if parsed.hdlc else timeout / (repeats + 1)
    route = Route(settings.client, settings.server, options.get("physical"))
    return Connection(parsed, settings, route, answer_timeout, timeout)


def _settings(url: urls.Url, keys: KeyRing | None, password: str | bytes | None) -> Settings:
    options = url.options
    given: dict[str, Any] = {name: options[name] for name in ("client", "server", "release") if name in options}
    renamed = {"max_pdu": "max_receive_pdu", "user": "user_id", "preestablished": "pre_established"}
    given |= {field: options[name] for name, field in renamed.items() if name in options}
    if "priority" in options:
        given["high_priority"] = options["priority"]
    if options.get("names"):
        given["context"] = ApplicationContext.short_names
    secret = _secret(url, keys, password)
    wanted = options.get("authentication", "low" if secret else "none")
    if wanted == "low":
        if not secret:
            raise LocalError("authentication=low needs a password: in a keys file, or in the environment")
        given |= {"mechanism": Mechanism.low_level, "secret": secret}
    return Settings(**given)


def _secret(url: urls.Url, keys: KeyRing | None, password: str | bytes | None) -> bytes:
    if password is not None:
        return password_octets(password)
    if keys is None:
        return b""
    name = url.options.get("meter")
    names = (name,) if name else (hosts.written(url.host, url.port), url.host)
    return keys.of_name(*names).get("password", b"")
