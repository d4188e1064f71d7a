"""Data sets to readings: numbers exact, times with the values they belong to, every octet in exactly one reading."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from msgspec.structs import replace

from anymeter.bridge.dataset_times import calendar, stamp
from anymeter.bridge.dataset_words import Plan, Words
from anymeter.bridge.reading import Reading
from anymeter.cosem.datetimes import DateTime
from anymeter.errors import DecodeError
from anymeter.links.iec_text import Group, Token, continues, decode_text, groups, pieces, tokens

_NO_STAMP: Final = (False, None)
_FRAMING: Final = bytes(range(0x21))
_MOST_VALUES: Final = 1000
_OCTETS_A_VALUE: Final = 8
"""A text of more values than the one must have as many octets as the other for each of them."""
_DIGITS: Final = 40
_PARTS: Final = 8
_NUMBER: Final = re.compile(rb"\s*([+-]?)(\d{1,40}+)(?:\.(\d{0,40}+))?\s*|\s*([+-]?)()\.(\d{1,40}+)\s*")
_COLUMN: Final = re.compile(rb"(?:\d{1,3}-)?(?:\d{1,3}:)?[0-9CFLP]{1,3}\.[0-9CFLP]{1,3}(?:\.\d{1,3})?(?:[*&.]\d{1,3})?")
_STATUS: Final = re.compile(rb"[0-9A-Fa-f]{0,16}")
_HEX: Final = re.compile(rb"(?:[0-9A-Fa-f]{2}){4,}+")

_Numeric: TypeAlias = tuple[int, int]
_Entry: TypeAlias = "list[tuple[Group, bytes, DateTime | None]]"


class Found:
    """The readings of one text, what is no data set in it, and what its data sets tell about the message (*marks*).

    Raises DecodeError for a text of parentheses with hardly anything between them.
    """

    def __init__(self, words: Words, text: bytes, deviation: int | None = None) -> None:
        self.words, self.deviation = words, deviation
        self.readings: list[Reading] = []
        self.undecoded: list[bytes] = []
        self.marks: dict[str, Reading] = {}
        self._whole = text
        self._tokens: list[Token] = []
        self._units: dict[bytes, bytes] | None = None
        most = max(_MOST_VALUES, len(text) // _OCTETS_A_VALUE)
        if max(text.count(b"("), text.count(b")")) > most:
            raise DecodeError(f"more than {most} values in {len(text)} octets", what="data sets", at=0)
        for piece in pieces(text):
            self._tokens = tokens(piece)
            self._read()

    def _read(self) -> None:
        """Numbers and texts under addresses met before in a few steps, anything else with all care."""
        quick, texts, add, done = self.words.quick, self.words.texts, self.readings.append, 0
        for i, (octets, address, value, unit, more, _) in enumerate(self._tokens):
            if not more and i >= done:
                whole, _, part = value.partition(b".")
                meaning = quick.get((address, unit, len(part)))
                if meaning is not None and len(value) <= _DIGITS:
                    digits = whole + part
                    if digits.isdigit() or (digits[:1] == b"-" and digits[1:].isdigit()):
                        add(Reading(meaning, int(digits), octets))
                        continue
                if not unit and (plan := texts.get(address)) is not None:
                    add(self._text(plan, octets, value))
                    continue
            if i >= done:
                done = self._carefully(i)

    def _carefully(self, i: int) -> int:
        """The data set that begins with token *i*; returns the first token that is not part of it."""
        octets, address, value, unit, more, other = self._tokens[i]
        if not octets:
            if other.strip(_FRAMING):
                self.undecoded.append(other)
            return i + 1
        if continues(address) and i and self._tokens[i - 1][0]:  # its data set looked like a plain value
            undone = self.readings.pop()
            self.marks = {role: made for role, made in self.marks.items() if made is not undone}
            i -= 1
            octets, address, value, unit, more, _ = self._tokens[i]
        parts = [Group(octets, value, unit)] if not more else list(groups(octets))
        end = i + 1
        while end < len(self._tokens) and self._tokens[end][0] and continues(self._tokens[end][1]):
            parts += groups(self._tokens[end][0])
            end += 1
        self._data_set(address, parts)
        return end

    def _data_set(self, address: bytes, parts: list[Group]) -> None:
        plan = self.words.plan(address)
        if len(parts) == 1:
            self._single(plan, address, parts[0])
        elif _is_profile(parts):
            self._profile(plan, address, parts)
        elif _is_list(parts):
            self._list(plan, address, parts)
        else:
            self._several(plan, address, parts)

    def _single(self, plan: Plan, address: bytes, part: Group) -> None:
        if b"&" in part.unit and (pairs := _pairs(part)):
            for pair in pairs:
                self.readings.append(self._reading(plan, address, pair))
            return
        self.readings.append(self._reading(plan, address, part))
        self._mark(plan, self.readings[-1])

    def _profile(self, plan: Plan, address: bytes, parts: list[Group]) -> None:
        """``(time stamp)(status)(minutes)(n)`` and n times ``(object)(unit)``, then n values a period.

        Source: IEC 62056-21, load profile in programming mode; DSMR 2.2 and 3.0, M-Bus value 0-n:24.3.0.
        """
        columns = int(parts[3].value)
        first = 4 + 2 * columns
        time, status = stamp(parts[0].value, self.deviation)[1], decode_text(parts[1].value)
        raw, rows = b"".join(g.octets for g in parts[:first]), parts[first:]
        if not columns or not rows:
            meaning = self.words.meaning(plan)
            self.readings.append(Reading(meaning, status, raw, time))
            raw = b""
        flags = status if status.strip("0") else None
        minutes = int(parts[2].value or b"0")
        ahead = time is not None and minutes and time.complete
        moment = time
        for k, g in enumerate(rows):
            row, column = divmod(k, columns) if columns else (0, 0)
            if row and not column and ahead and time is not None:
                moment = time.later(60 * minutes * row)
            own, unit = plan, g.unit
            if columns:
                own = self.words.plan(address, parts[4 + 2 * column].value)
                unit = unit or parts[5 + 2 * column].value
            self.readings.append(self._reading(own, b"", Group(raw + g.octets, g.value, unit), moment, flags))
            raw = b""

    def _list(self, plan: Plan, address: bytes, parts: list[Group]) -> None:
        """``(n)(object)...`` and n entries of time stamps and values.

        Source: DSMR 4, power failure log 1-0:99.97.0; eMUCS, maximum demand of the last months 0-0:98.1.0.
        """
        first = 1
        while first < len(parts) and _is_column(parts[first]):
            first += 1
        raw, (entries, left, last) = b"".join(g.octets for g in parts[:first]), _entries(parts[first:], self.deviation)
        if not entries:
            self.readings.append(Reading(self.words.meaning(plan), int(parts[0].value), raw + left, last))
            return
        for values in entries:
            for k, (g, octets, time) in enumerate(values):
                named = parts[max(1, min(first - len(values) + k, first - 1))].value
                own = self.words.plan(address, named)
                self.readings.append(self._reading(own, b"", Group(raw + octets, g.value, g.unit), time))
                raw = b""
        if left:
            self._time_alone(plan, last, left)

    def _time_alone(self, plan: Plan, time: DateTime | None, octets: bytes) -> None:
        self.readings.append(Reading(self.words.meaning(plan), time, octets, None, None if time else "no-time"))

    def _several(self, plan: Plan, address: bytes, parts: list[Group]) -> None:
        """Groups side by side: a time stamp in front belongs to all that follow, another to the value before it."""
        readings, start = self.readings, len(self.readings)
        stamps = [_NO_STAMP if g.unit or plan.kind == "time" else stamp(g.value, self.deviation) for g in parts]
        leads = stamps[0][0]
        time, raw = None, b""
        for g, (is_stamp, moment) in zip(parts, stamps, strict=True):
            before = readings[-1] if len(readings) > start else None
            if is_stamp and leads:
                time, raw = moment, raw + g.octets
            elif is_stamp and before is not None and before.time is None and not isinstance(before.number, str):
                readings[-1] = Reading(before.meaning, before.number, before.raw + g.octets, moment, before.status)
            else:
                own = Group(raw + g.octets, g.value, g.unit) if raw else g
                readings.append(self._reading(plan, address, own, time))
                raw = b""
        if raw:
            self._time_alone(plan, time, raw)
        self._mark(plan, readings[start])

    def _mark(self, plan: Plan, made: Reading) -> None:
        number = made.number
        if plan.role and plan.role not in self.marks and (number.strip() if isinstance(number, str) else number):
            self.marks[plan.role] = made

    def _text(self, plan: Plan, octets: bytes, value: bytes, time: DateTime | None = None) -> Reading:
        text = unhexed(value) if plan.kind == "hex" else decode_text(value)
        made = Reading(self.words.meaning(plan), text, octets, time)
        if plan.role:
            self._mark(plan, made)
        return made

    def _reading(
        self, plan: Plan, address: bytes, g: Group, time: DateTime | None = None, status: str | None = None
    ) -> Reading:
        """One value: a number where it has a unit or its object says so, else what its object's kind makes of it."""
        whole, _, part = g.value.partition(b".")
        meaning = self.words.quick.get((address, g.unit, len(part)))
        if meaning is not None and len(g.value) <= _DIGITS and (digits := whole + part).isdigit():
            return Reading(meaning, int(digits), g.octets, time, status)
        unit = g.unit or self._inherited(address)
        numeric = unit or plan.kind == "number" or (not plan.kind and b"." in g.value)
        if numeric and (m := _NUMBER.fullmatch(g.value)) is not None:
            number, decimals = _numeric(m)
            meaning = self.words.meaning(plan, unit, decimals)
            if address and not plan.role and (g.unit or not _has_period(address)):
                self.words.learn(address, g.unit, decimals, meaning)
            return Reading(meaning, number, g.octets, time, status)
        if plan.kind == "time" and (moment := self._moment(g.value)) is not None:
            return Reading(self.words.meaning(plan), moment, g.octets, time, status)
        if not unit and (plan.kind in ("text", "hex") or g.value.strip()):
            if address and plan.kind in ("text", "hex") and not _has_period(address):
                self.words.learn_text(address, plan)
            made = self._text(plan, g.octets, g.value, time)
            return made if status is None else replace(made, status=status)
        wrong = "not-a-number" if g.value.strip() else "empty"
        return Reading(self.words.meaning(plan, unit), None, g.octets, time, status or wrong)

    def _moment(self, value: bytes) -> DateTime | None:
        return stamp(value, self.deviation)[1] or calendar(decode_text(value))

    def _inherited(self, address: bytes) -> bytes:
        """The unit of a historical value sent without one: that of the current value with the same address."""
        if not _has_period(address):
            return b""
        if self._units is None:
            self._units = {}
            for piece in pieces(self._whole):
                for token in tokens(piece):
                    if token[3]:
                        self._units.setdefault(_base(token[1]), token[3])
        return self._units.get(_base(address), b"")


def _has_period(address: bytes) -> bool:
    return b"*" in address or b"&" in address


def _base(address: bytes) -> bytes:
    return address.strip(_FRAMING).replace(b"&", b"*").partition(b"*")[0]


def _numeric(m: re.Match[bytes]) -> _Numeric:
    sign, whole, part = m[1] or m[4] or b"", m[2] or b"", m[3] or m[6] or b""
    return int(sign + whole + part), len(part)


def _pairs(part: Group) -> list[Group]:
    """``(098.5*C&096.1*C)``: values side by side in one group, each with its unit; none when they are anything else.

    They share the octets of their group. Source: heat meters with addresses of their own.
    """
    pairs = []
    for text in (part.value + b"*" + part.unit).split(b"&", _PARTS):
        value, _, unit = text.partition(b"*")
        if not unit or b"*" in unit or not _NUMBER.fullmatch(value):
            return []
        pairs.append(Group(part.octets, value, unit))
    return pairs if len(pairs) <= _PARTS else []


def _is_column(part: Group) -> bool:
    return not part.unit and _COLUMN.fullmatch(part.value) is not None


def _is_count(part: Group) -> bool:
    return part.value.isdigit() and len(part.value) <= 3 and not part.unit


def _is_profile(parts: list[Group]) -> bool:
    if len(parts) < 4 or not stamp(parts[0].value)[0] or not _is_count(parts[3]) or any(g.unit for g in parts[:4]):
        return False
    minutes = parts[2].value
    if not _STATUS.fullmatch(parts[1].value) or (minutes and not (minutes.isdigit() and len(minutes) <= 5)):
        return False
    columns = parts[4 : 4 + 2 * int(parts[3].value)]
    return len(columns) == 2 * int(parts[3].value) and all(_is_column(g) for g in columns[::2])


def _is_list(parts: list[Group]) -> bool:
    return _is_count(parts[0]) and _is_column(parts[1])


def _entries(parts: list[Group], deviation: int | None) -> tuple[list[_Entry], bytes, DateTime | None]:
    """Values with octets and times, cut where a time stamp follows a value; and a time stamp that no value follows."""
    entries: list[_Entry] = []
    time, raw, begun = None, b"", False
    for g in parts:
        is_stamp, moment = (False, None) if g.unit else stamp(g.value, deviation)
        if is_stamp:
            time, raw, begun = moment, raw + g.octets, False
            continue
        if not begun:
            entries.append([])
            begun = True
        entries[-1].append((g, raw + g.octets, time))
        raw = b""
    return entries, raw, time if raw else None


def unhexed(value: bytes) -> str:
    """The text that hexadecimal digits stand for; the digits themselves where they stand for none.

    >>> unhexed(b"4D455445523031"), unhexed(b"12345678"), unhexed(b"ABC")
    ('METER01', '12345678', 'ABC')
    """
    if _HEX.fullmatch(value):
        text = decode_text(bytes.fromhex(value.decode()).rstrip(b"\0"))
        if text and text.isprintable() and text.isascii():
            return text
    return decode_text(value)
