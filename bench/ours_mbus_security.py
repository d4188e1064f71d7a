"""How fast telegrams are taken apart and decrypted, one JSON line a case: {"case", "rate"}, telegrams a second."""

from __future__ import annotations

from collections.abc import Callable

from timing import measure

from anymeter.links import mbus, wireless
from anymeter.links.address import Address
from anymeter.mbus import security
from anymeter.mbus.afl import Afl
from anymeter.mbus.ell import ExtendedLink
from anymeter.mbus.header import Configuration, Header, fields
from anymeter.mbus.telegram import open_telegram

KEY = bytes(range(0x10, 0x20))
METER = Address.of("ANY", "12345678", 1, 7)
PLAIN = security.padded(bytes.fromhex("0C1345230100 046D32371F15 02FD170000 0A5A3402 0A5E1202 0B3B120000"))


def header(**configuration: object) -> Header:
    cf, extension = fields(Configuration(**configuration))
    return Header(42, 0, cf, None, extension)


def by_radio(body: bytes) -> tuple[Callable[[], object], object, int]:
    """A telegram of format A: CRCs checked, layers walked, payload decrypted and verified."""
    octets = wireless.encode(wireless.Frame(0x44, METER, body), "A")

    def work() -> bytes:
        frame = wireless.parse(octets)
        return open_telegram(frame.body, frame.address, lambda _: KEY).payload

    return work, PLAIN, 1


def sealed(head: Header, counter: int | None = None) -> bytes:
    return b"\x7a" + head.encode() + security.protect(head, METER, PLAIN, KEY, ci=0x7A, counter=counter)


def mode_5():
    return by_radio(sealed(header(mode=5, count=len(PLAIN))))


def mode_7():
    message = sealed(header(mode=7, count=len(PLAIN), kdf=1), counter=7)
    afl = Afl(0, control=0x25, counter=7)
    mac = security.message_mac(afl, message, KEY, METER)
    return by_radio(Afl(0, control=0x25, counter=7, mac=mac).encode() + message)


def mode_10():
    return by_radio(sealed(header(mode=10, count=None, kdf=1, counter=7, tag=8)))


def ell():
    layer = ExtendedLink(0x8D, 0x20, 1, None, 1 << 29 | 12345)
    return by_radio(layer.encode() + security.seal_link(layer, METER, b"\x78" + PLAIN, KEY))


def decrypt_alone():
    head = header(mode=5, count=len(PLAIN))
    secret = security.protect(head, METER, PLAIN, KEY, ci=0x7A)
    return lambda: security.unprotect(head, METER, secret, KEY, ci=0x7A), PLAIN, 1


def wired():
    octets = mbus.long(0x08, 1, b"\x72" + Header(1, 0, 0, METER).encode() + PLAIN).encode()
    return lambda: open_telegram(mbus.decode(octets)[0].body).payload, PLAIN, 1


if __name__ == "__main__":
    measure(
        {
            "mode 5 decrypt": decrypt_alone,
            "mode 5 telegram": mode_5,
            "mode 7 telegram": mode_7,
            "mode 10 telegram": mode_10,
            "extended link layer telegram": ell,
            "wired telegram, not encrypted": wired,
        }
    )
