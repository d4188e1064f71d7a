"""pydlms-client's meter simulator (GPL-3) as a server, a process of its own.

Prints the port it listens on, serves until its standard input closes. Options come as JSON: hdlc, window, max_pdu,
gbt, gbt_window, lose and lose_requests (numbers of blocks lost once), short_names, rows (entries of the load profile).
"""

from __future__ import annotations

import datetime
import json
import socket
import sys

from pydlms import Mechanism
from pydlms.apdu.xdlms import Conformance
from pydlms.cosem.data import DlmsData
from pydlms.cosem.time import CosemDateTime
from pydlms.obis import ObisCode
from pydlms.simulator import ClientProfile, example_meter, serve

READ_ONLY = 1
START = datetime.datetime(2026, 10, 1, tzinfo=datetime.UTC)


def meter(told):
    """The example meter, with a profile as long as is wanted and clients of our own."""
    sim = example_meter(max_pdu=told.get("max_pdu", 1024))
    sim.conformance |= Conformance.MULTIPLE_REFERENCES
    if told.get("gbt"):
        sim.conformance |= Conformance.GENERAL_BLOCK_TRANSFER
        sim.gbt_window = told.get("gbt_window", 3)
        sim.drop_gbt_blocks = set(told.get("lose", ()))
        sim.drop_gbt_requests = set(told.get("lose_requests", ()))
    if told.get("short_names"):
        sim.conformance = Conformance.default_sn()
    sim.set_access(1, "0.0.42.0.0.255", 2, READ_ONLY)
    sim.add_method(3, "1.0.2.8.0.255", 1, cleared)
    sim.add_method(3, "1.0.2.8.0.255", 2, lambda sim, octets: turned(octets))
    sim.clients[32] = ClientProfile(Mechanism.LLS, secret=b"12345678")
    rows = []
    for i in range(told.get("rows", 96)):
        stamp = CosemDateTime.from_datetime(START + datetime.timedelta(minutes=15 * i))
        rows.append(DlmsData.structure([DlmsData.octet_string(stamp.to_bytes()), DlmsData.uint32(1000 + i * 7)]))
    profile = sim.objects[(7, ObisCode.parse("1.0.99.1.0.255"))]
    profile[2], profile[7] = DlmsData.array(rows), DlmsData.uint32(len(rows))
    return sim


def cleared(sim, parameter):
    """The method reset of a register."""
    sim.objects[(3, ObisCode.parse("1.0.2.8.0.255"))][2] = DlmsData.uint16(0)


def turned(octets):
    """A method with a parameter and a result: the octets turned round."""
    return DlmsData.octet_string(bytes(reversed(octets.to_python())))


def main():
    told = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    server = serve(meter(told), port=0, hdlc=told.get("hdlc", False), hdlc_window=told.get("window", 1))
    server.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else each window waits 40 ms for an ACK
    print(server.server_address[1], flush=True)
    sys.stdin.read()
    server.shutdown()


if __name__ == "__main__":
    main()
