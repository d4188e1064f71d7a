"""pydlms-client (MIT) on our cases. Run by the interpreter of .venv-bench."""

from __future__ import annotations

from functools import partial

import cases
from processes import PEERS, our_meter, tell_server
from pydlms import DlmsClient
from pydlms.apdu.xdlms import AttributeDescriptor, GetRequestNormal, decode_apdu
from pydlms.cosem.data import decode_data
from pydlms.hdlc.framing import decode_frame, strip_llc
from pydlms.obis import ObisCode
from pydlms.security.ciphering import unwrap
from pydlms.security.context import SecurityContext
from timing import measure


def get_response():
    def work():
        return decode_apdu(cases.GET_RESPONSE).result.data.to_python()

    return work, 123456, 1


def get_request():
    energy = ObisCode(1, 0, 1, 8, 0, 255)

    def work():
        return GetRequestNormal(0xC1, AttributeDescriptor(3, energy, 2)).to_bytes()

    return work, cases.GET_REQUEST, 1


def hdlc():
    frame = cases.frame_of_139_octets()

    def work():
        return decode_apdu(strip_llc(decode_frame(frame).info)).result.data.to_python()

    return work, bytes(range(119)), 1


def profile_rows():
    rows = cases.mixed_rows()

    def work():
        value = decode_data(rows)[0].to_python()
        assert len(value) == cases.ROWS
        return value[7][1]

    return work, 100_007, cases.ROWS


def glo_get_response():
    context = SecurityContext(
        cases.KEY, cases.AUTH_KEY, server_system_title=cases.SYSTEM_TITLE, replay_protection=False
    )
    apdu = cases.glo_get_response()

    def work():
        return decode_apdu(unwrap(context, apdu).plaintext).result.data.to_python()

    return work, bytes(range(173)), 1


def session(port):
    def work():
        with DlmsClient.tcp("127.0.0.1", port, 16, 1) as client:
            return client.get("1.0.1.8.0.255", 3, 2).to_python()

    return work, 123456, 1


def profile(port):
    client = DlmsClient.tcp("127.0.0.1", port, 16, 1)
    client.__enter__()

    def work():
        assert len(client.get("1.0.99.1.0.255", 7, 3).to_python()) == 4
        rows = client.get("1.0.99.1.0.255", 7, 2).to_python()
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
tell_server("server-session", PEERS / "pydlms_server.py", '{"max_pdu": 1024}')
