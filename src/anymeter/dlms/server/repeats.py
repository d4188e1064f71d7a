"""Datagrams that come twice: what had an effect is answered from memory and has it once.

Nothing tells a request that comes twice from a new one with the same octets but its invoke id, if it has one. It is
taken for new when the client has used that id for another request meanwhile, or all the others.
"""

from __future__ import annotations

from typing import Final

import msgspec

MOST_OCTETS: Final = 1 << 17
"""Longer requests with their answers are not remembered."""
_OTHERS: Final = 14
"""So many requests come before an id comes again, where a client uses all ids but 0 in turn."""
_NO_ID: Final = 16
_WITH_IDS: Final = frozenset((0xC0, 0xC1, 0xC3))
_SHORT_NAMES: Final = frozenset((0x05, 0x06, 0x16))


class _Answered(msgspec.Struct):
    """A request, what it was answered, when it came last, and how many had come until then."""

    request: bytes
    answer: list[bytes]
    at: float
    count: int


class Repeats:
    """The answers to the last requests that changed something, *most* of them, for *window* seconds each."""

    __slots__ = ("_answers", "_count", "_most", "_window")

    def __init__(self, window: float, most: int) -> None:
        self._window, self._most = window, most
        self._answers: dict[int | bytes, _Answered] = {}
        self._count = 0

    def answer(self, request: bytes, now: float) -> list[bytes] | None:
        """The answer that *request* got a moment ago, counted from when it came last; None when it is new."""
        key = _key(request)
        found = self._answers.get(key)
        if found is not None and found.request == request:
            if now - found.at <= self._window and self._count - found.count < _OTHERS:
                found.at, found.count = now, self._count
                return found.answer
            del self._answers[key]
        elif found is not None and _is_whole_get(request):
            del self._answers[key]
        self._count += 1
        return None

    def keep(self, request: bytes, answer: list[bytes], now: float) -> None:
        """Remember what *request* was answered; the oldest is forgotten, and the one before with its invoke id."""
        key = _key(request)
        self._answers.pop(key, None)
        if len(request) + sum(map(len, answer)) > MOST_OCTETS:
            return
        while len(self._answers) >= self._most:
            self._answers.pop(next(iter(self._answers)))
        self._answers[key] = _Answered(request, answer, now, self._count)


def _key(request: bytes) -> int | bytes:
    """The invoke id; one key for all that have none, the octets of what is never the same twice otherwise."""
    tag = request[0]
    if tag in _WITH_IDS:
        return request[2] & 0x0F if len(request) > 2 else request
    return _NO_ID if tag in _SHORT_NAMES else request


def _is_whole_get(request: bytes) -> bool:
    """Whether a request has no effect and begins something: a block of a transfer may come late."""
    return request[0] == 0xC0 and request[1:2] != b"\x02"
