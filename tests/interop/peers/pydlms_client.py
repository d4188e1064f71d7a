"""pydlms-client (GPL-3) as a client, a process of its own: the job comes as JSON, the answers go out as JSON.

The job is that of gurux_client.py; *udp* takes the UDP wrapper, *gbt_window* asks for general block transfer.
"""

from __future__ import annotations

import datetime
import json
import sys

from pydlms import DlmsClient, Mechanism
from pydlms.apdu.xdlms import Conformance, date_time_value, entry_descriptor, range_descriptor
from pydlms.client import AccessGet
from pydlms.cosem.data import DlmsData
from pydlms.exceptions import DlmsError
from pydlms.hdlc.connection import HdlcParameters


def connected(job):
    """The client that a job describes."""
    more = {}
    if job.get("password"):
        more |= {"mechanism": Mechanism.LLS, "password": job["password"]}
    if job.get("short_names"):
        more["logical_names"] = False
    if job.get("max_pdu"):
        more["max_receive_pdu_size"] = job["max_pdu"]
    if job.get("gbt_window"):
        without = Conformance.BLOCK_TRANSFER_WITH_GET_OR_READ | Conformance.BLOCK_TRANSFER_WITH_SET_OR_WRITE
        more |= {
            "gbt_window": job["gbt_window"],
            "propose_gbt": True,
            "conformance": Conformance.default_ln() & ~without,
        }
    if job.get("access"):
        more["propose_access"] = True
    if job["link"] == "udp":
        return DlmsClient.udp(job["host"], job["port"], job["client"], job["server"], 10.0, **more)
    if job["link"] == "hdlc":
        size, window = job.get("max_info", 128), job.get("window", 1)
        more |= {
            "hdlc": True,
            "hdlc_parameters": HdlcParameters(max_info_tx=size, max_info_rx=size, window_tx=window, window_rx=window),
        }
    return DlmsClient.tcp(job["host"], job["port"], job["client"], job["server"], **more)


class Steps:
    """The steps of a job."""

    def __init__(self, client):
        self.client = client

    def get(self, class_id, name, attribute):
        return plain(self.client.get(name, class_id, attribute).to_python())

    def list(self, *wanted):
        items = [(name, class_id, attribute) for class_id, name, attribute in wanted]
        return [
            plain(v.to_python()) if isinstance(v, DlmsData) else {"error": int(v)} for v in self.client.get_many(items)
        ]

    def objects(self):
        return [[int(e.class_id), e.version, str(e.logical_name), None] for e in self.client.get_association_view()]

    def set(self, class_id, name, attribute, kind, value):
        self.client.set(name, class_id, attribute, typed(kind, value))
        return "done"

    def action(self, class_id, name, method, kind, value):
        returned = self.client.action(name, class_id, method, typed(kind, value))
        return None if returned is None else plain(returned.to_python())

    def access(self, *wanted):
        outcomes = self.client.access([AccessGet(name, class_id, number) for class_id, name, number in wanted])
        return [plain(one.data.to_python()) if one.ok else {"error": int(one.result)} for one in outcomes]

    def entries(self, name, first, count):
        return self.rows(name, entry_descriptor(first, first + count - 1))

    def range(self, name, start, end):
        start, end = (date_time_value(datetime.datetime.fromisoformat(text)) for text in (start, end))
        return self.rows(name, range_descriptor(start, end))

    def whole(self, name):
        return self.rows(name, None)

    def rows(self, name, access):
        return plain(self.client.get(name, 7, 2, access).to_python())


def typed(kind, value):
    """A JSON value as pydlms wants it."""
    make = {
        "NONE": lambda v: DlmsData.null(),
        "OCTET_STRING": lambda v: DlmsData.octet_string(bytes.fromhex(v)),
        "INT8": DlmsData.int8,
        "UINT8": DlmsData.uint8,
        "UINT16": DlmsData.uint16,
        "UINT32": DlmsData.uint32,
    }
    return make[kind](value)


def plain(value):
    """What pydlms decoded, as JSON."""
    if isinstance(value, bytes | bytearray):
        return {"octets": bytes(value).hex()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if value is None or isinstance(value, bool | str | float):
        return value
    return int(value) if isinstance(value, int) else str(value)


def main():
    job = json.loads(sys.argv[1])
    answers = []
    try:
        with connected(job) as client:
            steps = Steps(client)
            for verb, *told in job["steps"]:
                try:
                    answers.append({"value": getattr(steps, verb)(*told)})
                except DlmsError as error:
                    answers.append(
                        {
                            "error": int(getattr(error, "code", None) or getattr(error, "result", -1) or -1),
                            "words": f"{type(error).__name__}: {error}",
                        }
                    )
    except Exception as error:  # noqa: BLE001 - the peer's own failure is what the test wants to see
        answers.append({"failure": f"{type(error).__name__}: {error}"})
    json.dump({"answers": answers}, sys.stdout)


if __name__ == "__main__":
    main()
