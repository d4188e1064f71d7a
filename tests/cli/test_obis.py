"""``anymeter obis``: what it prints, as text and as JSON Lines, and how it ends."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anymeter.cli import obis
from anymeter.errors import LocalError


class Terminal(io.StringIO):
    """What is printed as on a terminal."""

    def isatty(self) -> bool:
        return True


def plain(*words: str) -> tuple[int, str]:
    out = io.StringIO()
    return obis.run(words, False, out), out.getvalue()


def lines(*words: str) -> tuple[int, list[dict]]:
    out = io.StringIO()
    status = obis.run(words, True, out)
    return status, [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_code_is_explained_group_by_group() -> None:
    status, text = plain("7-0:3.2.0")
    assert status == 0
    rows = [line.split() for line in text.splitlines()]
    assert rows[0][0] == "7-0:3.2.0*255"
    assert [row[:2] for row in rows[1:7]] == [["A", "7"], ["B", "0"], ["C", "3"], ["D", "2"], ["E", "0"], ["F", "255"]]
    for told in (
        "Vb: meter volume at base conditions", "gas", "meter volume, forward absolute", "no channel specified",
        "index, current, base conditions (converted)", "EN 13757-1:2014, 11.3.4.2, Table 31 (high)", "m3",
        "Register (3), Extended register (4), Profile generic (7)", "confidence medium",
    ):  # fmt: skip
        assert told in text


@pytest.mark.parametrize("code", ["1.8.1&03", "1-0:1.8.1&3"])
def test_a_manual_reset_is_told(code: str) -> None:
    assert "closed by hand" in plain(code)[1]
    assert lines(code)[1][0]["manual_reset"] is True
    assert "closed by hand" not in plain(code.replace("&", "*"))[1]


def test_a_medium_that_is_assumed_is_told() -> None:
    assert "taken as electricity" in plain("1.8.0")[1]
    for words in (("1-0:1.8.0",), ("electricity", "1.8.0"), ("F.F",), ("0100010800FF",)):
        assert "taken as electricity" not in plain(*words)[1], words


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("gas", "3.0.0"), "7-0:3.0.0*255"),
        (("3.0.0", "gas"), "7-0:3.0.0*255"),
        (("cold", "water", "1.2.0"), "8-0:1.2.0*255"),
        (("0700030200FF",), "7-0:3.2.0*255"),
        (("07", "00", "03", "02", "00", "FF"), "7-0:3.2.0*255"),
        (("C.1.0",), "0-0:96.1.0*255"),
        (("F.F",), "0-0:97.97.0*255"),
        (("1.0.1.8.0.255",), "1-0:1.8.0*255"),
    ],
)
def test_codes_in_other_forms(words: tuple[str, ...], code: str) -> None:
    status, found = lines(*words)
    assert (status, [line["obis"] for line in found]) == (0, [code])


def test_words_find_codes() -> None:
    status, text = plain("heat", "energy", "set", "date")
    assert status == 0
    assert text.splitlines()[1].split()[0] == "6-0:1.2.0*255"
    assert "heat: energy, at set date" in text


def test_long_lists_are_cut_and_json_has_them_all() -> None:
    status, text = plain("heat")
    assert status == 0
    assert len(text.splitlines()) == 22
    assert "more: add words" in text.splitlines()[-1]
    assert len(lines("heat")[1]) > 200


@pytest.mark.parametrize("words", [("7-0:3.2.0",), ("heat", "energy")])
def test_colour_is_for_terminals_only(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    screen = Terminal()
    assert obis.run(words, False, screen) == 0
    assert "\x1b[" in screen.getvalue()
    assert "\x1b[" not in plain(*words)[1]


def test_nothing_but_json_goes_to_a_terminal_that_asks_for_it() -> None:
    screen = Terminal()
    assert obis.run(("7-0:3.2.0",), True, screen) == 0
    assert json.loads(screen.getvalue())["obis"] == "7-0:3.2.0*255"


@pytest.mark.parametrize("code", ["1.8.0", "7-0:3.2.0", "0-0:96.1.0", "4-0:3.0", "1-0:94.49.7", "1-150:1.8.0"])
def test_text_and_json_tell_the_same(code: str) -> None:
    text = plain(code)[1]
    (line,) = lines(code)[1]
    for told in (line["obis"], line["name"], line["short"], line["source"], line["unit"] or "", line["note"] or ""):
        assert told in text
    for group in line["groups"]:
        assert group["meaning"] in text
    for one in line["classes"]:
        assert f"{one['name']} ({one['class_id']})" in text


def test_words_with_signs_are_no_codes() -> None:
    assert lines("L1-L2", "voltage")[1][0]["obis"] == "1-0:124.7.0*255"
    assert lines("M-Bus", "client")[1][0]["obis"] == "0-0:24.1.0*255"


def test_one_line_of_json() -> None:
    status, (line,) = lines("0-1:24.1.0")
    assert status == 0
    assert list(line) == [
        "schema", "obis", "name", "short", "kind", "unit", "classes", "groups", "manual_reset", "source", "confidence",
        "edition", "note",
    ]  # fmt: skip
    assert line["schema"] == "anymeter.obis/1"
    assert line["obis"] == "0-1:24.1.0*255"
    assert line["classes"] == [{"class_id": 72, "name": "M-Bus client"}]
    assert line["unit"] is None
    assert line["groups"][1] == {
        "group": "B", "value": 1, "meaning": "channel 1", "source": "EN 13757-1:2014, 11.1.4.3, Table 12",
        "confidence": "high",
    }  # fmt: skip
    assert (line["source"], line["confidence"], line["edition"]) == (
        "EN 13757-1:2014, 11.1.4.4, Table 13",
        "high",
        "2014",
    )


def test_later_editions_are_told() -> None:
    assert lines("0-0:25.10.0")[1][0]["edition"] == "later"
    assert "later than the edition of 2014" in plain("0-0:25.10.0")[1]


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("7-0:9.9.9", "value 9 of group C is reserved"),
        ("19-0:1.8.0", "value 19 of group A is reserved"),
        ("0-0:96.13.2", "no table has these values together"),
    ],
)
def test_a_code_that_means_nothing(code: str, why: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert plain(code) == (1, "")
    sentence = capsys.readouterr().err
    assert why in sentence
    assert sentence.count("\n") == 1
    status, (error,) = lines(code)
    assert status == 1
    assert (error["schema"], error["error"], error["input"]) == ("anymeter.error/1", "LocalError", code)
    assert why in error["why"]


def test_words_that_mean_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert plain("zebra") == (1, "")
    assert "no code means 'zebra'" in capsys.readouterr().err
    assert lines("zebra")[1][0]["schema"] == "anymeter.error/1"


@pytest.mark.parametrize("word", ["ze\x85bra", "ze\u2028bra", "ze\x0cbra", "zébra"])
def test_no_character_ends_a_line_of_json_early(word: str) -> None:
    status, (error,) = lines(word)
    assert (status, error["input"]) == (1, word)


def test_codes_of_which_some_mean_something(capsys: pytest.CaptureFixture[str]) -> None:
    status, found = lines("1.8.0", "7-0:9.9.9", "2.8.0")
    assert status == 3
    assert [line["schema"] for line in found] == ["anymeter.obis/1", "anymeter.error/1", "anymeter.obis/1"]
    assert plain("1.8.0", "2.8.0")[0] == 0


def test_a_code_that_cannot_be_read() -> None:
    with pytest.raises(LocalError, match="value group C is 300"):
        plain("7-0:300.0.0")
    status, (error,) = lines("7-0:300.0.0")
    assert status == 2
    assert "value group C is 300" in error["why"]


def test_codes_and_words_do_not_mix() -> None:
    with pytest.raises(LocalError, match="not for both"):
        plain("energy", "1.8.0")
    status, (error,) = lines("energy", "1.8.0")
    assert status == 2
    assert "not for both" in error["why"]


@settings(max_examples=30)
@given(
    st.lists(
        st.text(min_size=1, max_size=12) | st.from_regex(r"[0-9CFLP.:*&-]{1,12}", fullmatch=True),
        min_size=1,
        max_size=4,
    )
)
def test_anything_ends_with_a_status_and_lines_of_json(words: list[str]) -> None:
    status, found = lines(*words)
    assert status in (0, 1, 2, 3)
    assert found
    assert {line["schema"] for line in found} <= {"anymeter.obis/1", "anymeter.error/1"}
