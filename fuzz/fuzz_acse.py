"""ACSE: the four PDUs of an association, and that what is decoded encodes to the same meaning."""

from __future__ import annotations

from anymeter.dlms.acse import Aare, Aarq, Rlre, Rlrq
from anymeter.errors import DecodeError
from anymeter.wire.ber import SHORT_LENGTH

ALLOWED = (DecodeError,)
PDUS = (Aarq, Aare, Rlrq, Rlre)


def one(octets: bytes) -> None:
    for cls in PDUS:
        for message in (octets, cls.HEAD + octets):
            try:
                pdu, end = cls.decode(message)
                cls.explain(message)
            except ALLOWED:
                continue
            assert end <= len(message)
            again, _ = cls.decode(pdu.encode())
            assert again == pdu or SHORT_LENGTH in pdu.quirks


if __name__ == "__main__":
    from harness import run

    run(one)
