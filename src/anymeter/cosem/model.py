"""The machinery of interface classes: one class body, everything else derived.

>>> from anymeter.cosem.schema import CHOICE, ENUM, INTEGER, DOUBLE_LONG_UNSIGNED, structure
>>> class Gauge(InterfaceClass, class_id=8200):
...     value = attribute(2, CHOICE, dynamic=True)
...     scaler_unit = attribute(3, structure(scaler=INTEGER, unit=ENUM))
...     @method(1, INTEGER)
...     def reset(self, data, now):
...         self.put(2, 0, now)
>>> gauge = Gauge("1-0:1.8.0*255", value=7, scaler_unit=(0, 30), types={2: DOUBLE_LONG_UNSIGNED})
>>> gauge.encoded(2, now=0).hex(), gauge.invoke(1, None, now=0), gauge.value
('0600000007', None, 0)

From the body come typed access to the values of an object, reading, writing and invoking by number for a server,
descriptors for a client (``Gauge.value`` on the class is the :class:`Attribute`), the entry in an object list and the
reference page. Source: EN 13757-1:2014, 6.4 (COSEM basic principles).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Final, Self, TypeVar

from anymeter.cosem.conform import accept
from anymeter.cosem.enums import DataAccessResult
from anymeter.cosem.infer import schema_of
from anymeter.cosem.members import Attribute, Method, attribute, method, reads, writes
from anymeter.cosem.schema import ANY_TAG, INTEGER, NULL_DATA, OCTET_STRING, Schema
from anymeter.cosem.surroundings import Surroundings
from anymeter.errors import AccessError, AnymeterError, LocalError
from anymeter.obis import Obis

__all__ = [
    "Attribute",
    "InterfaceClass",
    "Method",
    "attribute",
    "interface_class",
    "method",
    "reads",
    "refuse",
    "registered",
    "writes",
]

O = TypeVar("O", bound="InterfaceClass")  # noqa: E741

_MANUFACTURER: Final = 8192
"""Class ids from here on are not the DLMS UA's: they are not entered into the registry."""

_registry: Final[dict[tuple[int, int], type[InterfaceClass]]] = {}


class InterfaceClass:
    """A COSEM object. Subclass it with ``class_id`` and ``version`` to declare an interface class.

    *methods_at* is the offset of the short name of method 1 from the base name, None where there are no methods or
    the offset is not known; *clause* says where the class is described; *catalogued*: only its name is known.
    An object holds its values by attribute number; *types* fixes what the class leaves a CHOICE.
    """

    __slots__ = ("__dict__", "_adopted", "_shared", "device", "logical_name", "sources", "types", "values")

    class_id: ClassVar[int]
    version: ClassVar[int]
    clause: ClassVar[str] = ""
    methods_at: ClassVar[int | None] = None
    catalogued: ClassVar[bool] = False
    run_order: ClassVar[int] = 0
    """Order of the objects of a device that are due at the same instant; the lowest runs first."""
    attributes: ClassVar[dict[int, Attribute[Any]]] = {}
    methods: ClassVar[dict[int, Method[Any, Any]]] = {}
    _numbers: ClassVar[dict[str, int]] = {}
    _readers: ClassVar[dict[int, Callable[[Any, float], Any]]] = {}
    _writers: ClassVar[dict[int, Callable[[Any, Any, float], None]]] = {}

    logical_name: Obis
    values: dict[int, Any]
    types: Mapping[int, Schema[Any]]
    sources: dict[int, Callable[[float], Any]] | None
    device: Surroundings | None
    _adopted: frozenset[int]

    def __init_subclass__(
        cls,
        *,
        class_id: int,
        version: int = 0,
        methods_at: int | None = None,
        clause: str | None = None,
        catalogued: bool = False,
    ) -> None:
        cls.class_id, cls.version, cls.methods_at, cls.catalogued = class_id, version, methods_at, catalogued
        cls.clause = cls.clause if clause is None else clause
        cls.attributes = {1: _LOGICAL_NAME} | _own(cls, Attribute)
        cls.methods = _own(cls, Method)
        cls._numbers = {a.name: a.number for a in cls.attributes.values()}
        cls._readers, cls._writers = _hooks(cls, "__reads__"), _hooks(cls, "__writes__")
        standard = [n for n in cls.attributes if n > 0]
        if standard != list(range(1, len(standard) + 1)):
            raise TypeError(f"{cls.__name__}: attribute numbers must run 1, 2, 3, ... in the order of the body")
        if class_id < _MANUFACTURER and _registry.setdefault((class_id, version), cls) is not cls:
            raise TypeError(f"class_id {class_id} version {version} is declared twice")

    def __init__(
        self, name: Obis | str, *, types: Mapping[int | str, Schema[Any]] | None = None, **values: Any
    ) -> None:
        self.logical_name = name if isinstance(name, Obis) else Obis(name)
        self.values = {self._number(k): v for k, v in values.items()}
        self.types = {self._number(k): v for k, v in (types or {}).items()}
        self.sources, self.device, self._shared, self._adopted = None, None, False, frozenset()
        self.set_up()

    def set_up(self) -> None:
        """Make what an object of this class holds besides its values; called for every object and every clone."""

    @classmethod
    def _number(cls, of: int | str) -> int:
        if isinstance(of, int):
            return of
        if of not in cls._numbers:
            raise TypeError(f"{cls.__name__} has no attribute {of!r}")
        return cls._numbers[of]

    def clone(self) -> Self:
        """The same object for another device; values are shared until one of the two changes them.

        Sources are the same functions: bind what belongs to one device alone to its own objects.
        """
        new = type(self).__new__(type(self))
        new.logical_name, new.values, new.types = self.logical_name, self.values, self.types
        new.sources, new.device = dict(self.sources) if self.sources else None, None
        new._shared = self._shared = True
        new._adopted = self._adopted
        new.set_up()
        return new

    # --- values ---

    def schema_of(self, number: int) -> Schema[Any]:
        """The type of an attribute here; AccessError where the class has no such attribute."""
        found = self.types.get(number)
        return found if found is not None else self._attribute(number).schema

    def get(self, number: int, now: float) -> Any:
        """The value of an attribute at *now*."""
        if self.sources is not None and number in self.sources:
            return self.sources[number](now)
        reader = self._readers.get(number)
        if reader is not None:
            return reader(self, now)
        return self.stored(number)

    def stored(self, number: int) -> Any:
        """The value as it was last put, or its default."""
        try:
            return self.values[number]
        except KeyError:
            return self.logical_name if number == 1 else self._attribute(number).initial(self.types.get(number))

    def put(self, number: int, value: Any, now: float) -> None:
        """Change the value of an attribute and tell the device."""
        self.store(number, value)
        if self.device is not None:
            self.device.changed(self, number, value, now)

    def computed(self, number: int) -> bool:
        """Whether an attribute is worked out whenever it is read: nobody is told when it changes."""
        return number in self._readers or (self.sources is not None and number in self.sources)

    def store(self, number: int, value: Any) -> None:
        """Change the value of an attribute and tell nobody."""
        if self._shared:
            self.values, self._shared = dict(self.values), False
        self.values[number] = value

    def bind(self, number: int | str, source: Callable[[float], Any]) -> None:
        """Let *source* say the value of an attribute whenever it is read."""
        self.sources = {**(self.sources or {}), self._number(number): source}

    # --- what a server does with an object ---

    def encoded(self, number: int, now: float) -> bytes:
        """The octets of an attribute's value at *now*."""
        sources = self.sources
        if sources is not None and number in sources:
            value = sources[number](now)
        else:
            reader = self._readers.get(number)
            value = self.stored(number) if reader is None else reader(self, now)
        schema = self.types.get(number)
        try:
            return (self._attribute(number).schema if schema is None else schema).encode(value)
        except LocalError:
            if number not in self._adopted:
                raise
            return self._attribute(number).schema.encode(value)  # a client's type, which does not fit what came after

    def select(self, number: int, selector: int, parameters: bytes, now: float) -> bytes:
        """The octets of the part of an attribute that a selective access chooses; refused where there is none."""
        raise self.refusal(DataAccessResult.scope_of_access_violated, f"{self._label(number)} selector {selector}")

    def write(self, number: int, octets: bytes, now: float) -> None:
        """Set an attribute to an encoded value; AccessError when it is not of its type or refused."""
        value = self.accepted(number, octets)
        schema = self._writable(number)
        before = self.types, self._adopted
        if _is_open(schema):  # nothing fixes the type: it is that of the value, until another one is set
            self.types, self._adopted = {**self.types, number: schema_of(octets)}, self._adopted | {number}
        writer = self._writers.get(number)
        try:
            if writer is not None:
                writer(self, value, now)
            else:
                self.put(number, value, now)
        except AnymeterError:
            self.types, self._adopted = before
            raise
        if self.device is not None:
            self.device.touched(self)

    def accepted(self, number: int, octets: bytes) -> Any:
        """The value that writing *octets* gives an attribute; AccessError when they are not of its type."""
        return accept(self._writable(number), octets, self._label(number))

    def _writable(self, number: int) -> Schema[Any]:
        """The type of what a client may write to an attribute.

        AccessError for the logical name, and for what is worked out when read unless the class says how it is set.
        """
        found = self._attribute(number)
        if number == 1 or (number not in self._writers and self.computed(number)):
            raise self.refusal(DataAccessResult.read_write_denied, self._label(number))
        return found.schema if number in self._adopted else self.schema_of(number)

    def invoke(self, number: int, octets: bytes | None, now: float) -> bytes | None:
        """Invoke a method with encoded parameters; the octets of its result, None where it has none."""
        found = self.methods.get(number)
        if found is None:
            raise self.refusal(DataAccessResult.object_undefined, f"{self._label(None)} method {number}")
        parameters = _parameters(found, octets, f"{self._label(None)} {found.name}")
        result = found.run(self, parameters, now)
        if self.device is not None:
            self.device.touched(self)
        return None if found.returns is None else found.returns.encode(result)

    def refusal(self, result: int, what: str) -> AccessError:
        """The error that says no with a Data-Access-Result or Action-Result."""
        return refuse(result, what)

    def _attribute(self, number: int) -> Attribute[Any]:
        try:
            return self.attributes[number]
        except KeyError:
            raise self.refusal(DataAccessResult.object_undefined, f"{self._label(None)} attribute {number}") from None

    def _label(self, number: int | None) -> str:
        name = self.attributes[number].name if number in self.attributes else "" if number is None else str(number)
        return f"{self.logical_name} {name}".rstrip()

    # --- time ---

    def started(self, now: float) -> None:
        """Begin at *now*: called once, before the device of the object first runs with it."""

    def next_due(self) -> float | None:
        """When :meth:`run` is due, None for never."""
        return None

    def run(self, now: float) -> None:
        """Do what is due at *now*."""

    def clock_changed(self, old: float, new: float, now: float) -> None:
        """The clock of the device was set: it showed *old* and shows *new* (seconds, UTC)."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.logical_name)!r})"


def refuse(result: int, what: str) -> AccessError:
    """The error that says no to *what* with a Data-Access-Result or Action-Result, in words."""
    return AccessError(int(result), what, DataAccessResult(result).words)


def interface_class(class_id: int, version: int) -> type[InterfaceClass] | None:
    """The declaration of an interface class, None where it is not declared.

    Import :mod:`anymeter.cosem.classes` to have all of them declared.
    """
    return _registry.get((class_id, version))


def registered() -> Iterator[type[InterfaceClass]]:
    """Every interface class that is declared, in order of id and version."""
    for key in sorted(_registry):
        yield _registry[key]


def _own(cls: type[InterfaceClass], kind: type[Any]) -> dict[int, Any]:
    """The attributes or methods of *cls* by number; those of its parents that it does not replace become its own."""
    found: dict[int, Any] = {}
    for parent in reversed(cls.__mro__):
        here = [member for member in vars(parent).values() if isinstance(member, kind)]
        if len({member.number for member in here}) < len(here):
            raise TypeError(f"{parent.__name__}: two attributes or two methods have one number")
        found.update({member.number: member for member in here})
    for number, member in found.items():
        if member.owner is not cls:
            found[number] = member.owned_by(cls)
            setattr(cls, member.name, found[number])
    return {number: found[number] for number in sorted(found, key=lambda n: (n < 0, abs(n)))}


def _hooks(cls: type[InterfaceClass], mark: str) -> dict[int, Any]:
    """The functions of *cls* marked as readers or writers, by attribute number; a subclass's own come first."""
    found: dict[int, Any] = {}
    for parent in reversed(cls.__mro__):
        for name, function in vars(parent).items():
            for number in getattr(function, mark, ()):
                found[number] = getattr(cls, name)
    return found


def _is_open(schema: Schema[Any]) -> bool:
    """Whether the class leaves a part of the type to the object."""
    return schema.tag == ANY_TAG or any(_is_open(part) for part in schema.parts)


def _parameters(found: Method[Any, Any], octets: bytes | None, what: str) -> Any:
    """The parameters of a method, decoded; the unused integer(0) and null-data of many methods may be left out."""
    if octets is None or octets == b"\x00":
        if found.schema.tag == INTEGER.tag:
            return 0
        if found.schema.tag in (NULL_DATA.tag, ANY_TAG):
            return None
    return accept(found.schema, octets or b"", what)


_LOGICAL_NAME: Final[Attribute[bytes]] = Attribute(1, OCTET_STRING)
_LOGICAL_NAME.name = "logical_name"
