"""A message as JSON: one object a message, keys in a stable order, numbers exact."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec

from anymeter.bridge.reading import Message, Reading, Value
from anymeter.errors import AnymeterError

MESSAGE: Final = "anymeter.message/1"
ERROR: Final = "anymeter.error/1"

_encoder: Final = msgspec.json.Encoder()
_LINE_BREAKS: Final = {ord(c): f"\\u{ord(c):04x}" for c in "\x85\u2028\u2029"}
"""Legal in JSON text as they are, but readers that split lines as Unicode has them would cut an object in two."""


def to_json(form: Mapping[str, Any]) -> str:
    """One line of JSON; half a surrogate pair, which JSON cannot carry, becomes U+FFFD."""
    try:
        octets = _encoder.encode(form)
    except UnicodeEncodeError:
        octets = _encoder.encode(_whole(form))
    return octets.decode().translate(_LINE_BREAKS)


def _whole(form: Any) -> Any:
    """The same with every text made of whole characters."""
    if isinstance(form, str):
        return form.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(form, Mapping):
        return {_whole(k): _whole(v) for k, v in form.items()}
    return [_whole(v) for v in form] if isinstance(form, list | tuple) else form


def message_form(message: Message) -> dict[str, Any]:
    """The object of ``anymeter.message/1``. See docs/json.md."""
    meter, security = message.meter, message.security
    return {
        "schema": MESSAGE,
        "protocol": message.protocol,
        "layers": message.layers,
        "meter": meter and msgspec.structs.asdict(meter),
        "time": message.time and message.time.iso(),
        "status": message.status,
        "security": security and msgspec.structs.asdict(security),
        "readings": [reading_form(r) for r in message.readings],
        "undecoded": [u.hex().upper() for u in message.undecoded],
    }


def reading_form(reading: Reading) -> dict[str, Any]:
    """One member of ``readings``; ``address`` is there for data sets only."""
    meaning = reading.meaning
    form: dict[str, Any] = {
        "obis": None if meaning.obis is None else str(meaning.obis),
        "name": meaning.name,
        "value": value_form(reading.value),
        "unit": meaning.unit,
        "quantity": meaning.quantity,
        "function": meaning.function,
        "storage": meaning.storage,
        "tariff": meaning.tariff,
        "subunit": meaning.subunit,
        "time": reading.time and reading.time.iso(),
        "status": reading.status,
        "raw": reading.raw.hex().upper() if meaning.address is None else reading.raw.decode("latin-1"),
    }
    if meaning.address is not None:
        form["address"] = meaning.address
    return form


def value_form(value: Value) -> Any:
    """A value as JSON has it: exact decimals are written digit for digit.

    >>> to_json({"a": value_form(Decimal("1E-3")), "b": value_form(1200), "c": value_form("x")})
    '{"a":0.001,"b":1200,"c":"x"}'
    """
    if isinstance(value, Decimal):
        return msgspec.Raw(format(value, "f").encode())
    if isinstance(value, int):
        return msgspec.Raw(b"%d" % value)
    return value if value is None or isinstance(value, str) else value.iso()


def error_form(error: AnymeterError, given: str) -> dict[str, Any]:
    """The object of ``anymeter.error/1`` for a message that could not be decoded."""
    return {
        "schema": ERROR,
        "error": type(error).__name__,
        "what": getattr(error, "what", ""),
        "at": getattr(error, "at", None),
        "why": getattr(error, "why", str(error)),
        "input": given,
    }
