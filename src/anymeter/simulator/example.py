"""Worlds to begin with: one whose keys are explained, and a street of a dozen meters."""

from __future__ import annotations

from typing import Final

from anymeter.wire import tables

EXAMPLE: Final = tables.read(__file__, "example.toml")
"""The text of a world file with comments."""

STREET: Final = tables.read(__file__, "street.toml")
"""The text of a small world: a dozen meters of every medium, behind every link, on free ports of this machine."""
