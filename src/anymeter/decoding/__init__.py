"""Any message to readings: recognition and the way through the layers."""

from __future__ import annotations

from anymeter.bridge.reading import Message
from anymeter.decoding.decoder import Decoder
from anymeter.decoding.keys import KeyRing, key_octets
from anymeter.links.pcap import is_capture

__all__ = ["Decoder", "KeyRing", "decode", "is_capture"]


def decode(
    message: bytes | str,
    *,
    key: bytes | str | None = None,
    auth_key: bytes | str | None = None,
    keys: KeyRing | None = None,
    protocol: str | None = None,
) -> Message:
    """The readings of one message of any protocol, given as octets, hex, or the text of a readout.

    *key* is an M-Bus user key or a DLMS encryption key, *auth_key* a DLMS authentication key, both as octets or hex;
    *keys* names them by meter. *protocol* switches the recognition off. Raises :class:`DecodeError`,
    :class:`SecurityError` or :class:`ApplicationError`.

    >>> message = decode("68 15 15 68 08 01 72 78 56 34 12 2D 2C 01 07 2A 00 00 00 04 13 15 CD 5B 07 75 16")
    >>> message.meter.id, [(str(r.obis), r.value, r.unit) for r in message.readings]
    ('12345678', [('8-0:1.0.0*255', Decimal('123456.789'), 'm3')])
    """
    given: dict[str, bytes | str] = {}
    if key:
        octets = key_octets(key)
        given |= {"key": octets, "encryption": octets}
    if auth_key:
        given["authentication"] = key_octets(auth_key, "auth_key")
    ring = keys if keys is not None and not given else KeyRing(default=given)
    return Decoder(ring, protocol=protocol).decode(message)
