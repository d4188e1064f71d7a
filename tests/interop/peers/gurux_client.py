"""Gurux.DLMS.Python (GPL-2) as a client, a process of its own: the job comes as JSON, the answers go out as JSON.

Job: host, port, link ("wrapper" or "hdlc"), client, server, password, short_names, max_pdu, window, steps. A step is a
list: ["get", class, name, attribute], ["objects"], ["set", class, name, attribute, type, value],
["action", class, name, method, type, value], ["entries", name, first, count], ["range", name, start, end],
["list", [class, name, attribute], ...].
"""

from __future__ import annotations

import datetime
import json
import socket
import sys

from gurux_dlms import GXByteBuffer, GXDateTime, GXDLMSClient, GXReplyData
from gurux_dlms.enums import Authentication, Command, Conformance, DataType, InterfaceType, ObjectType

# Reading by short names in blocks calls a getter and a setter that the class lacks.
GXReplyData.setTotalCount = lambda self, count: setattr(self, "totalCount", count)
GXReplyData.getMoreData = lambda self: self.moreData


class Line:
    """One TCP connection, and the loops that Gurux leaves to its user."""

    def __init__(self, job):
        self.job = job
        hdlc = job["link"] == "hdlc"
        authentication = Authentication.LOW if job.get("password") else Authentication.NONE
        self.client = GXDLMSClient(
            not job.get("short_names"),
            job["client"],
            job["server"],
            authentication,
            job.get("password"),
            InterfaceType.HDLC if hdlc else InterfaceType.WRAPPER,
        )
        if job.get("max_pdu"):
            self.client.maxReceivePDUSize = job["max_pdu"]
        if hdlc and job.get("max_info"):
            self.client.hdlcSettings.maxInfoTX = self.client.hdlcSettings.maxInfoRX = job["max_info"]
        if hdlc and job.get("window"):
            self.client.hdlcSettings.windowSizeTX = self.client.hdlcSettings.windowSizeRX = job["window"]
        self.socket = socket.create_connection((job["host"], job["port"]), timeout=job.get("patience", 10))
        self.frames = 0
        if job.get("short_names"):  # what it can do, but does not say of itself
            self.client.proposedConformance |= Conformance.BLOCK_TRANSFER_WITH_GET_OR_READ
            self.client.proposedConformance |= Conformance.BLOCK_TRANSFER_WITH_SET_OR_WRITE

    def ask(self, data, reply):
        """Send one frame and collect the octets of its answer."""
        if not data:
            return
        self.socket.sendall(bytes(data))
        self.frames += 1
        received = GXByteBuffer()
        reply.error = 0
        while not self.client.getData(received, reply):
            octets = self.socket.recv(65536)
            if not octets:
                raise ConnectionError("the server hung up")
            received.set(octets)

    def run(self, requests):
        """Send a request of any number of frames and read its whole answer, block by block."""
        reply = GXReplyData()
        for one in requests if isinstance(requests, list) else [requests]:
            reply.clear()
            self.ask(one, reply)
            while reply.isMoreData():
                if self.job.get("short_names"):  # else it asks for the next block under tag 0
                    self.client.settings.command = Command.READ_REQUEST
                self.ask(None if reply.isStreaming() else self.client.receiverReady(reply), reply)
            if reply.error:
                return None, int(reply.error)
        return reply, 0

    def open(self):
        if self.job["link"] == "hdlc":
            reply, _ = self.run(self.client.snrmRequest())
            self.client.parseUAResponse(reply.data)
        reply, error = self.run(self.client.aarqRequest())
        if error:
            raise RuntimeError(f"AARE error {error}")
        self.client.parseAareResponse(reply.data)

    def close(self):
        self.run(self.client.releaseRequest())
        if self.job["link"] == "hdlc":
            self.run(self.client.disconnectRequest())
        self.socket.close()

    def target(self, class_id, name):
        """The object of this class and name; with short names, as the object list gives it."""
        obj = self.client.objects.findByLN(class_id, name)
        if obj is None:
            obj = GXDLMSClient.createObject(class_id)
            obj.logicalName = name
            self.client.objects.append(obj)
        return obj

    def step(self, verb, *told):
        return getattr(self, f"do_{verb}")(*told)

    def do_get(self, class_id, name, attribute):
        reply, error = self.run(self.client.read(self.target(class_id, name), attribute))
        return {"error": error} if error else {"value": plain(reply.value)}

    def do_list(self, *wanted):
        items = [(self.target(class_id, name), attribute) for class_id, name, attribute in wanted]
        values = []
        for request in self.client.readList(items):
            reply, error = self.run(request)
            if error:
                return {"error": error}
            values += reply.value
        return {"value": [plain(value) for value in values]}

    def do_objects(self):
        reply, error = self.run(self.client.getObjectsRequest())
        if error:
            return {"error": error}
        found = self.client.parseObjects(reply.data, False)
        return {"value": [[int(o.objectType), o.version, o.logicalName, o.shortName] for o in found]}

    def do_set(self, class_id, name, attribute, kind, value):
        obj = self.target(class_id, name)
        obj.setDataType(attribute, DataType[kind])
        if class_id == ObjectType.CLOCK and attribute == 2:
            obj.time = GXDateTime(datetime.datetime.fromisoformat(value))
        else:
            obj.value = typed(kind, value)
        _, error = self.run(self.client.write(obj, attribute))
        return {"error": error} if error else {"value": "done"}

    def do_action(self, class_id, name, method, kind, value):
        obj = self.target(class_id, name)
        reply, error = self.run(self.client.method(obj, method, typed(kind, value), DataType[kind]))
        return {"error": error} if error else {"value": plain(reply.value)}

    def profile(self, name):
        obj = self.target(int(ObjectType.PROFILE_GENERIC), name)
        if not obj.captureObjects:
            reply, error = self.run(self.client.read(obj, 3))
            if error:
                raise RuntimeError(f"capture objects: {error}")
            self.client.updateValue(obj, 3, reply.value)
        return obj

    def do_entries(self, name, first, count):
        return self.rows(self.client.readRowsByEntry(self.profile(name), first, count), name)

    def do_range(self, name, start, end):
        start, end = (datetime.datetime.fromisoformat(text) for text in (start, end))
        return self.rows(self.client.readRowsByRange(self.profile(name), start, end), name)

    def do_whole(self, name):
        return self.rows(self.client.read(self.profile(name), 2), name)

    def rows(self, requests, name):
        reply, error = self.run(requests)
        return {"error": error} if error else {"value": plain(reply.value)}


def typed(kind, value):
    """A JSON value as Gurux wants it."""
    return bytearray.fromhex(value) if kind == "OCTET_STRING" else value


def plain(value):
    """What Gurux decoded, as JSON."""
    if isinstance(value, bytes | bytearray):
        return {"octets": bytes(value).hex()}
    if isinstance(value, GXByteBuffer):
        return {"octets": bytes(value.array()).hex()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return int(value) if isinstance(value, int) else value
    return str(value)


def main():
    job = json.loads(sys.argv[1])
    line = Line(job)
    answers = []
    try:
        line.open()
        answers.extend(line.step(*step) for step in job["steps"])
        line.close()
    except Exception as error:  # noqa: BLE001 - the peer's own failure is what the test wants to see
        answers.append({"failure": f"{type(error).__name__}: {error}"})
    json.dump({"answers": answers, "frames": line.frames}, sys.stdout)


if __name__ == "__main__":
    main()
