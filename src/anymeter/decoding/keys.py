"""Which key belongs to which meter: a ring of keys, and the file it is kept in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self

from anymeter.errors import LocalError

_TABLES: Final = ("meters", "default")
NAMES: Final = ("key", "encryption", "authentication", "broadcast", "dedicated", "master", "password")
_MOST_PASSWORD: Final = 64


class MeterKeys(dict[str, bytes]):
    """The keys of one meter by name: ``key`` (M-Bus), ``encryption``, ``password``, ... Never printed."""

    def __repr__(self) -> str:
        return f"<keys: {', '.join(self) or 'none'}>"


class KeyRing:
    """Keys by meter; *default* serves every meter that is not named.

    A meter is named by maker and number as ``decode`` prints them (``KAM.12345678``), by its DLMS system title in hex
    (``4B464D1020005521``), or by where it is (``10.0.0.5:4059``).
    """

    def __init__(
        self,
        meters: Mapping[str, Mapping[str, bytes | str]] | None = None,
        default: Mapping[str, bytes | str] | None = None,
    ) -> None:
        self._meters = {_name(k): _keys(v, k) for k, v in (meters or {}).items()}
        self._default = _keys(default or {}, "the default")

    @classmethod
    def parse(cls, text: str, default: Mapping[str, bytes | str] | None = None) -> Self:
        """The ring a keys file describes, *default* going before its own; raises :class:`LocalError`."""
        import tomllib  # noqa: PLC0415 (most messages are decoded without a keys file)

        try:
            document = tomllib.loads(text)
        except tomllib.TOMLDecodeError as e:
            raise LocalError(f"the keys file is not TOML: {e}") from None
        wrong = sorted(name for name, found in document.items() if name not in _TABLES or not isinstance(found, dict))
        if wrong:
            raise LocalError(f'the keys file has no tables but [meters."…"] and [default]: {wrong}')
        return cls(document.get("meters"), document.get("default", {}) | (default or {}))

    def of_meter(self, manufacturer: str | None, number: str | None) -> MeterKeys:
        """The keys of an M-Bus meter."""
        if not self._meters:
            return self._default
        return self._meters.get(_name(f"{manufacturer}.{number}"), self._default)

    def of_title(self, system_title: bytes | None) -> MeterKeys:
        """The keys of a DLMS device by its system title, alone or behind the maker's letters as ``decode`` prints it.

        The default where the title is not known.
        """
        if not system_title or not self._meters:
            return self._default
        bare = _name(system_title.hex())
        printed = _name(f"{system_title[:3].decode('latin-1')}.{bare}")
        return self._meters.get(bare) or self._meters.get(printed) or self._default

    def of_name(self, *names: str) -> MeterKeys:
        """The keys of the first of *names* that is in the ring, else the default."""
        found = (self._meters[_name(name)] for name in names if _name(name) in self._meters)
        return next(found, self._default)

    def __repr__(self) -> str:
        return f"<KeyRing of {len(self._meters)} meters{', and a default' if self._default else ''}>"


def key_octets(text: bytes | str, name: str = "key") -> bytes:
    """A key as octets from octets or hex; raises :class:`LocalError` without repeating the key.

    >>> key_octets("00 01:0203 0405060708090A0B0C0D0E0F").hex()
    '000102030405060708090a0b0c0d0e0f'
    """
    if isinstance(text, bytes):
        raw = text
    else:
        try:
            raw = bytes.fromhex("".join(c for c in text if c not in ":-_,"))
        except (TypeError, ValueError):
            raise LocalError(f"{name} is not hex") from None
    if len(raw) not in (8, 16, 24, 32):
        raise LocalError(f"{name} has {len(raw)} octets; keys have 16, or 32 in suite 2 (8 for DES)")
    return raw


def password_octets(text: bytes | str, name: str = "password") -> bytes:
    """A low level password as octets: text as it is, ``hex:3132`` as hex; LocalError without repeating it.

    >>> password_octets("12345678"), password_octets("hex:00 FF")
    (b'12345678', b'\\x00\\xff')
    """
    if isinstance(text, bytes):
        raw = text
    elif not isinstance(text, str):
        raise LocalError(f"{name} is not a text")
    elif text.startswith("hex:"):
        try:
            raw = bytes.fromhex(text[4:])
        except ValueError:
            raise LocalError(f"{name} is not hex behind hex:") from None
    else:
        raw = text.encode()
    if not 1 <= len(raw) <= _MOST_PASSWORD:
        raise LocalError(f"{name} has {len(raw)} octets; passwords have 1 to {_MOST_PASSWORD}")
    return raw


def _name(text: str) -> str:
    return text.replace(" ", "").upper()


def _keys(keys: Mapping[str, Any], meter: str) -> MeterKeys:
    if not isinstance(keys, Mapping):
        raise LocalError(f'{meter}: keys are given as name = "hex"')
    for name in keys:
        if name not in NAMES:
            raise LocalError(f"{meter}: {name!r} is not one of {', '.join(NAMES)}")
    return MeterKeys({name: _octets(name, value, f"{meter}: {name}") for name, value in keys.items() if value})


def _octets(name: str, value: bytes | str, place: str) -> bytes:
    return password_octets(value, place) if name == "password" else key_octets(value, place)
