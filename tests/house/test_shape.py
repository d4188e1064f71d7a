"""The budget of the house: what is too long, hidden, vague or untested fails here, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from house import shape

KEPT_SHORT = [*shape.modules(), *(p for d in ("bench", "fuzz", "tools") for p in shape.modules(shape.ROOT / d))]


def place(path: Path) -> str:
    return str(path.relative_to(shape.ROOT))


@pytest.mark.parametrize("path", KEPT_SHORT, ids=place)
def test_length(path):
    found = list(shape.too_long(path.read_text(encoding="utf-8")))
    assert not found, "\n".join(f"{place(path)}:{one}" for one in found)


@pytest.mark.parametrize("path", shape.modules(), ids=place)
def test_no_local_import_of_our_own(path):
    late = shape.LATE.get(path.relative_to(shape.SOURCE).as_posix())
    found = list(shape.own_local_imports(path.read_text(encoding="utf-8"), late))
    assert not found, "\n".join(f"{place(path)}:{one}" for one in found)


@pytest.mark.parametrize("path", shape.modules(), ids=place)
def test_names_say_something(path):
    found = list(shape.vague_names(path.read_text(encoding="utf-8")))
    assert not found, "\n".join(f"{place(path)}:{one}" for one in found)


@pytest.mark.parametrize("room", shape.rooms())
def test_few_public_names(room):
    names = shape.public_names(shape.rooms()[room].read_text(encoding="utf-8"))
    assert len(names) <= shape.PUBLIC_NAMES, f"{room} has {len(names)} public names: {', '.join(names)}"


def test_tests_are_as_long_as_code():
    code = {room: shape.weight(path.parent) for room, path in shape.rooms().items() if room != "anymeter"}
    tests = {room: shape.weight(shape.ROOT / "tests" / room.partition(".")[2]) for room in code}
    table = "\n".join(f"  {room:22} {code[room]:6} lines of code {tests[room]:6} of tests" for room in code)
    total, tested = shape.weight(shape.SOURCE), shape.weight(shape.ROOT / "tests")
    assert tested >= total, f"{tested} lines of tests for {total} of code\n{table}"


def test_tests_mirror_the_source():
    found = list(shape.unmirrored(shape.SOURCE, shape.ROOT / "tests"))
    assert not found, "\n".join(found)


# What follows shows that each measure can fail.


def function_of(lines: int) -> str:
    return "def long():\n    '''Says\n    something.'''\n" + "    x = 1\n" * lines


def test_a_function_is_measured_without_its_docstring():
    assert not list(shape.too_long(function_of(60)))
    assert list(shape.too_long(function_of(61))) == ["1: long() has 61 body lines (at most 60)"]


def test_a_method_and_a_coroutine_are_functions():
    source = "class A:\n    async def long(self):\n" + "        x = 1\n" * 61
    assert [one.split(" has")[0] for one in shape.too_long(source)] == ["2: long()"]


def test_a_nested_function_counts_for_the_outer_one():
    source = "def outer():\n    def inner():\n" + "        x = 1\n" * 59 + "    return inner\n"
    assert list(shape.too_long(source)) == ["1: outer() has 61 body lines (at most 60)"]


def test_a_function_of_a_docstring_alone_is_empty():
    assert not list(shape.too_long("def nothing():\n    '''Nothing.'''\n"))


def test_a_class_is_measured_with_its_decorators():
    body = "    x = 1\n"
    assert not list(shape.too_long("@a\nclass A:\n" + body * 298))
    assert list(shape.too_long("@a\nclass A:\n" + body * 299)) == ["2: class A has 301 lines (at most 300)"]


def test_a_file_is_measured():
    assert not list(shape.too_long("x = 1\n" * 400))
    assert list(shape.too_long("x = 1\n" * 401)) == ["1: file of 401 lines (at most 400): split it by concern"]


@pytest.mark.parametrize(
    "statement",
    [
        "import anymeter.obis",
        "from anymeter.obis import Obis",
        "from . import data",
        "from ..obis import Obis",
        "importlib.import_module('anymeter.obis')",
        "importlib.import_module('.obis', __package__)",
        "__import__('anymeter.obis')",
    ],
)
def test_a_local_import_of_our_own_is_seen(statement):
    assert len(list(shape.own_local_imports(f"def late():\n    if True:\n        {statement}\n"))) == 1
    assert len(list(shape.own_local_imports(f"class A:\n    async def late(self):\n        {statement}\n"))) == 1
    assert not list(shape.own_local_imports(f"{statement}\n"))


def test_a_local_import_is_told_once_though_functions_nest():
    source = "def outer():\n    def inner():\n        import anymeter\n    return inner\n"
    assert len(list(shape.own_local_imports(source))) == 1


def test_a_computed_import_is_seen_except_in_the_function_that_may():
    source = "def late(name):\n    return import_module(TABLE[name])\n"
    assert len(list(shape.own_local_imports(source))) == 1
    assert len(list(shape.own_local_imports(source, "other"))) == 1
    assert not list(shape.own_local_imports(source, "late"))
    assert len(list(shape.own_local_imports("def late():\n    import anymeter.obis\n", "late"))) == 1


def test_the_functions_that_may_import_late_are_there():
    for place, function in shape.LATE.items():
        assert f"def {function}(" in (shape.SOURCE / place).read_text(encoding="utf-8")


def test_a_lazy_import_of_others_is_allowed():
    assert not list(shape.own_local_imports("def late():\n    import numpy\n    from cryptography import x509\n"))


def test_public_names_are_bound_at_the_top_and_not_private():
    source = (
        "from __future__ import annotations\nimport os.path\nfrom a import b as c\n"
        "def f(): pass\nclass D: pass\n_hidden = 1\ng: int = 2\nh = i = 3\nif True:\n    inner = 1\n"
    )
    assert shape.public_names(source) == ["D", "c", "f", "g", "h", "i", "os"]


@pytest.mark.parametrize("declared", ["__all__ = ['b', 'a']", "__all__: list[str] = ['b', 'a']"])
def test_all_says_what_is_public(declared):
    assert shape.public_names(f"from x import a, b, c\n{declared}\n") == ["a", "b"]


def test_a_vague_name_is_seen():
    assert len(list(shape.vague_names("class LinkManager: pass\nclass ReaderBase: pass\nclass Database: pass\n"))) == 2


def test_code_lines_leave_out_blanks_and_comments():
    assert shape.code_lines("x = 1\n\n  # why\ny = 2  # so\n") == 2


def test_a_module_without_a_mirror_is_seen(tmp_path):
    source, tests = tmp_path / "src", tmp_path / "tests"
    (source / "wire").mkdir(parents=True)
    (tests / "wire").mkdir(parents=True)
    (source / "wire" / "bcd.py").write_text("def decode(): ...\n")
    (source / "wire" / "_ber.py").write_text("class Tag: ...\n")
    (source / "wire" / "__init__.py").write_text("def shown(): ...\n")
    (source / "wire" / "constants.py").write_text("X = 1\n")
    assert list(shape.unmirrored(source, tests)) == [
        "wire/_ber.py has no tests/wire/test_ber.py",
        "wire/bcd.py has no tests/wire/test_bcd.py",
    ]
    (tests / "wire" / "test_bcd.py").write_text("")
    assert [one.split()[0] for one in shape.unmirrored(source, tests)] == ["wire/_ber.py"]


def test_rooms_have_the_package_itself_and_each_folder():
    assert {"anymeter", "anymeter.wire", "anymeter.bridge"} <= set(shape.rooms())


def test_the_weight_of_a_tree_is_that_of_its_files(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "deep" / "b.py").write_text("# why\ny = 1\nz = 2\n")
    assert shape.weight(tmp_path) == 3
