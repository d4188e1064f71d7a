"""``anymeter listen``: pushes are printed as they come, until enough came, or the time is over."""

from __future__ import annotations

import asyncio
import io
import re
import signal
import socket
import subprocess
import sys

import pytest

from anymeter.cli import listen as module
from anymeter.cli.listen import tell
from anymeter.decoding import KeyRing
from anymeter.drivers.listen import Heard
from anymeter.errors import DecodeError
from anymeter.links.wrapper import Wpdu
from cli_runs import objects, run
from test_schema import complaints

PUSH = Wpdu(1, 16, bytes.fromhex("0F 00000001 00 0202 0906 0100010800FF 06 0000138D")).encode()


def listening(*, count=None, seconds=None, as_json=True, url="dlms+tcp://127.0.0.1:0", sends=()):
    """What is printed when these octets are sent to us, and what is said of where."""
    out, err, stderr = io.StringIO(), io.StringIO(), sys.stderr

    async def main():
        task = asyncio.create_task(module.run(url, KeyRing(), count, seconds, as_json, out))
        while "listening" not in err.getvalue():
            await asyncio.sleep(0.001)
        port = int(re.search(r":(\d+)\n", err.getvalue())[1])
        for octets in sends:
            kind = socket.SOCK_DGRAM if "udp" in url else socket.SOCK_STREAM
            with socket.socket(socket.AF_INET, kind) as sock:
                sock.setblocking(False)
                await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
                await asyncio.get_running_loop().sock_sendall(sock, octets)
        async with asyncio.timeout(20):
            await task

    sys.stderr = err
    try:
        asyncio.run(main())
    finally:
        sys.stderr = stderr
    return out.getvalue(), err.getvalue()


@pytest.mark.parametrize("url", ["dlms+tcp://127.0.0.1:0", "dlms+udp://127.0.0.1:0"])
def test_messages_as_json(url):
    out, err = listening(count=2, url=url, sends=[PUSH, PUSH])
    forms = objects(out)
    assert [[(r["obis"], r["value"]) for r in form["readings"]] for form in forms] == [[("1-0:1.8.0*255", 5005)]] * 2
    assert [complaints("message", form) for form in forms] == [[], []]
    assert re.fullmatch(r"listening on 127\.0\.0\.1:\d+\n", err)


def test_messages_for_people():
    out, _ = listening(count=1, as_json=False, sends=[PUSH])
    lines = out.splitlines()
    assert re.fullmatch(r"from 127\.0\.0\.1:\d+", lines[0])
    assert lines[-1].split()[0] == "1-0:1.8.0*255"
    assert lines[-1].split()[-1] == "5005"


def test_errors_are_told_and_it_goes_on():
    out, _ = listening(count=2, sends=[b"GET / HTTP/1.1\r\n", PUSH])
    assert sorted(form["schema"] for form in objects(out)) == ["anymeter.error/1", "anymeter.message/1"]


def test_the_time_is_over():
    out, _ = listening(seconds=0.02)
    assert out == ""


def test_noise_without_a_sender():
    out = io.StringIO()
    tell(Heard(None, DecodeError("noise", what="line")), False, out)
    assert out.getvalue() == "DecodeError: line: noise\n"
    out = io.StringIO()
    tell(Heard(None, DecodeError("noise", what="line")), True, out)
    [form] = objects(out.getvalue())
    assert complaints("error", form) == []
    assert form["input"] == ""


def test_an_address_that_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        status, out, err = run("listen", f"dlms+tcp://127.0.0.1:{sock.getsockname()[1]}")
    assert (status, out) == (1, "")
    assert err.startswith("anymeter: cannot listen on 127.0.0.1:")


@pytest.mark.parametrize(("url", "why"), [("http://h", "is unknown"), ("p1+tcp://h", "cannot be used yet")])
def test_wrong_usage(url, why):
    status, out, err = run("listen", url)
    assert (status, out) == (2, "")
    assert why in err


def test_it_ends_by_itself():
    status, out, err = run("listen", "dlms+tcp://127.0.0.1:0", "--for", "0.01")
    assert (status, out) == (0, "")
    assert "listening on" in err


def hears_interrupts():
    """A process started in the background of a shell may have been told to ignore them."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_ends_it_in_peace():
    command = [sys.executable, "-c", "from anymeter.cli import main; main()", "listen", "dlms+tcp://127.0.0.1:0"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, preexec_fn=hears_interrupts, **pipes) as process:
        first = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        try:
            out, err = process.communicate(timeout=20)
        finally:
            process.kill()
    assert first.startswith("listening on")
    assert (process.returncode, out, err) == (0, "", "")
