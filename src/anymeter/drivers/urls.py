"""Where a meter is, in one line: ``<application>[+<link>]+<carrier>://<where>[/<device>][?options]``.

>>> url = parse("dlms+tcp://[2001:db8::5]?client=1&timeout=5")
>>> url.host, url.port, url.options["client"], url.options["timeout"]
('2001:db8::5', 4059, 1, 5.0)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from anymeter.errors import LocalError
from anymeter.links.wrapper import PORT

WRAPPER_TCP: Final = "dlms+tcp"
WRAPPER_UDP: Final = "dlms+udp"
HDLC_TCP: Final = "dlms+hdlc+tcp"
SCHEMES: Final = (WRAPPER_TCP, WRAPPER_UDP, HDLC_TCP)
"""What can be used."""

COMING: Final = {
    "dlms+tls": "TLS comes with the security of the carriers",
    "dlms+hdlc+serial": "serial ports come with the serial drivers",
    "dlms+modee+serial": "optical heads come with the serial drivers",
    "dlms+mbus+tcp": "COSEM over M-Bus comes with the M-Bus master",
    "dlms+mbus+serial": "COSEM over M-Bus comes with the M-Bus master",
    "iec62056-21+serial": "readouts over a line come with the serial drivers",
    "iec62056-21+tcp": "readouts over a line come with the serial drivers",
    "mbus+tcp": "wired M-Bus comes with the M-Bus master",
    "mbus+serial": "wired M-Bus comes with the M-Bus master",
    "wmbus+serial": "wireless receivers come with the serial drivers",
    "wmbus+tcp": "wireless receivers come with the serial drivers",
    "p1+serial": "P1 ports come with the serial drivers",
    "p1+tcp": "P1 ports come with the serial drivers",
}
"""What is named already and cannot be used yet."""

SECRETS: Final = re.compile(r"pass(word|phrase)?|pwd?|secret|token|lls|hls|[ae]k|kek|.*key")
"""What nobody should try to put into a URL."""


class Url(msgspec.Struct, frozen=True):
    """A URL taken apart: *options* only those that were given, as numbers, texts and truths.

    >>> parse("dlms+udp://10.0.0.5")
    Url(scheme='dlms+udp', host='10.0.0.5', port=4059, device='', options={})
    """

    scheme: str
    host: str
    port: int
    device: str = ""
    options: Mapping[str, Any] = {}

    @property
    def datagrams(self) -> bool:
        """Whether the carrier has datagrams."""
        return self.scheme == WRAPPER_UDP

    @property
    def hdlc(self) -> bool:
        """Whether the link is HDLC."""
        return self.scheme == HDLC_TCP


def _number(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch("[0-9]{1,9}|0[xX][0-9a-fA-F]{1,8}", text) or not least <= int(text, 0) <= most:
            raise ValueError(f"a number from {least} to {most}")
        return int(text, 0)

    return read


def _seconds(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", text) or float(text) <= 0:
        raise ValueError("seconds, more than 0")
    return float(text)


def _one_of(**words: Any) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        if text not in words:
            raise ValueError(" or ".join(words))
        return words[text]

    return read


_TRUTH: Final = _one_of(yes=True, no=False)

_COMMON: Final[dict[str, Callable[[str], Any]]] = {
    "client": _number(0, 0xFFFF),
    "server": _number(0, 0xFFFF),
    "names": _one_of(ln=False, sn=True),
    "authentication": _one_of(none="none", low="low"),
    "user": _number(0, 0xFF),
    "max_pdu": _number(0, 0xFFFF),
    "preestablished": _TRUTH,
    "release": _TRUTH,
    "priority": _one_of(high=True, normal=False),
    "timeout": _seconds,
    "meter": str,
}
_DATAGRAMS: Final = {"retries": _number(0, 20)}
_HDLC: Final = {
    "physical": _number(0, 0x3FFF),
    "address": _one_of(**{"1": 1, "2": 2, "4": 4}),
    "max_info": _number(32, 2030),
    "window": _number(1, 7),
    "retries": _number(0, 20),
}
OPTIONS: Final[dict[str, dict[str, Callable[[str], Any]]]] = {
    WRAPPER_TCP: _COMMON,
    WRAPPER_UDP: _COMMON | _DATAGRAMS,
    HDLC_TCP: _COMMON | _HDLC,
}
"""The options of each scheme."""


@lru_cache(maxsize=1024)
def parse(url: str) -> Url:
    """Take a URL apart; LocalError says in one sentence what is wrong with it."""
    scheme, found, rest = url.strip().partition("://")
    scheme = scheme.lower()
    if not found:
        raise LocalError(f"{_shown(url)} is no URL of a meter, such as dlms+tcp://host:port?client=16&server=1")
    if scheme in COMING:
        raise LocalError(f"{scheme}:// cannot be used yet: {COMING[scheme]}")
    if scheme not in OPTIONS:
        raise LocalError(f"{scheme}:// is unknown; known are {', '.join(SCHEMES)}")
    try:
        parts = urlsplit("//" + rest)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise LocalError(f"{_shown(url)}: {error}") from None
    if parts.username is not None or parts.password is not None:
        raise LocalError(f"a password never stands in a URL; {_WHERE}")
    if not host:
        raise LocalError(f"{_shown(url)} names no host")
    if parts.fragment:
        raise LocalError(f"{_shown(url)} has a part behind #, which means nothing here")
    device = unquote(parts.path).strip("/")
    if device:
        raise LocalError(f"{_shown(url)} names a device {device!r}; {scheme} names it by client=, server=, physical=")
    port = PORT if port is None else port
    return Url(scheme, unquote(host), port, device, _options(scheme, parts.query))


_WHERE: Final = "say it in a keys file (--keys), or in the environment (ANYMETER_PASSWORD)"


def _options(scheme: str, query: str) -> dict[str, Any]:
    known, found = OPTIONS[scheme], {}
    for name, text in parse_qsl(query, keep_blank_values=True):
        if SECRETS.fullmatch(name.lower()):
            raise LocalError(f"{name}= does not belong into a URL; {_WHERE}")
        if name not in known:
            raise LocalError(f"{scheme} has no option {name!r}; it has {', '.join(known)}")
        if name in found:
            raise LocalError(f"the option {name!r} stands there twice")
        try:
            found[name] = known[name](text)
        except ValueError as error:
            raise LocalError(f"{name}={text!r} is not {error}") from None
    return found


def _shown(url: str) -> str:
    """A URL as errors show it: without what may be a secret."""
    return repr(re.sub("//[^/@]*@", "//…@", url.partition("?")[0]))
