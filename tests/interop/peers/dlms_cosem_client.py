"""u9n/dlms-cosem (BSL) as a client, a process of its own: the job comes as JSON, the answers go out as JSON.

The job is that of gurux_client.py. It has GET with range selection, SET and ACTION without blocks, no short names.
"""

from __future__ import annotations

import datetime
import json
import logging
import re
import sys

import structlog
from dlms_cosem import cosem, enumerations
from dlms_cosem.client import DataResultError, DlmsClient
from dlms_cosem.cosem import selective_access
from dlms_cosem.io import BlockingTcpIO, HdlcTransport, TcpTransport
from dlms_cosem.security import LowLevelSecurityAuthentication, NoSecurityAuthentication
from dlms_cosem.utils import parse_as_dlms_data

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def connected(job):
    """The client that a job describes."""
    io = BlockingTcpIO(job["host"], job["port"], timeout=job.get("patience", 10))
    transport = (HdlcTransport if job["link"] == "hdlc" else TcpTransport)(
        client_logical_address=job["client"], server_logical_address=job["server"], io=io
    )
    password = job.get("password")
    authentication = (
        LowLevelSecurityAuthentication(secret=password.encode()) if password else NoSecurityAuthentication()
    )
    return DlmsClient(transport=transport, authentication=authentication, max_pdu_size=job.get("max_pdu") or 65535)


def attribute(class_id, name, number):
    """An attribute as dlms-cosem names it."""
    return cosem.CosemAttribute(enumerations.CosemInterface(class_id), cosem.Obis.from_string(name), number)


class Steps:
    """The steps of a job."""

    def __init__(self, client):
        self.client = client

    def get(self, class_id, name, number):
        return plain(parse_as_dlms_data(self.client.get(attribute(class_id, name, number))))

    def objects(self):
        return [
            [row[0], row[1], ".".join(str(octet) for octet in row[2]), None]
            for row in parse_as_dlms_data(self.client.get(attribute(15, "0.0.40.0.0.255", 2)))
        ]

    def set(self, class_id, name, number, kind, value):
        response = self.client.set(attribute(class_id, name, number), octets_of(kind, value))
        if int(response.result):
            raise DataResultError(f"could not set: {response.result!r}")
        return "done"

    def action(self, class_id, name, number, kind, value):
        method = cosem.CosemMethod(enumerations.CosemInterface(class_id), cosem.Obis.from_string(name), number)
        returned = self.client.action(method, octets_of(kind, value))
        return None if returned is None else plain(parse_as_dlms_data(returned))

    def range(self, name, start, end):
        clock = cosem.CosemAttribute(enumerations.CosemInterface.CLOCK, cosem.Obis(0, 0, 1, 0, 0, 255), 2)
        access = selective_access.RangeDescriptor(
            restricting_object=selective_access.CaptureObject(cosem_attribute=clock, data_index=0),
            from_value=datetime.datetime.fromisoformat(start),
            to_value=datetime.datetime.fromisoformat(end),
        )
        target = attribute(7, name, 2)
        return plain(parse_as_dlms_data(self.client.get(target, access_descriptor=access)))

    def whole(self, name):
        return plain(parse_as_dlms_data(self.client.get(attribute(7, name, 2))))


def octets_of(kind, value):
    """A JSON value, encoded: the library takes octets."""
    if kind == "NONE":
        return b"\x00"
    if kind == "OCTET_STRING":
        raw = bytes.fromhex(value)
        size = bytes((len(raw),)) if len(raw) < 0x80 else bytes((0x82,)) + len(raw).to_bytes(2, "big")
        return b"\x09" + size + raw
    tag, size = {"INT8": (15, 1), "UINT8": (17, 1), "UINT16": (18, 2), "UINT32": (6, 4)}[kind]
    return bytes((tag,)) + value.to_bytes(size, "big")


def plain(value):
    """What dlms-cosem decoded, as JSON."""
    if isinstance(value, bytes | bytearray):
        return {"octets": bytes(value).hex()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if value is None or isinstance(value, bool | str | int | float):
        return value
    return str(value)


def main():
    job = json.loads(sys.argv[1])
    answers = []
    try:
        with connected(job).session() as client:
            steps = Steps(client)
            for verb, *told in job["steps"]:
                try:
                    answers.append({"value": getattr(steps, verb)(*told)})
                except Exception as error:  # noqa: BLE001 - its errors have no common root
                    number = re.search(r": ([0-9]+)>", str(error)) if isinstance(error, DataResultError) else None
                    words = f"{type(error).__name__}: {error}"
                    answers.append({"error": int(number[1]) if number else -1, "words": words})
    except Exception as error:  # noqa: BLE001 - the peer's own failure is what the test wants to see
        answers.append({"failure": f"{type(error).__name__}: {error}"})
    json.dump({"answers": answers}, sys.stdout)


if __name__ == "__main__":
    main()
