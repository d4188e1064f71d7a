"""The URLs of meters: what is read, what is refused, in which words. Source of the forms: docs/urls.md."""

from __future__ import annotations

import pytest

from anymeter.drivers import urls
from anymeter.drivers.urls import Url, parse
from anymeter.errors import LocalError


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("dlms+tcp://10.0.0.5", Url("dlms+tcp", "10.0.0.5", 4059)),
        ("dlms+tcp://10.0.0.5:4061/", Url("dlms+tcp", "10.0.0.5", 4061)),
        (" DLMS+TCP://Meter.Example:1 ", Url("dlms+tcp", "meter.example", 1)),
        ("dlms+udp://[2001:db8::5]:4059", Url("dlms+udp", "2001:db8::5", 4059)),
        ("dlms+udp://[2001:db8::5]", Url("dlms+udp", "2001:db8::5", 4059)),
        ("dlms+hdlc+tcp://h?client=0x10&server=1", Url("dlms+hdlc+tcp", "h", 4059, "", {"client": 16, "server": 1})),
        ("dlms+tcp://h?", Url("dlms+tcp", "h", 4059)),
        ("dlms+tcp://h?names=sn", Url("dlms+tcp", "h", 4059, "", {"names": True})),
        (
            "dlms+tcp://h?release=no&priority=normal",
            Url("dlms+tcp", "h", 4059, "", {"release": False, "priority": False}),
        ),
        ("dlms+tcp://h?timeout=2.5&meter=KAM.1", Url("dlms+tcp", "h", 4059, "", {"timeout": 2.5, "meter": "KAM.1"})),
        ("dlms+hdlc+tcp://h?address=4&window=7", Url("dlms+hdlc+tcp", "h", 4059, "", {"address": 4, "window": 7})),
    ],
)
def test_what_is_read(text, url):
    assert parse(text) == url


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is no URL of a meter"),
        ("10.0.0.5:4059", "is no URL of a meter"),
        ("http://10.0.0.5", "http:// is unknown; known are dlms+tcp, dlms+udp, dlms+hdlc+tcp"),
        ("tcp://10.0.0.5", "tcp:// is unknown"),
        ("dlms+tcp://", "names no host"),
        ("dlms+tcp://:4059", "names no host"),
        ("dlms+tcp://h:99999", "Port out of range"),
        ("dlms+tcp://h:x", "Port could not be cast"),
        ("dlms+tcp://[2001:db8::5", "Invalid IPv6 URL"),
        ("dlms+tcp://h/5", "names a device '5'"),
        ("dlms+tcp://h#x", "behind #"),
        ("dlms+tcp://h?clinet=16", "has no option 'clinet'; it has client, server"),
        ("dlms+tcp://h?window=7", "dlms+tcp has no option 'window'"),
        ("dlms+tcp://h?client=16&client=1", "stands there twice"),
        ("dlms+tcp://h?client=", "client='' is not a number from 0 to 65535"),
        ("dlms+tcp://h?client=70000", "not a number from 0 to 65535"),
        ("dlms+tcp://h?client=-1", "not a number"),
        ("dlms+tcp://h?client=１", "not a number"),
        ("dlms+tcp://h?names=lnx", "not ln or sn"),
        ("dlms+tcp://h?timeout=0", "not seconds, more than 0"),
        ("dlms+tcp://h?timeout=1e9", "not seconds"),
        ("dlms+tcp://h?timeout=inf", "not seconds"),
        ("dlms+hdlc+tcp://h?max_info=31", "not a number from 32 to 2030"),
        ("dlms+hdlc+tcp://h?address=3", "not 1 or 2 or 4"),
    ],
)
def test_what_is_refused(text, why):
    with pytest.raises(LocalError) as e:
        parse(text)
    assert why in str(e.value)
    assert "\n" not in str(e.value)


@pytest.mark.parametrize(
    "text",
    [
        "dlms+tcp://h?password=1234",
        "dlms+tcp://h?Password=1234",
        "dlms+tcp://h?key=1234",
        "dlms+tcp://h?auth_key=1234",
        "dlms+tcp://h?ek=1234",
        "dlms+tcp://h?lls=1234",
        "dlms+tcp://h?encryption-key=1234",
        "dlms+tcp://user:1234@h",
        "dlms+tcp://1234@h",
    ],
)
def test_secrets_are_refused_and_not_repeated(text):
    with pytest.raises(LocalError, match="keys file") as e:
        parse(text)
    assert "1234" not in str(e.value)


@pytest.mark.parametrize("text", ["dlms+tcp://x:1234@h:y", "dlms+tcp://x:1234@[::1", "mqtt://x:1234@h?password=1234"])
def test_other_mistakes_do_not_repeat_secrets_either(text):
    with pytest.raises(LocalError) as e:
        parse(text)
    assert "1234" not in str(e.value)


@pytest.mark.parametrize("scheme", urls.COMING)
def test_what_comes_later_is_known_by_name(scheme):
    with pytest.raises(LocalError, match=r"cannot be used yet: .* comes? with"):
        parse(f"{scheme}://10.0.0.5:4059?baud=9600")


def test_every_scheme_has_its_options():
    assert set(urls.OPTIONS) == set(urls.SCHEMES)
    assert not set(urls.SCHEMES) & set(urls.COMING)
    assert {"client", "server", "timeout"} <= set.intersection(*(set(known) for known in urls.OPTIONS.values()))
    assert not [name for known in urls.OPTIONS.values() for name in known if urls.SECRETS.fullmatch(name)]


def test_what_a_scheme_means():
    assert [(u.datagrams, u.hdlc) for u in (parse(f"{scheme}://h") for scheme in urls.SCHEMES)] == [
        (False, False),
        (True, False),
        (False, True),
    ]
