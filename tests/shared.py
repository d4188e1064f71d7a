"""The shared vectors beside the project: read where they stand, skipped where they are not."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"
REASON = "the shared vectors (../shared/vectors) are not beside this checkout"


@cache
def lines(name: str) -> tuple[dict[str, Any], ...]:
    """Every line of one vector file; empty where the folder is absent."""
    path = SHARED / "vectors" / name
    if not path.is_file():
        return ()
    with path.open(encoding="utf-8") as file:
        return tuple(json.loads(line) for line in file if line.strip())


def vectors(*names: str, where: Any = None) -> list[Any]:
    """Parameters for ``pytest.mark.parametrize``: one a vector, or a single skipped one that says why."""
    found = [pytest.param(v, id=v["id"]) for name in names for v in lines(name) if where is None or where(v)]
    return found or [pytest.param(None, marks=pytest.mark.skip(reason=REASON), id="absent")]
