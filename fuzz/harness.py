"""Runs one fuzz target under atheris, anymeter instrumented: ``python fuzz/harness.py TARGET [libFuzzer options]``.

A target is a file ``fuzz/NAME.py`` whose first lines name the errors it allows and which offers ``one(octets)``: it
returns for whatever it may be given, and what it raises is a finding. Run by itself, such a file calls ``run(one)``.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent
NOT_TARGETS = {"harness", "run", "corpus"}


def targets() -> dict[str, Path]:
    """Every target by name, in order."""
    return {path.stem: path for path in sorted(HERE.glob("*.py")) if path.stem not in NOT_TARGETS}


def load(path: Path) -> ModuleType:
    """A target's module; its folder is importable to it, as when it is run by itself."""
    if str(HERE) not in sys.path:
        sys.path.insert(0, str(HERE))
    spec = importlib.util.spec_from_file_location(f"fuzz_target_{path.stem}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(one: Callable[[bytes], object]) -> None:
    """Start anew with the target of *one* under atheris: only what is imported after atheris is instrumented."""
    path = one.__code__.co_filename
    os.execv(sys.executable, [sys.executable, __file__, path, *sys.argv[1:]])


def main() -> None:
    """Instrument, import the target and fuzz until told to stop."""
    try:
        import atheris
    except ImportError:
        sys.exit("fuzzing needs atheris: pip install -e '.[fuzz]'")
    with atheris.instrument_imports(include=["anymeter"]):
        one = load(Path(sys.argv[1])).one
    atheris.Setup([sys.argv[0], *sys.argv[2:]], lambda octets: one(octets) and None)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
