"""Servers as processes of their own, and what they cost. Standard library only: the peers' interpreter imports it too.

The system counts the processor time of the whole process, its own and the kernel's for it.
"""

from __future__ import annotations

import os
import select
import socket
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from timing import ROUNDS, say

HERE = Path(__file__).parent
PEERS = HERE.parent / "tests" / "interop" / "peers"
SESSIONS = 300
PATIENCE = 20.0
"""Seconds in which a server must start, and answer."""
AARQ = bytes.fromhex("601D A109060760857405080101 BE10040E 01000000065F1F0400FFFFFFFFFF")
GET = bytes.fromhex("C001C1 0003 0100010800FF 02 00")
RELEASE = bytes.fromhex("6203800100")


@contextmanager
def running(script, *told, python=sys.executable):
    """A script that prints its port and serves until its standard input closes: the process, the port."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [python, script.name, *told], cwd=script.parent, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert select.select([process.stdout], [], [], PATIENCE)[0], "it did not start"
            yield process, int(process.stdout.readline())
        finally:
            process.kill()


def our_meter():
    """Our server, under the interpreter that has it."""
    return running(HERE / "meter.py", python=os.environ.get("BENCH_OURS", sys.executable))


def spent(process):
    """Processor time in seconds. Linux gives every process a clock of its own, numbered so."""
    return time.clock_gettime(~process.pid << 3 | 2)


def framed(apdu, client=16):
    """An APDU to logical device 1, in the wrapper."""
    return b"\x00\x01" + client.to_bytes(2, "big") + b"\x00\x01" + len(apdu).to_bytes(2, "big") + apdu


def exchange(sock, apdu):
    """Send one APDU, wait for one."""
    sock.sendall(framed(apdu))
    got = sock.recv(4096)
    while len(got) < 8 or len(got) < 8 + int.from_bytes(got[6:8], "big"):
        more = sock.recv(4096)
        assert more, "the server hung up"
        got += more
    return got[8:]


def session(port):
    """Connect, associate, read a register, release."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        accepted, value, released = (exchange(sock, apdu) for apdu in (AARQ, GET, RELEASE))
        assert (accepted[0], value[:4], released[0]) == (0x61, b"\xc4\x01\xc1\x00", 0x63), (accepted, value, released)


def tell_server(case, script, *told):
    """Tell how many sessions a server serves in a second of its processor time."""
    try:
        with running(script, *told) as (process, port):
            rates = []
            for _ in range(ROUNDS + 1):  # the first warms up
                before = spent(process)
                for _ in range(SESSIONS):
                    session(port)
                rates.append(SESSIONS / (spent(process) - before))
    except Exception as error:  # noqa: BLE001 - a peer may fail in any way
        say(case, why=f"{type(error).__name__}: {error}")
    else:
        say(case, rate=statistics.median(rates[1:]))
