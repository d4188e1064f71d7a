"""u9n dlms-cosem (Business Source 1.1) on our cases. Run by the interpreter of .venv-bench."""

from __future__ import annotations

import cases
from dlms_cosem import cosem, enumerations, security, utils
from dlms_cosem.hdlc import frames
from dlms_cosem.protocol.xdlms.get import GetRequestNormal, GetResponseFactory
from timing import measure


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


measure(
    {
        "get-response": get_response,
        "get-request": get_request,
        "hdlc-139": hdlc,
        "profile-rows": profile_rows,
        "glo-get-response-200": glo_get_response,
    }
)
