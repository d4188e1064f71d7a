"""Measures of the house, taken from source text alone: nothing is imported, so a broken module is measured too."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "anymeter"

FILE_LINES = 400
FUNCTION_BODY_LINES = 60
CLASS_LINES = 300
PUBLIC_NAMES = 30
VAGUE_NAMES = ("Manager", "Helper", "Util", "Utils", "Base")

LATE = {"__init__.py": "__getattr__", "cli/app.py": "get_command"}
"""The two functions that may import our own package when they are called: see docs/decisions/0004."""

COMPUTED = "anymeter, computed"
"""What an import whose name is only known when it runs may be."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules(root: Path = SOURCE) -> list[Path]:
    """Every Python file below *root*, in order."""
    return sorted(root.rglob("*.py"))


def body_lines(function: Function) -> int:
    """Lines of a function's body, its docstring aside: from the first statement to the end of the last."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def class_lines(cls: ast.ClassDef) -> int:
    """Lines of a class with its decorators and docstring."""
    first = min([cls.lineno, *(d.lineno for d in cls.decorator_list)])
    return (cls.end_lineno or 0) - first + 1


def too_long(source: str) -> Iterator[str]:
    """What breaks the budget of lengths: the file, a function, a class."""
    lines = len(source.splitlines())
    if lines > FILE_LINES:
        yield f"1: file of {lines} lines (at most {FILE_LINES}): split it by concern"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, Function) and (length := body_lines(node)) > FUNCTION_BODY_LINES:
            yield f"{node.lineno}: {node.name}() has {length} body lines (at most {FUNCTION_BODY_LINES})"
        if isinstance(node, ast.ClassDef) and (length := class_lines(node)) > CLASS_LINES:
            yield f"{node.lineno}: class {node.name} has {length} lines (at most {CLASS_LINES})"


def imported(node: ast.AST) -> list[str]:
    """Names of the modules that one statement or call imports; a relative import is our own package."""
    match node:
        case ast.Import(names=names):
            return [name.name for name in names]
        case ast.ImportFrom(module=module, level=level):
            return [f"anymeter.{module or ''}" if level else module or ""]
        case ast.Call(
            func=ast.Attribute(attr="import_module") | ast.Name(id="import_module" | "__import__"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            return [f"anymeter{name}" if name.startswith(".") else name]
        case ast.Call(func=ast.Attribute(attr="import_module") | ast.Name(id="import_module" | "__import__")):
            return [COMPUTED]
    return []


def own_local_imports(source: str, late: str | None = None) -> Iterator[str]:
    """Imports of our own package inside a function: they hide cycles from the import contracts.

    *late* names the function that may do it by a computed name.
    """
    seen: set[int] = set()
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, Function):
            continue
        for node in ast.walk(function):
            for name in imported(node):
                line = getattr(node, "lineno", 0)
                if name == COMPUTED and function.name == late:
                    continue
                if re.split("[., ]", name)[0] == "anymeter" and line not in seen:
                    seen.add(line)
                    yield f"{line}: {function.name}() imports {name}; import it at the top of the file"


def public_names(source: str) -> list[str]:
    """The public top-level names of one module: ``__all__`` where it is written out, else what it binds."""
    names: set[str] = set()
    for node in ast.parse(source).body:
        match node:
            case ast.ImportFrom(module="__future__"):
                continue
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names.update((alias.asname or alias.name).split(".")[0] for alias in aliases)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                return sorted(ast.literal_eval(value))
            case ast.Assign(targets=targets):
                names.update(target.id for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id="__all__"), value=ast.expr() as value):
                return sorted(ast.literal_eval(value))
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
    return sorted(name for name in names if not name.startswith("_"))


def vague_names(source: str) -> Iterator[str]:
    """Classes whose name says nothing about what they are."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef) and node.name.endswith(VAGUE_NAMES):
            yield f"{node.lineno}: class {node.name}: say in the standard's words what it is"


def code_lines(source: str) -> int:
    """Lines that are neither blank nor only a comment."""
    return sum(1 for line in source.splitlines() if line.strip() and not line.strip().startswith("#"))


def weight(root: Path) -> int:
    """Code lines of every Python file below *root*."""
    return sum(code_lines(path.read_text(encoding="utf-8")) for path in modules(root))


def rooms() -> dict[str, Path]:
    """Each package with an ``__init__.py`` directly below anymeter, and anymeter itself, by dotted name."""
    found = {"anymeter": SOURCE / "__init__.py"}
    found.update({f"anymeter.{path.parent.name}": path for path in sorted(SOURCE.glob("*/__init__.py"))})
    return found


def unmirrored(source_root: Path, tests_root: Path) -> Iterator[str]:
    """Modules that define something and have no test file at the same place: x/y.py is tested by x/test_y.py."""
    for path in modules(source_root):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if path.stem in {"__init__", "__main__"} or not any(isinstance(n, Function | ast.ClassDef) for n in tree.body):
            continue
        place = path.relative_to(source_root).parent / f"test_{path.stem.lstrip('_')}.py"
        if not (tests_root / place).is_file():
            yield f"{path.relative_to(source_root)} has no tests/{place}"
