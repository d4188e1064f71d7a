"""The whole messages of this project, the shared ones, and how both are decoded in tests."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from anymeter.cosem.datetimes import DateTime
from anymeter.decoding import Decoder, KeyRing
from anymeter.errors import AnymeterError
from shared import REASON, lines

FILE = Path(__file__).parent / "vectors" / "messages.toml"
OWN = [
    {"hex": v["text"].encode("latin-1").hex().upper()} | v if "text" in v else v
    for v in tomllib.loads(FILE.read_text(encoding="utf-8"))["message"]
]
GOOD = [v for v in OWN if "error" not in v]
BAD = [v for v in OWN if "error" in v]
__all__ = ["REASON"]
SHARED_FILES = (
    "dlms_vectors", "dsmr_p1", "gowmbus", "harvested_other", "iec62056_21", "libmbus_error_frames",
    "libmbus_test_frames", "libmbus_unsupported_frames", "m_bus_parser_rust", "pymeterbus", "radio_vectors",
    "spec_and_security_vectors", "wireless_mbus_parser_ts", "wmbusmeters_drivers", "wmbusmeters_simulations",
)  # fmt: skip


def params(found: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(v, id=v["name"]) for v in found]


def octets(vector: dict[str, Any]) -> bytes:
    """The octets of one of our own messages."""
    return bytes.fromhex(vector["hex"])


def ring(vector: dict[str, Any]) -> KeyRing:
    """The keys that a vector, of our own or shared, comes with."""
    keys = vector.get("keys") or {}
    key, auth = vector.get("key") or keys.get("ek"), vector.get("auth_key") or keys.get("ak")
    given = {"key": key, "encryption": key} if key else {}
    return KeyRing(default=given | ({"authentication": auth} if auth else {}))


def decoder(vector: dict[str, Any]) -> Decoder:
    return Decoder(ring(vector))


def attempt(call: Any, *arguments: Any) -> tuple[Any, AnymeterError | None]:
    """What a call returns, or the error of ours that it raises."""
    try:
        return call(*arguments), None
    except AnymeterError as e:
        return None, e


def shared(*names: str) -> Iterator[tuple[str, dict[str, Any], bytes]]:
    """Name, vector and octets of every shared message that has octets; nothing where the folder is absent."""
    for name in names or SHARED_FILES:
        for vector in lines(f"{name}.jsonl"):
            text = vector.get("hex") or ""
            if text:
                yield f"{name}: {vector['id']}", vector, bytes.fromhex(text[: len(text) // 2 * 2])


def shown(reading: Any) -> str:
    """A reading as the vectors write it: code = value unit @ time ! status."""
    value = reading.value.iso() if isinstance(reading.value, DateTime) else reading.value
    code = "-" if reading.obis is None else str(reading.obis)
    text = f"{code} = {value} {reading.unit}".rstrip()
    text += f" @ {reading.time.iso()}" if reading.time else ""
    return text + (f" ! {reading.status}" if reading.status else "")


def who(meter: Any) -> str | None:
    """A meter as the vectors write it."""
    if meter is None:
        return None
    parts = (meter.id, meter.manufacturer, meter.version, meter.medium, meter.device_type)
    return " ".join("-" if part is None else str(part) for part in parts)
