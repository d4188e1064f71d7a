"""M-Bus data records: strict and tolerant, generated code and general path, profiles, compact and fixed frames."""

from __future__ import annotations

from anymeter.errors import DecodeError
from anymeter.mbus import compact, fixed, profiles, records

ALLOWED = (DecodeError,)


def one(octets: bytes) -> None:
    kept = records.decode(octets, tolerant=True)
    assert b"".join(r.octets for r in records.explain(octets) if r.depth == 0) == octets
    for _ in range(3):
        try:
            found = records.decode(octets)
        except ALLOWED:
            assert kept.error is not None
            break
        assert found.numbers == kept.numbers == found.plan.general(octets)
        assert [r.number for r in found] == list(found.numbers)
    for value in profiles.expand(kept):
        assert value.status == value.header.status if value.number is not None else value.status
    if kept.error is None:
        store = compact.FormatStore()
        store.learn(kept)
        again = records.decode(store.expand(compact.compress(kept)).octets)
        assert again.numbers == kept.numbers
    for decode in (compact.decode_format, compact.FormatStore().expand, fixed.decode):
        try:
            decode(octets)
        except ALLOWED:
            continue


if __name__ == "__main__":
    from harness import run

    run(one)
