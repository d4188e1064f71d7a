"""``anymeter decode``: any telegram, frame or readout to readings."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from anymeter.cli import render, status
from anymeter.decoding import Decoder, KeyRing, is_capture
from anymeter.decoding.form import error_form, message_form, to_json
from anymeter.decoding.inputs import join_pasted
from anymeter.decoding.keys import key_octets
from anymeter.errors import AnymeterError, LocalError


class Sources:
    """The inputs of a command line, one message at a time: hex, ``@file``, ``-`` with a line each, captures."""

    def __init__(self, arguments: list[str], lines: bool) -> None:
        self._arguments, self._lines = join_pasted(arguments), lines

    def __iter__(self) -> Iterator[str | bytes]:
        for argument in self._arguments:
            if argument == "-":
                yield from (line.decode("utf-8", "replace").rstrip("\r\n") for line in sys.stdin.buffer)
            elif argument.startswith("@"):
                yield from self._file(Path(argument[1:]))
            elif argument.endswith((".pcap", ".pcapng", ".cap")):
                yield from self._file(Path(argument))
            elif os.path.isfile(argument) and not re.fullmatch("[0-9a-fA-F]+", argument):
                raise LocalError(f"{argument} is a file; say: @{argument}")
            else:
                yield argument

    def _file(self, path: Path) -> Iterator[str | bytes]:
        try:
            raw = path.read_bytes()
        except OSError as e:
            raise LocalError(f"{path}: {e.strerror}") from None
        if is_capture(raw):
            yield raw
        elif self._lines:
            yield from raw.decode("latin-1").splitlines()
        elif _is_text(raw):
            yield raw.decode("latin-1")
        else:
            yield raw


def _is_text(raw: bytes) -> bool:
    """Is a file hex or a readout rather than octets? A readout keeps STX, ETX and its line ends."""
    return all(0x20 <= b < 0x7F or b in b"\t\r\n" for b in raw)


def key_ring(key: str | None, auth_key: str | None, keys: Path | None) -> KeyRing:
    """The keys a command line names; raises :class:`LocalError` when the keys file can be read by others."""
    default: dict[str, str | bytes] = {}
    if key:
        default |= {"key": key_octets(key, "--key"), "encryption": key_octets(key, "--key")}
    if auth_key:
        default["authentication"] = key_octets(auth_key, "--auth-key")
    if keys is None:
        return KeyRing(default=default)
    try:
        mode = os.stat(keys).st_mode
        text = keys.read_text(encoding="utf-8")
    except OSError as e:
        raise LocalError(f"the keys file {keys} cannot be read: {e.strerror}") from None
    except UnicodeDecodeError as e:
        raise LocalError(f"{keys}: {e}") from None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise LocalError(f"{keys} can be read by others; say: chmod 600 {keys}")
    return KeyRing.parse(text, default)


def run(sources: Sources, keys: KeyRing, protocol: str | None, as_json: bool, verbose: bool, out: TextIO) -> int:
    """Decode every message and print it; returns the exit status."""
    decoder = Decoder(keys, protocol=protocol)
    done = failed = 0
    for source in sources:
        for given, result in _results(decoder, source):
            if isinstance(result, AnymeterError):
                failed += 1
            else:
                done += 1
            if as_json:
                form = error_form(result, given) if isinstance(result, AnymeterError) else message_form(result)
                out.write(to_json(form) + "\n")
            else:
                render.result(given, result, verbose, out)
        out.flush()
    return status.of(done, failed)


def _results(decoder: Decoder, source: str | bytes) -> Iterator[tuple[str, render.Result]]:
    if isinstance(source, bytes) and is_capture(source):
        yield from decoder.decode_capture(source)
        return
    given = source if isinstance(source, str) else source.hex().upper()
    try:
        yield given, decoder.decode(source)
    except AnymeterError as e:
        yield given, e
