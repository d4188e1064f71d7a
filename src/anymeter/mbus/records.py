"""Data records of an M-Bus message: octets to numbers with their meaning, and back. Source: EN 13757-3.

>>> records = decode(bytes.fromhex("0C1427048502 046D32371F15 02FD170000"))
>>> for r in records: print(r.header.name, r.value, r.header.unit)
volume 28504.27 m3
date time 2008-05-31T23:50
error flags 0
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from anymeter.cosem.units import scaled
from anymeter.errors import DecodeError, LocalError
from anymeter.mbus import dib, layout, plan, types, vib
from anymeter.mbus.layout import RecordHeader, header
from anymeter.mbus.plan import Numbers, Plan
from anymeter.mbus.types import Number
from anymeter.wire.fields import Field

__all__ = ["Number", "Plan", "Record", "RecordHeader", "Records", "decode", "encode", "explain", "header"]

_CLAUSE = "EN 13757-3, data information block"


class Record(msgspec.Struct, frozen=True, gc=False):
    """One record: its header, the *number* in 10^exponent of the header's unit, its octets, and why it has no number.

    *status* is a record error the meter reported (the number stays what it sent), or the reason for no number.
    """

    header: RecordHeader
    number: Number
    raw: bytes
    status: str | None = None

    @property
    def value(self) -> Number:
        """The value in the unit of the header, exactly."""
        return scaled(self.number, self.header.exponent)


class Records(msgspec.Struct, frozen=True, eq=False):
    """The records of one message; *numbers* stand in the order of ``plan.headers``.

    *octets* are those of the records alone, which begin *at* in the message. Records, raw octets and statuses are made
    when they are asked for.
    """

    plan: Plan
    numbers: Numbers
    octets: bytes
    at: int = 0

    @property
    def headers(self) -> tuple[RecordHeader, ...]:
        return self.plan.headers

    @property
    def more_follow(self) -> bool:
        """Whether the next telegram goes on with more records (DIF 1F)."""
        return self.plan.more_follow

    @property
    def error(self) -> DecodeError | None:
        """Why the rest of the octets was not read (tolerant decoding only), counted from where the message begins."""
        found = self.plan.error
        return None if found is None else DecodeError(found.why, what=found.what, at=self.at + (found.at or 0))

    @property
    def undecoded(self) -> tuple[bytes, ...]:
        """The manufacturer's block, and what could not be read."""
        tail = self.plan.tail
        return () if tail is None else (self.octets[tail[0] : tail[1]],)

    def raw(self, i: int) -> bytes:
        """DIB, VIB and data of record *i* as sent."""
        return self.octets[self.plan.starts[i] : self.plan.ends[i]]

    def data(self, i: int) -> bytes:
        """The data octets of record *i*, without the length of variable data."""
        return self.octets[self.plan.datas[i] : self.plan.ends[i]]

    def status(self, i: int) -> str | None:
        """The record error of record *i*, or why it has no number."""
        error = self.plan.headers[i].status
        if error is not None or self.numbers[i] is not None:
            return error
        return types.status(self.plan.forms[i], self.data(i))

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, i: int) -> Record:
        return Record(self.plan.headers[i], self.numbers[i], self.raw(i), self.status(i))

    def __iter__(self) -> Iterator[Record]:
        for i in range(len(self.numbers)):
            yield self[i]


def decode(octets: bytes, at: int = 0, *, tolerant: bool = False) -> Records:
    """The records that stand from *at* to the end of *octets*.

    Raises :class:`DecodeError` (with the offset in *octets*) for a record that is cut short or breaks a rule. When
    *tolerant*, the records before it are kept, the rest is ``undecoded``, and ``error`` says why.
    """
    body = bytes(octets[at:]) if at or type(octets) is not bytes else octets
    found: Plan | None = None
    try:
        found = plan.find(body)
    except DecodeError as e:
        if not tolerant:
            if not at:
                raise
            raise DecodeError(e.why, what=e.what, at=at + (e.at or 0)) from None
    if found is None:  # outside of the handler: an error kept with its context would keep every frame alive
        found = Plan(body, layout.split(body, tolerant=True))
    read = found.compiled or found.general
    return Records(found, read(body), body, at)


def encode(records: Iterable[tuple[RecordHeader, Number]]) -> bytes:
    """Records one after the other: the other way of :func:`decode`.

    >>> encode([(header(bytes.fromhex("0C14")), 2850427)]).hex()
    '0c1427048502'
    """
    return b"".join(encode_record(head, number) for head, number in records)


def encode_record(head: RecordHeader, number: Number, lvar: int | None = None) -> bytes:
    """One record; *lvar* is the length octet of variable data (made from a text where it is left out).

    Raises :class:`LocalError` where the number does not fit the header.
    """
    number = types.unlinear(number, head.mul, head.add)
    if head.octets == b"\x7f":
        return head.octets
    if head.field != dib.VARIABLE:
        form = types.fixed_form(head.field, head.type)
        return head.octets + types.encode(form, number, dib.SIZES[head.field])
    if lvar is None:
        if not isinstance(number, str) or len(number) > 0xBF:
            raise LocalError("variable data other than a text of up to 191 characters need their LVAR octet")
        lvar = len(number)
    found = types.variable_form(lvar, head.type, head.profile)
    if found is None:
        raise LocalError(f"LVAR {lvar:02X} is reserved")
    form, size = found
    return head.octets + bytes((lvar,)) + types.encode(form, number, size)


def explain(octets: bytes, at: int = 0) -> list[Field]:
    """Every record from *at* to the end, octet by octet; what breaks off the records is the last row."""
    records = decode(octets, at, tolerant=True)
    out: list[Field] = []
    done = 0
    for i, head in enumerate(records.headers):
        start = records.plan.starts[i]
        if start > done:
            out.append(Field(at + done, records.octets[done:start], "idle filler", "", _CLAUSE))
        out += _record_fields(records, i, head)
        done = records.plan.ends[i]
    return out + _tail_fields(records, done)


def _record_fields(records: Records, i: int, head: RecordHeader) -> list[Field]:
    where = records.at + records.plan.starts[i]
    number = records.numbers[i]
    shown = f"{scaled(number, head.exponent)} {head.unit}".strip() if number is not None else ""
    status = records.status(i)
    meaning = ", ".join(filter(None, (f"{head.name} = {shown}" if shown else head.name, status)))
    out = [Field(where, records.raw(i), "record", meaning, "EN 13757-3, data records")]
    place = dib.parse(head.dib)
    dif = f"{place.field_name}, {head.function}, storage {head.storage}, tariff {head.tariff}, subunit {head.subunit}"
    out.append(Field(where, head.dib, "DIB", dif, _CLAUSE, 1))
    where += len(head.dib)
    for step in vib.steps(head.vib) if head.vib else ():
        out.append(Field(where, step.octets, step.name, step.meaning, step.clause, 1))
        where += len(step.octets)
    data = records.at + records.plan.datas[i]
    if data > where:
        out.append(Field(where, records.octets[where - records.at : data - records.at], "LVAR", "", _CLAUSE, 1))
    if records.data(i):
        out.append(Field(data, records.data(i), "data", shown or (status or ""), "EN 13757-3, data types", 1))
    return out


def _tail_fields(records: Records, done: int) -> list[Field]:
    out: list[Field] = []
    stop = len(records.octets)
    tail = records.plan.tail[0] if records.plan.tail else stop
    error = records.error
    dif = tail - 1 if error is None and done < tail and records.octets[tail - 1] != dib.FILLER else tail
    if dif > done:
        out.append(Field(records.at + done, records.octets[done:dif], "idle filler", "", _CLAUSE))
    if dif < tail:
        meaning = "more records follow in the next telegram" if records.more_follow else "manufacturer data follow"
        out.append(Field(records.at + dif, records.octets[dif:tail], "DIF", meaning, _CLAUSE))
    if tail < stop:
        name = "manufacturer data" if error is None else "undecoded"
        out.append(Field(records.at + tail, records.octets[tail:], name, "" if error is None else str(error)))
    return out
