"""Gurux.DLMS.Python (GPL-2) on our cases. Run by the interpreter of .venv-bench."""

from __future__ import annotations

import socket
from functools import partial

import cases
from gurux_dlms import GXByteBuffer, GXDLMSClient, GXReplyData
from gurux_dlms.enums import Authentication, InterfaceType, Security
from gurux_dlms.internal._GXCommon import _GXCommon
from gurux_dlms.internal._GXDataInfo import _GXDataInfo
from gurux_dlms.objects import GXDLMSProfileGeneric, GXDLMSRegister
from gurux_dlms.secure import GXDLMSSecureClient
from processes import PATIENCE, PEERS, our_meter, tell_server
from timing import measure


def get_response():
    client = GXDLMSClient(True, 16, 1, Authentication.NONE, None, InterfaceType.PDU)

    def work():
        reply = GXReplyData()
        client.getData(GXByteBuffer(cases.GET_RESPONSE), reply)
        return reply.value

    return work, 123456, 1


def get_request():
    client = GXDLMSClient(True, 16, 1, Authentication.NONE, None, InterfaceType.PDU)
    register = GXDLMSRegister("1.0.1.8.0.255")

    def work():
        return bytes(client.read(register, 2)[0])[3:]  # behind tag, choice and invoke id

    return work, cases.GET_REQUEST[3:], 1


def hdlc():
    client = GXDLMSClient(True, 16, 1, Authentication.NONE, None, InterfaceType.HDLC)
    frame = cases.frame_of_139_octets()

    def work():
        client.settings.resetFrameSequence()
        client.settings.receiverFrame = 0x0E
        reply = GXReplyData()
        client.getData(GXByteBuffer(frame), reply)
        return bytes(reply.value)

    return work, bytes(range(119)), 1


def profile_rows():
    client = GXDLMSClient(True, 16, 1, Authentication.NONE, None, InterfaceType.PDU)
    rows = cases.mixed_rows()

    def work():
        value = _GXCommon.getData(client.settings, GXByteBuffer(rows), _GXDataInfo())
        assert len(value) == cases.ROWS
        return value[7][1]

    return work, 100_007, cases.ROWS


def glo_get_response():
    client = GXDLMSSecureClient(True, 16, 1, Authentication.NONE, None, InterfaceType.PDU)
    client.ciphering.blockCipherKey = cases.KEY
    client.ciphering.authenticationKey = cases.AUTH_KEY
    client.ciphering.security = Security.AUTHENTICATION_ENCRYPTION
    client.settings.sourceSystemTitle = cases.SYSTEM_TITLE
    apdu = cases.glo_get_response()

    def work():
        reply = GXReplyData()
        client.getData(GXByteBuffer(apdu), reply)
        return bytes(reply.value)

    return work, bytes(range(173)), 1


class Line:
    """One TCP connection, and the loops that Gurux leaves to its user."""

    def __init__(self, port):
        self.client = GXDLMSClient(True, 16, 1, Authentication.NONE, None, InterfaceType.WRAPPER)
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.client.parseAareResponse(self.run(self.client.aarqRequest()).data)

    def ask(self, request, reply):
        self.socket.sendall(bytes(request))
        received = GXByteBuffer()
        while not self.client.getData(received, reply):
            received.set(self.socket.recv(65536))

    def run(self, requests):
        """Send a request and read its whole answer, block by block."""
        reply = GXReplyData()
        for request in requests if isinstance(requests, list) else [requests]:
            reply.clear()
            self.ask(request, reply)
            while reply.isMoreData():
                self.ask(self.client.receiverReady(reply), reply)
            assert not reply.error
        return reply

    def close(self):
        self.run(self.client.releaseRequest())
        self.socket.close()


def session(port):
    energy = GXDLMSRegister("1.0.1.8.0.255")

    def work():
        line = Line(port)
        value = line.run(line.client.read(energy, 2)).value
        line.close()
        return value

    return work, 123456, 1


def profile(port):
    line, found = Line(port), GXDLMSProfileGeneric("1.0.99.1.0.255")

    def work():
        assert len(line.run(line.client.read(found, 3)).value) == 4
        rows = line.run(line.client.read(found, 2)).value
        return len(rows), rows[-1][3]

    return work, (cases.MONTH, 7 * (cases.MONTH - 1)), 1


with our_meter() as (_, port):
    measure(
        {
            "get-response": get_response,
            "get-request": get_request,
            "hdlc-139": hdlc,
            "profile-rows": profile_rows,
            "glo-get-response-200": glo_get_response,
            "session": partial(session, port),
            "tcp-profile": partial(profile, port),
        }
    )
tell_server("server-session", PEERS / "gurux_server.py", "{}")
