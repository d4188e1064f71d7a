"""Gurux.DLMS.Python (GPL-2) as a server, a process of its own.

Prints the port it listens on, serves one connection after another until its standard input closes. Options come as
JSON: hdlc, short_names, max_pdu, rows (entries of the load profile). Its server class leaves hooks to its user, and a
few places of it do not work as published; what is repaired here says so.
"""

from __future__ import annotations

import datetime
import json
import socket
import sys
import threading
import traceback

from gurux_dlms import GXDateTime, GXDLMSServer, GXServerReply
from gurux_dlms.ConnectionState import ConnectionState
from gurux_dlms.enums import (
    AccessMode,
    Authentication,
    DataType,
    ErrorCode,
    InterfaceType,
    MethodAccessMode,
    SourceDiagnostic,
    Unit,
)
from gurux_dlms.GXDLMS import GXDLMS
from gurux_dlms.GXDLMSLNParameters import GXDLMSLNParameters
from gurux_dlms.GXDLMSLongTransaction import GXDLMSLongTransaction
from gurux_dlms.GXDLMSSettings import GXDLMSSettings
from gurux_dlms.GXDLMSSNParameters import GXDLMSSNParameters
from gurux_dlms.GXSNInfo import GXSNInfo
from gurux_dlms.objects import (
    GXDLMSAssociationLogicalName,
    GXDLMSAssociationShortName,
    GXDLMSCaptureObject,
    GXDLMSClock,
    GXDLMSData,
    GXDLMSHdlcSetup,
    GXDLMSProfileGeneric,
    GXDLMSRegister,
    GXDLMSTcpUdpSetup,
)
from gurux_dlms.ValueEventArgs import ValueEventArgs

START = datetime.datetime(2026, 10, 1, tzinfo=datetime.UTC)
PASSWORD = b"12345678"
RESERVED = {"0.0.40.0.0.255": 0xFA00, "0.0.42.0.0.255": 0xFD00}


class Meter(GXDLMSServer):
    """A meter with a serial number, two registers, a clock and a load profile."""

    def __init__(self, told):
        hdlc = told.get("hdlc", False)
        super().__init__(not told.get("short_names"), InterfaceType.HDLC if hdlc else InterfaceType.WRAPPER)
        self.settings.maxServerPDUSize = told.get("max_pdu", 1024)  # the property calls itself for ever
        self.settings.gbtWndowSize = 1  # read under this name wherever a GET goes on with its next block
        setup = GXDLMSHdlcSetup() if hdlc else GXDLMSTcpUdpSetup()
        self.hdlc, self.wrapper = (setup, None) if hdlc else (None, setup)
        setup.inactivityTimeout = 0  # its time-out compares a timedelta with a number
        self.fill(told.get("rows", 96))
        self.initialize()

    def fill(self, rows):
        name = GXDLMSData("0.0.42.0.0.255")
        name.value = b"GRX1000000000001"
        serial = GXDLMSData("0.0.96.1.0.255")
        serial.value = b"12345678"
        serial.setDataType(2, DataType.OCTET_STRING)
        energy, export = Counter("1.0.1.8.0.255"), Counter("1.0.2.8.0.255")
        for register, value in ((energy, 12345678), (export, 4321)):
            register.value, register.scaler, register.unit = value, 1, Unit.ACTIVE_ENERGY
            register.setDataType(2, DataType.UINT32)
        clock = GXDLMSClock("0.0.1.0.0.255")
        clock.time = GXDateTime(START)
        profile = GXDLMSProfileGeneric("1.0.99.1.0.255")
        profile.capturePeriod, profile.profileEntries = 900, rows
        profile.captureObjects = [(clock, GXDLMSCaptureObject(2, 0)), (energy, GXDLMSCaptureObject(2, 0))]
        for i in range(rows):
            profile.buffer.append([GXDateTime(START + datetime.timedelta(minutes=15 * i)), 1000 + i * 7])
        profile.entriesInUse = rows
        for obj in (name, serial, energy, export, clock, profile, self.association()):
            self.items.append(obj)

    def association(self):
        """Its own association object: what initialize() would make holds a list inside its list of objects."""
        if not self.useLogicalNameReferencing:
            made = Listing()
        else:
            made = GXDLMSAssociationLogicalName()
            made.xDLMSContextInfo.maxReceivePduSize = made.xDLMSContextInfo.maxSendPduSize = 1024
        made.objectList = self.items
        return made

    def updateShortNames(self, force):
        """Short names from 0xA0 on, 0x80 apart: the method of its own calls a setter that its objects lack."""
        for i, obj in enumerate(self.items):
            obj.shortName = RESERVED.get(obj.logicalName, 0xA0 + 0x80 * i)

    def handleCommand(self, cmd, data, sr):
        """As it is, but telling what went wrong: the caller swallows it."""
        try:
            return super().handleCommand(cmd, data, sr)
        except Exception:
            traceback.print_exc()
            raise

    def isTarget(self, serverAddress, clientAddress):
        return True

    def onValidateAuthentication(self, authentication, password):
        if authentication == Authentication.NONE:
            return SourceDiagnostic.NONE
        good = authentication == Authentication.LOW and bytes(password or b"") == PASSWORD
        return SourceDiagnostic.NONE if good else SourceDiagnostic.AUTHENTICATION_FAILURE

    def onGetAttributeAccess(self, arg):
        """Rights; and the answer to selective access, which its own way of comparing times cannot give.

        GET asks this hook with the arguments of the request and never asks onPreRead, where its answer would belong.
        """
        if arg.selector and isinstance(arg.target, GXDLMSProfileGeneric):
            arg.value, arg.byteArray, arg.handled = bytearray(encoded(selected(arg))), True, True
        denied = arg.target is not None and arg.target.logicalName == "0.0.42.0.0.255"
        return AccessMode.READ if denied else AccessMode.READ_WRITE

    def onGetMethodAccess(self, arg):
        return MethodAccessMode.ACCESS

    def onFindObject(self, objectType, sn, ln):
        return None

    def getTransaction(self):
        return self.held

    def setTransaction(self, value):
        self.held = value

    @property
    def transaction(self):
        """What is under way: some of its code reads it as an attribute, and reading by short names calls it."""
        return Asked(self.held)

    @transaction.setter
    def transaction(self, value):
        self.held = value

    def handleSnrmRequest(self, data):
        """Answer with what was negotiated: its own way asks a method that its settings lack."""
        self.settings.hdlc._update(self.hdlc)
        GXDLMS.parseSnrmUaResponse(data, self.settings.hdlc)
        self.reset(True)
        limits = self.settings.hdlc
        limits.maxInfoTX = min(limits.maxInfoTX, self.hdlc.maximumInfoLengthTransmit)
        limits.maxInfoRX = min(limits.maxInfoRX, self.hdlc.maximumInfoLengthReceive)
        limits.windowSizeTX = limits.windowSizeRX = 1
        for octet in (0x81, 0x80, 0):
            self.replyData.setUInt8(octet)
        for identifier, value in ((5, limits.maxInfoTX), (6, limits.maxInfoRX)):
            self.replyData.setUInt8(identifier)
            GXDLMS.appendHdlcParameter(self.replyData, value)
        for identifier in (7, 8):
            self.replyData.setUInt8(identifier)
            self.replyData.setUInt8(4)
            self.replyData.setUInt32(1)
        self.replyData.setUInt8(len(self.replyData) - 3, 2)
        self.settings.connected = ConnectionState.HDLC

    def generateDisconnectRequest(self):
        """UA without parameters."""

    def nothing(self, *told):
        """A hook that is not used."""

    notifyRead = notifyConnected = onPreGet = onPostGet = nothing
    onPreRead = onPostRead = onPreWrite = onPostWrite = onPreAction = onPostAction = nothing
    onConnected = onInvalidConnection = onDisconnected = nothing


def octets_of(moment):
    """A date-time as the profile holds it, in 12 octets of UTC."""
    day = moment.year.to_bytes(2, "big") + bytes((moment.month, moment.day, 0xFF))
    return day + bytes((moment.hour, moment.minute, moment.second, 0, 0, 0, 0))


def selected(arg):
    """The rows that a range or an entry descriptor asks for; the restricting object is always the clock."""
    rows = [(octets_of(stamp.value), value) for stamp, value in arg.target.buffer]
    if arg.selector == 2:
        first, last = arg.parameters[:2]
        return rows[first - 1 : last or None]

    def key(octets):
        return bytes(octets[:4]) + bytes(octets[5:8])

    first, last = key(arg.parameters[1]), key(arg.parameters[2])
    return [row for row in rows if first <= key(row[0]) <= last]


def encoded(rows):
    """An array of structures of date-time and double-long-unsigned."""
    size = bytes((len(rows),)) if len(rows) < 0x80 else bytes((0x82,)) + len(rows).to_bytes(2, "big")
    return b"\x01" + size + b"".join(b"\x02\x02\x09\x0c" + t + b"\x06" + v.to_bytes(4, "big") for t, v in rows)


class Listing(GXDLMSAssociationShortName):
    """The association by short names: whatever is read of it, its own way answers read-write-denied as well."""

    def getValue(self, settings, e):
        value = super().getValue(settings, e)
        e.error = ErrorCode.OK
        return value


class Counter(GXDLMSRegister):
    """A register: what its own method 1 leaves behind cannot be encoded. Method 2 turns octets round."""

    def invoke(self, settings, e):
        if e.index == 1:
            self.value = 0
            return None
        return bytearray(reversed(e.parameters))


class Asked:
    """An answer that some of its code reads as an attribute and some calls."""

    def __init__(self, answer):
        self.answer = answer

    def __bool__(self):
        return bool(self.answer)

    def __call__(self):
        return self.answer

    def __getattr__(self, name):
        return getattr(self.answer, name)


def accessor(self, name):
    """The getters and setters that parts of the server call on classes that have plain attributes."""
    attribute = name[3:4].lower() + name[4:]
    if name.startswith("get") and (attribute in vars(self) or hasattr(type(self), attribute)):
        return lambda: getattr(self, attribute)
    if name.startswith("set") and attribute in vars(self):
        return lambda value: setattr(self, attribute, value)
    attribute = name[2:3].lower() + name[3:]
    if name.startswith("is") and attribute in vars(self):
        return Asked(getattr(self, attribute))
    raise AttributeError(f"{type(self).__name__} has no {name}")


# SET and ACTION make a list of the arguments by list(e), which is no list: it iterates over itself alone.
ValueEventArgs.__iter__ = lambda self: iter((self,))

for kind in (
    ValueEventArgs,
    GXDLMSLNParameters,
    GXDLMSSNParameters,
    GXDLMSLongTransaction,
    GXSNInfo,
    GXServerReply,
    GXDLMSSettings,
):
    kind.__getattr__ = accessor


def serve(meter, connection):
    """One connection, until the client hangs up."""
    meter.reset()
    while octets := connection.recv(65536):
        reply = GXServerReply(bytearray(octets))
        while True:
            meter.handleRequest(reply)
            if reply.reply:
                connection.sendall(bytes(reply.reply))
                reply.data = None
            if not reply.isStreaming():
                break


def main():
    told = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    meter = Meter(told)
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)

    def accept():
        while True:
            connection, _ = listener.accept()
            with connection:
                try:
                    serve(meter, connection)
                except OSError:
                    continue

    threading.Thread(target=accept, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
