"""u9n dlms-cosem (Business Source 1.1) on our cases. Run by the interpreter of .venv-bench."""

from __future__ import annotations

import logging
from functools import partial

import cases
import structlog
from dlms_cosem import cosem, enumerations, security, utils
from dlms_cosem.client import DlmsClient
from dlms_cosem.hdlc import frames
from dlms_cosem.io import BlockingTcpIO, TcpTransport
from dlms_cosem.protocol.xdlms.get import GetRequestNormal, GetResponseFactory
from dlms_cosem.security import NoSecurityAuthentication
from processes import our_meter
from timing import measure

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def get_response():
    def work():
        return utils.parse_as_dlms_data(GetResponseFactory.from_bytes(cases.GET_RESPONSE).data)

    return work, 123456, 1


def get_request():
    energy = cosem.CosemAttribute(
        interface=enumerations.CosemInterface.REGISTER, instance=cosem.Obis(1, 0, 1, 8, 0, 255), attribute=2
    )

    def work():
        return GetRequestNormal(energy).to_bytes()[3:]

    return work, cases.GET_REQUEST[3:], 1


def hdlc():
    frame = cases.frame_of_139_octets()

    def work():
        information = frames.InformationFrame.from_bytes(frame).payload
        return bytes(utils.parse_as_dlms_data(GetResponseFactory.from_bytes(information[3:]).data))

    return work, bytes(range(119)), 1


def profile_rows():
    rows = cases.mixed_rows()

    def work():
        value = utils.parse_as_dlms_data(rows)
        assert len(value) == cases.ROWS
        return value[7][1]

    return work, 100_007, cases.ROWS


def glo_get_response():
    apdu = cases.glo_get_response()

    def work():
        control = security.SecurityControlField.from_bytes(apdu[3:4])
        counter = int.from_bytes(apdu[4:8], "big")
        plain = security.decrypt(control, cases.SYSTEM_TITLE, counter, cases.KEY, apdu[8:], cases.AUTH_KEY)
        return bytes(utils.parse_as_dlms_data(GetResponseFactory.from_bytes(plain).data))

    return work, bytes(range(173)), 1


def connected(port):
    transport = TcpTransport(client_logical_address=16, server_logical_address=1, io=BlockingTcpIO("127.0.0.1", port))
    return DlmsClient(transport=transport, authentication=NoSecurityAuthentication()).session()


def session(port):
    energy = cosem.CosemAttribute(enumerations.CosemInterface.REGISTER, cosem.Obis(1, 0, 1, 8, 0, 255), 2)

    def work():
        with connected(port) as client:
            return utils.parse_as_dlms_data(client.get(energy))

    return work, 123456, 1


def profile(port):
    name, kind = cosem.Obis(1, 0, 99, 1, 0, 255), enumerations.CosemInterface.PROFILE_GENERIC
    opened = connected(port)
    client = opened.__enter__()

    def work():
        assert opened
        assert len(utils.parse_as_dlms_data(client.get(cosem.CosemAttribute(kind, name, 3)))) == 4
        rows = utils.parse_as_dlms_data(client.get(cosem.CosemAttribute(kind, name, 2)))
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
