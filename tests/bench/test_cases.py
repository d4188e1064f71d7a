"""The octets of the benchmarks are what they are said to be, and the table tells the truth about a target."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest
from fastcrc import crc16

BENCH = Path(__file__).resolve().parents[2] / "bench"


def loaded(name):
    """A module of the bench folder, under a name of its own."""
    spec = importlib.util.spec_from_file_location(f"bench_{name}", BENCH / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


cases, run, timing = loaded("cases"), loaded("run"), loaded("timing")


def test_the_check_sequence_is_that_of_hdlc():
    assert cases.x25(b"123456789") == crc16.ibm_sdlc(b"123456789").to_bytes(2, "little")


def test_the_hdlc_frame_has_the_length_it_is_named_for():
    frame = cases.frame_of_139_octets()
    assert len(frame) == 139
    assert frame[2] == len(frame) - 2


def test_a_row_of_fixed_layout_is_always_as_long():
    assert (len(cases.fixed_rows(20)) - len(cases.fixed_rows(10))) % 10 == 0
    assert cases.fixed_rows(300)[:4] == b"\x01\x82\x01\x2c"


def test_mixed_rows_are_not_alike():
    lengths = {len(cases.mixed_rows(rows + 1)) - len(cases.mixed_rows(rows)) for rows in range(12)}
    assert len(lengths) > 4


def test_the_ciphered_response_has_the_length_it_is_named_for():
    assert len(cases.glo_get_response()) == 200


def test_a_wired_telegram_adds_up():
    telegram = cases.heat(7)
    assert telegram[0] == telegram[3] == 0x68
    assert telegram[1] == telegram[2] == len(telegram) - 6
    assert sum(telegram[4:-2]) & 0xFF == telegram[-2]
    assert cases.manufacturer("KAM") == b"\x2d\x2c"


def test_telegrams_of_one_layout_differ_in_values_alone():
    first, second = cases.one_layout(2)
    assert len(first) == len(second)
    assert first != second


def test_the_encrypted_telegram_is_whole():
    telegram = cases.mode_5()
    assert telegram[0] == len(telegram) - 1
    assert telegram[10] == 0x7A


def test_our_own_stand_in_where_the_shared_vectors_are_not(monkeypatch, tmp_path):
    monkeypatch.setattr(cases, "SHARED", tmp_path)
    cases.libmbus.cache_clear()
    assert len(cases.libmbus()) == 50
    cases.libmbus.cache_clear()


@pytest.mark.parametrize(
    ("rate", "text"), [(None, ""), (12.3456, "12.3"), (1234.0, "1.23 k"), (700_000, "700 k"), (8_000_000, "8 M")]
)
def test_rates_are_written_for_people(rate, text):
    assert run.number(rate) == text


@pytest.mark.parametrize(
    ("ours", "theirs", "text"),
    [
        (100.0, None, ""),
        (100.0, {"why": "KeyError"}, "can't"),
        (100.0, {"rate": 50.0}, "50 (2×)"),
        (None, {"rate": 50.0}, "50"),
    ],
)
def test_a_peer_stands_beside_ours(ours, theirs, text):
    assert run.beside(ours, theirs) == text


@pytest.mark.parametrize(("ratio", "text"), [(0.734, "0.73"), (2.18, "2.2"), (62.8, "63"), (1304.2, "1,304")])
def test_multiples_are_written_for_people(ratio, text):
    assert run.multiple(ratio) == text


def test_a_missed_target_is_marked():
    table = run.table({"get-response": {"rate": 5.0}, "get-request": {"rate": 2e6}}, {"gurux": {}})
    verdicts = list(table.columns[3].cells)
    assert "missed" in verdicts[0]
    assert "✓" in verdicts[1]
    assert verdicts[2] == ""
    assert table.columns[4].header == "gurux-dlms"


def test_a_case_nobody_listed_is_shown_all_the_same():
    assert "odd-case" in list(run.table({"odd-case": {"rate": 1.0}}, {}).columns[0].cells)


def test_the_start_of_the_process_is_told_in_milliseconds():
    cells = list(run.table({"process-start": {"milliseconds": 151.0}}, {}).columns[3].cells)
    assert "missed" in cells[-1]


def test_what_answers_wrong_or_raises_is_told_as_undone(capsys, monkeypatch):
    monkeypatch.setattr(timing, "ROUND_SECONDS", 0.0001)

    def raises():
        raise KeyError("x")

    timing.measure(
        {
            "right": lambda: (lambda: 1, 1, 10),
            "any": lambda: (lambda: 2, None, 1),
            "wrong": lambda: (lambda: 2, 1, 1),
            "raises": raises,
        }
    )
    told = {line["case"]: line for line in map(json.loads, capsys.readouterr().out.splitlines())}
    assert told["right"]["rate"] > 0
    assert told["any"]["rate"] > 0
    assert told["wrong"] == {"case": "wrong", "why": "answers 2"}
    assert told["raises"] == {"case": "raises", "why": "KeyError: 'x'"}
