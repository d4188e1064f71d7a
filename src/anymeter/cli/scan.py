"""``anymeter scan``: the logical devices of a meter, their associations and objects."""

from __future__ import annotations

import re
import sys
from typing import Annotated, Any, Final

import typer

from anymeter.bridge.asking import Scan
from anymeter.cli import status
from anymeter.cli.options import Json, KeysFile, Trace, Url
from anymeter.cli.screen import Screen
from anymeter.cli.talking import Talk, finish, verb_app
from anymeter.cosem.access import words_of
from anymeter.cosem.associations import MANAGEMENT_DEVICE, PUBLIC_CLIENT
from anymeter.cosem.model import InterfaceClass
from anymeter.dlms.client.objects import AssociationEntry, ObjectEntry
from anymeter.drivers import urls
from anymeter.drivers.connect_sync import BlockingMeter
from anymeter.drivers.discover import stations as stations_at
from anymeter.errors import AnymeterError, LinkError, LocalError
from anymeter.links.hdlc_discovery import Station, addresses
from anymeter.obis.names import short_name

app: Final = verb_app()
SCHEMA: Final = "anymeter.scan/1"
STATION: Final = "anymeter.station/1"
_WAIT: Final = 0.5
"""Seconds that a station has for its answer."""
_MOST_ADDRESS: Final = 0x3FFF
_ANSWERS: Final = {"UA": "is there", "DM": "is there, and refuses this client"}
_LETTERS: Final = {"read": "r", "write": "w"}


@app.command(name="scan", epilog="Example: anymeter scan dlms+tcp://10.0.0.5:4059")
def scan(
    url: Url,
    only: Annotated[
        bool, typer.Option("--only", help="Only the logical device of the URL, not the others it names.")
    ] = False,
    stations: Annotated[
        str | None,
        typer.Option("--stations", metavar="A-B", help="HDLC: who answers on the line, of these physical addresses."),
    ] = None,
    as_json: Json = False,
    keys: KeysFile = None,
    verbose: Trace = False,
) -> None:
    """Find out what a device has: logical devices, associations, objects with classes, versions and access."""
    talk = Talk(url, keys, as_json, verbose, sys.stdout)
    if stations is None:
        finish(talk, lambda: run(talk, only))
    asked = span(stations)
    if not talk.hdlc:
        raise LocalError("--stations looks for stations on an HDLC line: dlms+hdlc+tcp://…")
    finish(talk, lambda: look(talk, asked))


def run(talk: Talk, only: bool) -> int:
    """Scan and print, one logical device after the other; the exit status."""
    done = failed = 0
    with talk.meter() as meter:
        here = meter.session.settings.server
        found = meter.scan(talk.progress.octets)
        _tell(talk, here, found)
        done += 1
        for device in () if only else found.devices or ():
            if device.sap == here:
                continue
            try:
                _tell(talk, device.sap, _other(meter, device.sap, talk))
                done += 1
            except LinkError:
                raise
            except AnymeterError as error:
                failed += 1
                talk.failed(error, device.sap)
    return status.of(done, failed)


def span(text: str | None) -> range:
    """``A-B``, or one address, as a range; LocalError.

    >>> span("16-18"), span("17")
    (range(16, 19), range(17, 18))
    """
    match = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", text or "", re.ASCII)
    first = int(match[1]) if match else -1
    last = int(match[2] or match[1]) if match else -1
    if not 0 <= first <= last <= _MOST_ADDRESS:
        raise LocalError(f"--stations {text!r}: write a physical address, or first-last, up to {_MOST_ADDRESS}")
    return range(first, last + 1)


def look(talk: Talk, asked: range) -> int:
    """Ask every physical address who is there, and print those that answered; the exit status."""
    url = urls.parse(talk.url)
    client, server = url.options.get("client", PUBLIC_CLIENT), url.options.get("server", MANAGEMENT_DEVICE)
    found = stations_at(
        url.host,
        url.port,
        addresses(asked, [server], client),
        seconds=min(url.options.get("timeout", _WAIT), _WAIT),
        progress=talk.progress.steps,
        trace=talk.trace,
    )
    talk.progress.clear()
    for one in found:
        if talk.as_json:
            talk.line(station_form(one))
        else:
            words = _ANSWERS.get(one.answer, "answers, but garbled: two stations at once, or noise")
            Screen(talk.out).line((f"physical {one.route.physical}: {words}", ""))
    return status.DONE if found else status.FAILED


def station_form(one: Station) -> dict[str, Any]:
    """The object of ``anymeter.station/1``. See docs/json.md."""
    said = one.parameters
    return {
        "schema": STATION,
        "client": one.route.client,
        "server": one.route.server,
        "physical": one.route.physical,
        "answer": one.answer or None,
        "max_info": None if said is None else said.max_information_transmit,
        "window": None if said is None else said.window_transmit,
    }


def _other(meter: BlockingMeter, sap: int, talk: Talk) -> Scan:
    """What another logical device says, in an association of the same kind on the same line."""
    with meter.association(server=sap) as other:
        return other.scan(talk.progress.octets)


def _tell(talk: Talk, sap: int, found: Scan) -> None:
    talk.progress.clear()
    if talk.as_json:
        talk.line(form(talk.url, sap, found))
        return
    screen = Screen(talk.out)
    screen.line((f"logical device {sap}  {shown(found.name) or '(no name)'}", "bold"))
    if found.devices is not None:
        others = ", ".join(f"{device.sap} {shown(device.name)}" for device in found.devices)
        screen.line((f"logical devices: {others}", ""))
    for one in found.associations or ():
        screen.line((f"association {one.name}: {_association(one)}", ""))
    if found.objects is None:
        screen.line(("the object list may not be read in this association", ""))
        return
    rows = [_row(entry) for entry in found.objects]
    screen.table(("OBIS", "object", "class", "attributes", "methods"), rows, flexible=1)


def shown(name: bytes | None) -> str:
    """A device name as text, or as hex where it is none."""
    if name is None:
        return ""
    text = name.rstrip(b"\0").decode("latin-1")
    return text if text.isascii() and text.isprintable() else name.hex().upper()


def _association(one: AssociationEntry) -> str:
    parts = [f"version {one.version}"]
    if one.client is not None:
        parts.append(f"client {one.client}, server {one.server}")
    parts += [code.words for code in (one.context, one.mechanism) if code is not None]
    return ", ".join(parts)


def _row(entry: ObjectEntry) -> list[str]:
    cls = entry.interface_class
    kind = f"{entry.class_id} v{entry.version}" + ("" if cls is None else f" {title(cls)}")
    attributes, methods = _access(entry)
    return [
        str(entry.name),
        short_name(entry.name) or "",
        kind,
        " ".join(f"{number}:{_short(words)}" for number, words in attributes.items() if words != "none"),
        " ".join(str(number) for number, words in methods.items() if words != "none"),
    ]


def title(cls: type[InterfaceClass]) -> str:
    """What the standard calls a class."""
    return (cls.__doc__ or cls.__name__).partition(":")[0].strip()


def _access(entry: ObjectEntry) -> tuple[dict[int, str], dict[int, str]]:
    """The access to each attribute and method, in words."""
    if entry.rights is None:
        return {}, {}
    attributes = {number: words_of(access) for number, access in entry.rights.attributes.items()}
    return attributes, {number: words_of(access, method=True) for number, access in entry.rights.methods.items()}


def _short(words: str) -> str:
    """Access as letters: r, w, and ! where the request must be protected."""
    parts = words.split(", ")
    letters = "".join(_LETTERS[part] for part in parts if part in _LETTERS)
    return letters + "!" * any(part not in _LETTERS for part in parts)


def form(url: str, sap: int, found: Scan) -> dict[str, Any]:
    """The object of ``anymeter.scan/1``. See docs/json.md."""
    return {
        "schema": SCHEMA,
        "url": url,
        "server": sap,
        "name": None if found.name is None else shown(found.name),
        "devices": None
        if found.devices is None
        else [{"server": device.sap, "name": shown(device.name)} for device in found.devices],
        "associations": None if found.associations is None else [_association_form(one) for one in found.associations],
        "objects": None if found.objects is None else [_object_form(entry) for entry in found.objects],
    }


def _association_form(one: AssociationEntry) -> dict[str, Any]:
    return {
        "obis": str(one.name),
        "version": one.version,
        "client": one.client,
        "server": one.server,
        "context": None if one.context is None else one.context.words,
        "mechanism": None if one.mechanism is None else one.mechanism.words,
    }


def _object_form(entry: ObjectEntry) -> dict[str, Any]:
    cls = entry.interface_class
    attributes, methods = _access(entry)
    return {
        "obis": str(entry.name),
        "name": short_name(entry.name) or "",
        "class_id": entry.class_id,
        "version": entry.version,
        "class": None if cls is None else title(cls),
        "base_name": entry.base_name,
        "attributes": {str(number): words for number, words in attributes.items()},
        "methods": {str(number): words for number, words in methods.items()},
    }
