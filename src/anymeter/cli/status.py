"""Exit statuses, the same for every verb."""

from __future__ import annotations

from typing import Final

DONE: Final = 0
FAILED: Final = 1
WRONG_USAGE: Final = 2
PARTLY: Final = 3


def of(done: int, failed: int) -> int:
    """The status of a run in which so many messages were done and so many failed.

    >>> of(3, 0), of(0, 1), of(2, 1)
    (0, 1, 3)
    """
    if not failed:
        return DONE
    return PARTLY if done else FAILED
