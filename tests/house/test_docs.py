"""The documentation is true: every example gives what it shows, every link leads somewhere, no page is lost."""

from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema
import pytest

from house import docs, peers, shape


def place(path):
    return str(path.relative_to(shape.ROOT))


@pytest.mark.parametrize("page", docs.pages(), ids=place)
def test_python_examples(page):
    wrong = list(docs.wrong_doctests(page.read_text(encoding="utf-8"), place(page)))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("page", docs.pages(), ids=place)
def test_console_examples(page, tmp_path):
    wrong = list(docs.wrong_consoles(page.read_text(encoding="utf-8"), tmp_path))
    assert not wrong, "\n".join(f"{place(page)}:{one}" for one in wrong)


@pytest.mark.parametrize("page", docs.pages(), ids=place)
def test_links(page):
    wrong = list(docs.wrong_links(page))
    assert not wrong, "\n".join(wrong)


def test_every_page_is_in_the_navigation_once():
    named = docs.navigation(docs.NAV.read_text(encoding="utf-8"))
    there = [str(page.relative_to(docs.DOCS)) for page in docs.pages() if page.is_relative_to(docs.DOCS)]
    assert sorted(named) == sorted(there)


@pytest.mark.parametrize("path", peers.files(), ids=place)
def test_no_unfinished_work_and_no_machine_paths(path):
    wrong = list(docs.banned(path.read_text(encoding="utf-8")))
    assert not wrong, "\n".join(f"{place(path)}:{one}" for one in wrong)


@pytest.mark.parametrize("name", ["message", "error"])
def test_schemas_are_schemas(name):
    schema = json.loads((docs.DOCS / "schema" / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["properties"]["schema"]["const"] == f"anymeter.{name}/1"
    assert sorted(schema["required"]) == sorted(schema["properties"])


# What follows shows that each look can fail.

PAGE = """\
# A page

```python
>>> x = 1
```
between
```python
>>> x + 1
2
```

   ```console
   $ echo one \\
       two
   one two
   $ echo three | cat
   three
   ```
"""


def test_a_page_is_one_session():
    assert not list(docs.wrong_doctests(PAGE, "page"))


def test_a_wrong_answer_is_told():
    assert "Got:" in "".join(docs.wrong_doctests(PAGE.replace("\n2\n", "\n3\n"), "page"))


def test_an_exception_is_told():
    assert "ZeroDivisionError" in "".join(docs.wrong_doctests(PAGE.replace("x + 1", "x / 0"), "page"))


def test_a_python_block_that_nothing_runs_is_told():
    assert list(docs.wrong_doctests("```python\nx = 1\n```\n", "page")) == [
        "2: a Python block without >>> is not tested"
    ]


def test_console_blocks_are_run(tmp_path):
    assert not list(docs.wrong_consoles(PAGE, tmp_path))


@pytest.mark.parametrize("change", [("three\n   ```", "four\n   ```"), ("one two\n", "one\n")])
def test_another_output_is_told(change, tmp_path):
    assert len(list(docs.wrong_consoles(PAGE.replace(*change), tmp_path))) == 1


def test_a_command_that_no_test_runs_is_told(tmp_path):
    assert list(docs.wrong_consoles("```console\n$ rm -r x\n```\n", tmp_path)) == ["2: no test runs `rm -r x`"]


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ("anymeter decode 68", "run"),
        ("echo 68 | anymeter decode -", "run"),
        ("anymeter decode --json 68 | python3 -m json.tool", "run"),
        ("python3 x.py", "unknown"),
        ("make demo", "shown"),
        ("pip install anymeter", "shown"),
        ("echo x | sh", "unknown"),
        ("anymeter demo && reboot", "unknown"),
    ],
)
def test_what_is_run(command, kind):
    assert docs.kind(command) == kind


def is_over(pid):
    """Whether a process has ended; one that nobody has asked for its status yet has."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() if Path("/proc").exists() else ["?"]
    except OSError:
        return True
    return state[:1] in ([], ["Z"], ["X"])


def test_what_commands_leave_behind_is_ended(tmp_path):
    text = "```console\n$ echo one > out & while :; do :; done > /dev/null 2>&1 & echo $! > pid\n$ cat pid\n…\n```\n"
    assert not list(docs.wrong_consoles(text, tmp_path))
    pid = int((tmp_path / "pid").read_text())
    assert any(is_over(pid) or os.sched_yield() for _ in range(1_000_000))


def test_a_command_that_does_not_end_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(docs, "SECONDS", 0.2)
    text = "```console\n$ echo one & while :; do :; done\none\n```\n"
    assert "(still running after 0.2 s)" in "".join(docs.wrong_consoles(text, tmp_path))


def test_an_exception_through_an_earlier_block_is_shown():
    page = (
        "```python\n>>> def fail():\n...     return 1 / 0\n```\n"
        "```python\n>>> fail()\nTraceback (most recent call last):\nZeroDivisionError: division by zero\n```\n"
    )
    assert not list(docs.wrong_doctests(page, "page"))


def test_titled_blocks_are_files(tmp_path):
    page = '```toml title="keys.toml"\na = 1\n```\n```console\n$ cat keys.toml\na = 1\n```\n'
    assert not list(docs.wrong_consoles(page, tmp_path))
    assert (tmp_path / "keys.toml").stat().st_mode & 0o077 == 0


def test_blocks_know_their_lines():
    assert [block.line for block in docs.blocks(PAGE)] == [4, 8, 13]
    assert [command.line for block in docs.blocks(PAGE) for command in docs.commands(block)] == [13, 16]


@pytest.mark.parametrize(
    ("wanted", "got", "same"),
    [
        ("a … c\n", "a b c\n", True),
        ("a  b\n", "a b\n", True),
        ("a\n", "b\n", False),
        ("", "", True),
        ("", "a\n", False),
    ],
)
def test_outputs(wanted, got, same):
    assert docs.same(wanted, got) is same


def test_links_are_followed(tmp_path, monkeypatch):
    monkeypatch.setattr(shape, "ROOT", tmp_path)
    (tmp_path / "b.md").write_text("# A heading, with `code`\n")
    page = tmp_path / "a.md"
    page.write_text(
        "[x](b.md) [x](b.md#a-heading-with-code) [x](https://example.org) `[x](no.md)` [x](#here)\n\n# Here\n"
    )
    assert not list(docs.wrong_links(page))
    page.write_text("[x](c.md) ![x](d.svg) [x](b.md#other) [x](../../etc)\n")
    assert len(list(docs.wrong_links(page))) == 4


def test_the_navigation_is_read():
    assert docs.navigation("site_name: x\nnav:\n  - One: one.md\n  - Two:\n    - two/two.md\nplugins: []\n") == [
        "one.md",
        "two/two.md",
    ]
    assert docs.navigation("site_name: x\n") == []


@pytest.mark.parametrize("text", ["# TO" + "DO later", "FIX" + "ME", "see /work" + "/x.md", "`/home" + "/me/x`"])
def test_banned_words_are_seen(text):
    assert list(docs.banned(text))


@pytest.mark.parametrize(
    "text", ["methods todo with", "serial:///dev/ttyUSB0", "https://host/home/x", "../shared/spec"]
)
def test_other_words_are_free(text):
    assert not list(docs.banned(text))
