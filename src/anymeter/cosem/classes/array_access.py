"""Array manager: entries of arrays in other objects. Class 123.

Source: DLMS UA 1000-1 Ed. 16, Part 2, 4.4.11; the parameters of its methods are uncertain.
"""

from __future__ import annotations

from typing import Any, Final, NoReturn

from anymeter.cosem.classes.parts import blue_book, declined
from anymeter.cosem.classes.watching import VALUE_DEFINITION, target_of
from anymeter.cosem.conform import accept
from anymeter.cosem.model import InterfaceClass, attribute, method
from anymeter.cosem.schema import ARRAY, CHOICE, LONG_UNSIGNED, UNSIGNED, array, structure
from anymeter.cosem.walk import skip
from anymeter.wire.lengths import length_at, length_of

_ENTRIES: Final = structure(array_object_id=UNSIGNED, from_index=LONG_UNSIGNED, to_index=LONG_UNSIGNED)
_ENTRY: Final = structure(array_object_id=UNSIGNED, index=LONG_UNSIGNED, entry=CHOICE)
_RETRIEVE, _INSERT, _UPDATE = 2, 3, 4
_MOST: Final = 0xFFFF


class ArrayManagement(InterfaceClass, class_id=123, methods_at=0x20, clause=blue_book("4.4.11")):
    """Array manager: reads and changes entries of arrays in other objects. Entries are counted from 1, 0 is the last.

    An array is changed by setting its attribute as a whole: what its object refuses is refused. Entries keep the types
    they are encoded with, so the methods take and give octets: use :meth:`invoke`.
    """

    array_object_list = attribute(2, array(structure(array_object_id=UNSIGNED, target=VALUE_DEFINITION)))

    @method(1, UNSIGNED, returns=LONG_UNSIGNED)
    def retrieve_number_of_entries(self, data: int, now: float) -> int:
        """How many entries an array has."""
        return len(self._entries(data, now)[1])

    @method(2, _ENTRIES, returns=CHOICE)
    def retrieve_entries(self, data: tuple[int, int, int], now: float) -> NoReturn:
        """The entries from one index to another, as an array."""
        raise declined(self, "takes octets")

    @method(3, _ENTRY)
    def insert_entry(self, data: tuple[int, int, Any], now: float) -> NoReturn:
        """Insert an entry before the one with this index, or behind the last for 0."""
        raise declined(self, "takes octets")

    @method(4, _ENTRY)
    def update_entry(self, data: tuple[int, int, Any], now: float) -> NoReturn:
        """Put an entry in place of the one with this index."""
        raise declined(self, "takes octets")

    @method(5, _ENTRIES)
    def remove_entries(self, data: tuple[int, int, int], now: float) -> None:
        """Remove the entries from one index to another."""
        number, first, last = data
        found, entries = self._entries(number, now)
        start, end = self._range(first, last, len(entries))
        self._write(found, entries[:start] + entries[end:], now)

    def invoke(self, number: int, octets: bytes | None, now: float) -> bytes | None:
        """Invoke a method with encoded parameters; the octets of its result, None where it has none."""
        if number == _RETRIEVE:
            own, first, last = accept(_ENTRIES, octets or b"", f"{self.logical_name} retrieve_entries")
            entries = self._entries(own, now)[1]
            start, end = self._range(first, last, len(entries))
            return _joined(entries[start:end])
        if number not in (_INSERT, _UPDATE):
            return super().invoke(number, octets, now)
        given = octets or b""
        own, index, _ = accept(_ENTRY, given, f"{self.logical_name} entry")
        begins = skip(given, skip(given, length_at(given, 1)[1]))
        self._change(own, index, given[begins:], number == _INSERT, now)
        return None

    def _change(self, own: int, index: int, entry: bytes, insert: bool, now: float) -> None:
        found, entries = self._entries(own, now)
        place = (len(entries) + 1 if insert else len(entries)) if index == 0 else index
        if not 1 <= place <= len(entries) + insert or len(entries) + insert > _MOST:
            raise declined(self, f"has no entry {index} in array {own}")
        self._write(found, [*entries[: place - 1], entry, *entries[place if not insert else place - 1 :]], now)

    def _range(self, first: int, last: int, count: int) -> tuple[int, int]:
        end = count if last == 0 else last
        if not 1 <= first <= end <= count:
            raise declined(self, f"has {count} entries, not {first} to {last}")
        return first - 1, end

    def _entries(self, own: int, now: float) -> tuple[tuple[InterfaceClass, int], list[bytes]]:
        """The object and attribute of an array, and the octets of its entries."""
        reference = next((target for number, target in self.array_object_list if number == own), None)
        target = None if reference is None else target_of(self, reference)
        if reference is None or target is None or target.attributes[reference[2]].secret:
            raise declined(self, f"has no array {own}")
        octets = target.encoded(reference[2], now)
        if octets[0] != ARRAY:
            raise declined(self, f"array {own} is none")
        count, at = length_at(octets, 1)
        entries = []
        for _ in range(count):
            end = skip(octets, at)
            entries.append(octets[at:end])
            at = end
        return (target, reference[2]), entries

    def _write(self, found: tuple[InterfaceClass, int], entries: list[bytes], now: float) -> None:
        found[0].write(found[1], _joined(entries), now)


def _joined(entries: list[bytes]) -> bytes:
    return bytes((ARRAY,)) + length_of(len(entries)) + b"".join(entries)
