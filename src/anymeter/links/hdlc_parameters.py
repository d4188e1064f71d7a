"""What SNRM, UA and FRMR say in their information field. Source: IEC 62056-46 (EN 13757-1:2014, 8.2.2)."""

from __future__ import annotations

from typing import Final

import msgspec

from anymeter.errors import DecodeError, LocalError
from anymeter.wire.fields import Field

FORMAT_ID: Final = 0x81
GROUP_ID: Final = 0x80
MAX_INFORMATION: Final = 2030
MAX_WINDOW: Final = 7

_NAMES: Final = {
    0x05: "max_information_transmit",
    0x06: "max_information_receive",
    0x07: "window_transmit",
    0x08: "window_receive",
}
_WHAT: Final = "HDLC parameters"
_CLAUSE: Final = "IEC 62056-46"


class Parameters(msgspec.Struct, frozen=True):
    """Lengths of information fields in octets and window sizes, as their sender sees them.

    What a frame leaves out has the default given here; *others* are parameters of unknown identifier, as sent.
    """

    max_information_transmit: int = 128
    max_information_receive: int = 128
    window_transmit: int = 1
    window_receive: int = 1
    others: tuple[tuple[int, bytes], ...] = ()


class Rejection(msgspec.Struct, frozen=True):
    """FRMR: the control field that was refused, the state of its sender and why.

    *undefined_control* W, *information_not_allowed* X, *information_too_long* Y, *invalid_receive_number* Z.
    """

    control: int
    send_number: int
    receive_number: int
    was_response: bool
    undefined_control: bool
    information_not_allowed: bool
    information_too_long: bool
    invalid_receive_number: bool


def decode_parameters(information: bytes) -> Parameters:
    """The parameters of an SNRM or UA frame; an empty field means the defaults. Raises DecodeError."""
    found: dict[str, int] = {}
    others: list[tuple[int, bytes]] = []
    for _, identifier, value in _parameters(information):
        name = _NAMES.get(identifier)
        if name is None:
            others.append((identifier, value))
        else:
            found[name] = int.from_bytes(value, "big")
    return Parameters(**found, others=tuple(others))


def encode_parameters(parameters: Parameters) -> bytes:
    """The information field: lengths in one octet, or two above 255, windows in four.

    >>> encode_parameters(Parameters(max_information_receive=1024)).hex()
    '81801305018006020400070400000001080400000001'
    """
    p = parameters
    for size in (p.max_information_transmit, p.max_information_receive):
        if not 32 <= size <= MAX_INFORMATION:
            raise LocalError(f"an information field has 32 to {MAX_INFORMATION} octets, not {size}")
    for window in (p.window_transmit, p.window_receive):
        if not 1 <= window <= MAX_WINDOW:
            raise LocalError(f"a window is 1 to {MAX_WINDOW} frames, not {window}")
    rows = [
        (0x05, _shortest(p.max_information_transmit)),
        (0x06, _shortest(p.max_information_receive)),
        (0x07, p.window_transmit.to_bytes(4, "big")),
        (0x08, p.window_receive.to_bytes(4, "big")),
        *p.others,
    ]
    group = b"".join(bytes((identifier, len(value))) + value for identifier, value in rows)
    return bytes((FORMAT_ID, GROUP_ID, len(group))) + group


def explain_parameters(information: bytes) -> list[Field]:
    """The fields of an SNRM's or UA's information field; raises DecodeError as :func:`decode_parameters` does."""
    if not information:
        return []
    rows = [
        Field(0, information[:1], "format identifier", "general purpose", _CLAUSE),
        Field(1, information[1:2], "group identifier", "HDLC parameter negotiation", _CLAUSE),
        Field(2, information[2:3], "group length", f"{information[2:3].hex()} hex octets", _CLAUSE),
    ]
    for at, identifier, value in _parameters(information):
        name = _NAMES.get(identifier, f"parameter {identifier:#04x}")
        meaning = str(int.from_bytes(value, "big")) if identifier in _NAMES else ""
        rows.append(Field(at, information[at : at + 2 + len(value)], name, meaning, _CLAUSE, 1))
    return rows


def _parameters(information: bytes) -> list[tuple[int, int, bytes]]:
    """Offset, identifier and value of every parameter."""
    if not information:
        return []
    if information[:2] != bytes((FORMAT_ID, GROUP_ID)):
        raise DecodeError("not the format and group identifiers 81 80", what=_WHAT, at=0)
    if len(information) < 3 or information[2] != len(information) - 3:
        raise DecodeError("the group length is not that of the group", what=_WHAT, at=2)
    out, at = [], 3
    while at < len(information):
        end = at + 2 + information[at + 1] if at + 1 < len(information) else len(information) + 1
        if end > len(information):
            raise DecodeError("a parameter runs past the end", what=_WHAT, at=at)
        identifier, value = information[at], information[at + 2 : end]
        if identifier in _NAMES and not 1 <= len(value) <= 4:
            raise DecodeError(f"a parameter of {len(value)} octets", what=_WHAT, at=at + 1)
        out.append((at, identifier, value))
        at = end
    return out


def decode_rejection(information: bytes) -> Rejection:
    """The information field of FRMR: rejected control field, state variables, reasons. Raises DecodeError."""
    if len(information) != 3:
        raise DecodeError(f"FRMR carries 3 octets, not {len(information)}", what="FRMR", at=0)
    control, state, why = information
    return Rejection(
        control=control,
        send_number=state >> 1 & 7,
        receive_number=state >> 5,
        was_response=bool(state & 0x10),
        undefined_control=bool(why & 1),
        information_not_allowed=bool(why & 2),
        information_too_long=bool(why & 4),
        invalid_receive_number=bool(why & 8),
    )


def encode_rejection(rejection: Rejection) -> bytes:
    """The three octets of FRMR's information field."""
    r = rejection
    state = r.receive_number << 5 | r.was_response << 4 | r.send_number << 1
    why = r.invalid_receive_number << 3 | r.information_too_long << 2 | r.information_not_allowed << 1
    return bytes((r.control, state, why | r.undefined_control))


def explain_rejection(rejection: Rejection) -> str:
    """Why a frame was refused, in words.

    >>> explain_rejection(decode_rejection(bytes.fromhex("300004")))
    'information field too long'
    """
    r = rejection
    words = (
        (r.undefined_control, "undefined control field"),
        (r.information_not_allowed, "information field not allowed"),
        (r.information_too_long, "information field too long"),
        (r.invalid_receive_number, "invalid N(R)"),
    )
    return ", ".join(word for flag, word in words if flag) or "no reason given"


def _shortest(number: int) -> bytes:
    return number.to_bytes(1 if number < 0x100 else 2, "big")
