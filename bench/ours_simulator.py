"""Ten thousand simulated meters in one process: without sockets, and over TCP with a client that costs us nothing.

Over TCP the meters are served by a process of their own; what is told is its processor time, as the system counts it.
"""

from __future__ import annotations

import os
import resource
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from timing import ROUNDS, measure, say

from anymeter.dlms.server.server import Server
from anymeter.drivers.server_end import ServerEnd
from anymeter.links.wrapper_link import WrapperLink
from anymeter.simulator.lines import MeterLine
from anymeter.simulator.world import World

METERS = 10_000
AT_ONCE = 16
NOW = 1_790_000_000.0
WORLD = f"""
seed = 1
[[meters]]
companion = "electricity"
count = {METERS}
spread = "addresses"
host = "127.64.0.1"
port = %d
"""
LOW_LEVEL = "8A020780 8B0760857405080201 AC0A8008" + b"12345678".hex()
AARQ = bytes.fromhex(f"6036 A109060760857405080101 {LOW_LEVEL} BE10040E 01000000065F1F0400FFFFFF0400")
GET = bytes.fromhex("C001C1 0003 0100010800FF 02 00")
RELEASE = bytes.fromhex("6203800100")


def framed(apdu):
    """An APDU of the reader's to the management device, in the wrapper."""
    return bytes.fromhex("0001 0020 0001") + len(apdu).to_bytes(2, "big") + apdu


def gets():
    """One item: a GET of a register of one of all meters, frame to frame; every meter has its association open."""
    world = World.parse(WORLD % 4059, NOW)
    ends = [ServerEnd(WrapperLink(server=True), MeterLine(Server(world.device(plan)))) for plan in world.plans]
    for end in ends:
        end.receive(framed(AARQ), 0.0, NOW)
        assert end.data_to_send()[8] == 0x61
    asked = framed(GET)

    def work():
        right = 0
        for end in ends:
            end.receive(asked, 0.0, NOW)
            right += end.data_to_send()[8] == 0xC4
        return right

    return work, METERS, METERS


def free_port():
    with socket.socket() as found:
        found.bind(("0.0.0.0", 0))
        return found.getsockname()[1]


def spent(process):
    """Processor time of a process in seconds, its own and the system's for it."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def megabytes(process):
    """The most memory that a process had."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def exchange(sock, apdu):
    """Send one APDU, wait for one."""
    sock.sendall(framed(apdu))
    got = sock.recv(4096)
    while len(got) < 8 + int.from_bytes(got[6:8], "big"):
        got += sock.recv(4096)
    return got[8]


def address(number):
    return f"127.64.{number // 256}.{number % 256}"


def session(port, number):
    """Connect, associate, read a register, release."""
    with socket.create_connection((address(number), port)) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        assert [exchange(sock, apdu) for apdu in (AARQ, GET, RELEASE)] == [0x61, 0xC4, 0x63]


def many_gets(port, connections, seconds):
    """GETs as fast as they are answered on many connections at once; how many, in which time."""
    socks = [socket.create_connection((address(1 + n), port)) for n in range(connections)]
    waiting = selectors.DefaultSelector()
    for sock in socks:
        exchange(sock, AARQ)
        sock.sendall(framed(GET))
        waiting.register(sock, selectors.EVENT_READ)
    count, began = 0, time.perf_counter()
    while time.perf_counter() < began + seconds:
        for key, _ in waiting.select(1.0):
            key.fileobj.recv(4096)
            key.fileobj.sendall(framed(GET))
            count += 1
    took = time.perf_counter() - began
    for sock in socks:
        sock.close()
    return count, took


def over_tcp():
    """Sessions and GETs over sockets, in processor time of the process that serves."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "world.toml"
        file.write_text(WORLD % port)
        command = [sys.executable, "-c", "from anymeter.cli import main; main()", "simulate", "--json", str(file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as served:
            try:
                for _ in range(METERS):
                    served.stdout.readline()
                with ThreadPoolExecutor(AT_ONCE) as clients:
                    list(clients.map(partial(session, port), range(1, METERS + 1)))
                    rates = []
                    for _ in range(ROUNDS):
                        before = spent(served.pid)
                        list(clients.map(partial(session, port), range(1, 2001)))
                        rates.append(2000 / (spent(served.pid) - before))
                say("simulator-session", rate=sorted(rates)[ROUNDS // 2])
                before = spent(served.pid)
                count, took = many_gets(port, 100, 3.0)
                say("simulator-tcp-gets", rate=count / (spent(served.pid) - before), wall=count / took)
                say("simulator-tcp-megabytes", megabytes=megabytes(served.pid))
            finally:
                served.kill()


measure({"simulator-gets": gets})
say("simulator-megabytes", megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
if sys.platform == "linux":
    over_tcp()
