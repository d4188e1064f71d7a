"""SNRM, UA and FRMR: their information fields."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import DecodeError, LocalError
from anymeter.links import hdlc, hdlc_parameters
from shared import vectors

OWN = tomllib.loads((Path(__file__).parents[1] / "vectors" / "hdlc.toml").read_text(encoding="utf-8"))
NEGOTIATING = [pytest.param(v, id=v["name"]) for v in OWN["frame"] if "parameters" in v]
PARAMETERS = st.builds(
    hdlc.Parameters,
    st.integers(32, 2030),
    st.integers(32, 2030),
    st.integers(1, 7),
    st.integers(1, 7),
    st.lists(st.tuples(st.integers(9, 255), st.binary(max_size=6)), max_size=2).map(tuple),
)


@pytest.mark.parametrize("vector", NEGOTIATING)
def test_own_vectors(vector):
    frame = hdlc.decode(bytes.fromhex("".join(vector["octets"].split())))
    assert hdlc.decode_parameters(frame.information) == hdlc.Parameters(**vector["parameters"])


@pytest.mark.parametrize("vector", vectors("dlms_vectors.jsonl", where=lambda v: v["id"].startswith("hdlc-jdlms-ua")))
def test_captured_answers_with_values_of_one_and_two_octets(vector):
    expect = vector["expect"]
    found = hdlc.decode_parameters(hdlc.decode(bytes.fromhex(vector["hex"])).information)
    assert found.max_information_transmit == expect["max_info_tx"]
    assert found.max_information_receive == expect["max_info_rx"]
    assert (found.window_transmit, found.window_receive) == (expect["window_tx"], expect["window_rx"])


def test_an_empty_field_means_the_defaults():
    """Source: IEC 62056-46: 128 octets, window 1."""
    assert hdlc.decode_parameters(b"") == hdlc.Parameters(128, 128, 1, 1)


def test_what_is_left_out_has_its_default():
    found = hdlc.decode_parameters(bytes.fromhex("818004 06 02 0400"))
    assert found == hdlc.Parameters(max_information_receive=1024)


def test_unknown_parameters_are_kept():
    found = hdlc.decode_parameters(bytes.fromhex("818004 7F 02 ABCD"))
    assert found.others == ((0x7F, b"\xab\xcd"),)


@given(PARAMETERS)
def test_round_trip(parameters):
    octets = hdlc.encode_parameters(parameters)
    assert hdlc.decode_parameters(octets) == parameters
    assert b"".join(r.octets for r in hdlc.explain_parameters(octets)) == octets


@given(PARAMETERS, st.data())
def test_every_truncation_is_an_error(parameters, data):
    octets = hdlc.encode_parameters(parameters)
    with pytest.raises(DecodeError):
        hdlc.decode_parameters(octets[: data.draw(st.integers(1, len(octets) - 1))])


@pytest.mark.parametrize(
    ("octets", "at"),
    [
        ("80 81 00", 0),
        ("81 80", 2),
        ("81 80 05 05 01 80", 2),
        ("81 80 03 05 02 80", 3),
        ("81 80 01 05", 3),
        ("81 80 02 05 00", 4),
        ("81 80 07 07 05 00 00 00 00 01", 4),
    ],
)
def test_broken_fields(octets, at):
    with pytest.raises(DecodeError) as caught:
        hdlc.decode_parameters(bytes.fromhex(octets))
    assert caught.value.at == at


@given(st.binary(max_size=30) | st.binary(max_size=30).map(lambda b: bytes((0x81, 0x80, len(b))) + b))
def test_garbage_raises_only_our_error(octets):
    try:
        found = hdlc.decode_parameters(octets)
    except DecodeError:
        return
    assert isinstance(found, hdlc.Parameters)


@pytest.mark.parametrize("wrong", [{"max_information_transmit": 31}, {"max_information_receive": 2031},
                                   {"window_transmit": 0}, {"window_receive": 8}])  # fmt: skip
def test_values_out_of_range_are_our_own_mistake(wrong):
    with pytest.raises(LocalError):
        hdlc.encode_parameters(hdlc.Parameters(**wrong))


def test_frame_reject():
    """Control 30 refused, V(S) 3, V(R) 5, information too long. Source: IEC 62056-46, FRMR."""
    found = hdlc.decode_rejection(bytes((0x30, 5 << 5 | 3 << 1, 0x04)))
    assert (found.control, found.send_number, found.receive_number) == (0x30, 3, 5)
    assert found.information_too_long
    assert not any((found.undefined_control, found.information_not_allowed, found.invalid_receive_number))
    assert not found.was_response


@given(st.binary(min_size=3, max_size=3))
def test_frame_reject_round_trip(octets):
    plain = bytes((octets[0], octets[1] & 0xFE, octets[2] & 0x0F))
    assert hdlc.encode_rejection(hdlc.decode_rejection(octets)) == plain


@pytest.mark.parametrize("size", [0, 2, 4])
def test_frame_reject_of_another_length(size):
    with pytest.raises(DecodeError):
        hdlc.decode_rejection(bytes(size))


@pytest.mark.parametrize(
    ("parameters", "octets"),
    [
        (hdlc.Parameters(), "81801205018006018007040000000108040000000 1"),
        (hdlc.Parameters(32, 32, 7, 7), "818012050120060120070400000007080400000007"),
        (hdlc.Parameters(255, 256), "8180130501FF06020100070400000001080400000001"),
        (hdlc.Parameters(2030, 2030), "818014050207EE060207EE070400000001080400000001"),
    ],
)
def test_lengths_take_one_octet_or_two_and_windows_four(parameters, octets):
    raw = bytes.fromhex(octets.replace(" ", ""))
    assert hdlc.encode_parameters(parameters) == raw
    assert hdlc.decode_parameters(raw) == parameters


@pytest.mark.parametrize("length", [32, 128, 2030])
@pytest.mark.parametrize("window", range(1, 8))
def test_the_whole_range_of_windows(length, window):
    parameters = hdlc.Parameters(length, length, window, 8 - window)
    assert hdlc.decode_parameters(hdlc.encode_parameters(parameters)) == parameters


@given(PARAMETERS)
def test_explained_parameters_cover_the_field_once(parameters):
    raw = hdlc.encode_parameters(parameters)
    rows = hdlc_parameters.explain_parameters(raw)
    inner = [row for row in rows if row.depth == max(r.depth for r in rows)]
    assert b"".join(row.octets for row in inner) == raw[-sum(len(row.octets) for row in inner) :]
    for row in rows:
        assert raw[row.at : row.at + len(row.octets)] == row.octets
    meanings = {row.name: row.meaning for row in rows}
    assert meanings["window_receive"] == str(parameters.window_receive)
    assert meanings["max_information_transmit"] == str(parameters.max_information_transmit)


def test_an_empty_field_has_nothing_to_explain_but_itself():
    assert not [row for row in hdlc_parameters.explain_parameters(b"") if row.octets]


@pytest.mark.parametrize(
    ("why", "flag"),
    [
        (1, "undefined_control"),
        (2, "information_not_allowed"),
        (4, "information_too_long"),
        (8, "invalid_receive_number"),
    ],
)
def test_each_reason_of_a_frame_reject(why, flag):
    """W, X, Y, Z from the least significant bit on. Source: IEC 62056-46, FRMR."""
    made = hdlc.decode_rejection(bytes((0x10, 0xB6, why)))
    flags = {name for name in made.__struct_fields__ if getattr(made, name) is True and name != "was_response"}
    assert flags == {flag}
    assert (made.control, made.send_number, made.receive_number, made.was_response) == (0x10, 3, 5, True)
