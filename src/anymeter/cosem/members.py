"""The members of an interface class: attributes and methods, as typed descriptors. Source: EN 13757-1:2014, 6.4."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, Self, TypeVar, cast, overload

from anymeter.cosem.schema import ANY_TAG, Schema, initial_of

T = TypeVar("T")
P = TypeVar("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])


class _Unset:
    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = _Unset()
"""No default of its own: the first value of its type serves (zero, nothing, an empty array)."""


class Attribute(Generic[T]):
    """One attribute: its number, type, whether it is dynamic, its default and what its numbers mean (*words*).

    On the class it is itself, on an object it is the value that is stored.
    """

    def __init__(
        self,
        number: int,
        schema: Schema[T],
        *,
        dynamic: bool = False,
        secret: bool = False,
        default: Any = UNSET,
        words: Mapping[int, str] | None = None,
    ) -> None:
        self.number, self.schema, self.dynamic, self.secret = number, schema, dynamic, secret
        self.default, self.words = default, words or {}
        self.name, self.owner = "", cast("type[Any]", None)

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self.name, self.owner = name, owner

    @overload
    def __get__(self, obj: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, obj: object, owner: type[Any]) -> T: ...
    def __get__(self, obj: Any, owner: type[Any]) -> Self | T:
        return self if obj is None else cast(T, obj.stored(self.number))

    def __set__(self, obj: Any, value: T) -> None:
        obj.store(self.number, value)

    @property
    def class_id(self) -> int:
        """The class this is an attribute of."""
        return cast(int, self.owner.class_id)

    @property
    def short_offset(self) -> int:
        """The offset of its short name from the base name of the object."""
        return 8 * (self.number - 1)

    def initial(self, schema: Schema[Any] | None = None) -> Any:
        """The value of an object that was given none; *schema* is the type that the object fixes."""
        return initial_of(schema or self.schema) if self.default is UNSET else self.default

    def owned_by(self, owner: type[Any]) -> Self:
        """The same attribute of another class."""
        new = type(self)(
            self.number,
            self.schema,
            dynamic=self.dynamic,
            secret=self.secret,
            default=self.default,
            words=self.words,
        )
        new.name, new.owner = self.name, owner
        return new

    def __repr__(self) -> str:
        return f"<{self.owner.__name__}.{self.name}, attribute {self.number}>"


class Method(Generic[P, R]):
    """One method: its number, the type of its parameters (*schema*) and of its result (*returns*, None for none)."""

    def __init__(
        self, number: int, schema: Schema[P], function: Callable[[Any, P, float], R], returns: Schema[R] | None
    ) -> None:
        self.number, self.schema, self.function, self.returns = number, schema, function, returns
        self.name, self.owner = function.__name__, cast("type[Any]", None)
        self.__doc__ = function.__doc__

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self.name, self.owner = name, owner

    @overload
    def __get__(self, obj: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, obj: object, owner: type[Any]) -> Callable[[P, float], R]: ...
    def __get__(self, obj: Any, owner: type[Any]) -> Self | Callable[[P, float], R]:
        return self if obj is None else self.function.__get__(obj, owner)

    def run(self, obj: Any, parameters: P, now: float) -> R:
        """Invoke the method of *obj*, as its class has it."""
        return cast(R, getattr(obj, self.name)(parameters, now))

    @property
    def class_id(self) -> int:
        """The class this is a method of."""
        return cast(int, self.owner.class_id)

    @property
    def short_offset(self) -> int | None:
        """The offset of its short name from the base name of the object; None where it is not known."""
        first = cast("int | None", self.owner.methods_at)
        return None if first is None or self.number < 1 else first + 8 * (self.number - 1)

    def owned_by(self, owner: type[Any]) -> Self:
        """The same method of another class."""
        new = type(self)(self.number, self.schema, self.function, self.returns)
        new.name, new.owner = self.name, owner
        return new

    def __repr__(self) -> str:
        return f"<{self.owner.__name__}.{self.name}, method {self.number}>"


def attribute(
    number: int,
    schema: Schema[T],
    *,
    dynamic: bool = False,
    secret: bool = False,
    default: Any = UNSET,
    words: Mapping[int, str] | None = None,
) -> Attribute[T]:
    """Declare an attribute; *secret*: no association may read it; *words*: what the numbers of an enum mean."""
    return Attribute(number, schema, dynamic=dynamic, secret=secret, default=default, words=words)


def method(
    number: int, schema: Schema[P], *, returns: Schema[Any] | None = None
) -> Callable[[Callable[[Any, P, float], R]], Method[P, R]]:
    """Declare a method: decorates ``def name(self, parameters, now)``."""
    return lambda function: Method(number, schema, function, returns)


def reads(*attributes: Attribute[Any]) -> Callable[[F], F]:
    """Declare a function ``(self, now) -> value`` that says the value of these attributes whenever they are read."""
    return _marked("__reads__", attributes)


def writes(*attributes: Attribute[Any]) -> Callable[[F], F]:
    """Declare a function ``(self, value, now)`` that takes the value which a client sets; AccessError refuses it."""
    return _marked("__writes__", attributes)


def _marked(mark: str, attributes: tuple[Attribute[Any], ...]) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        setattr(function, mark, tuple(a.number for a in attributes))
        return function

    return decorate


def is_choice(found: Attribute[Any]) -> bool:
    """Whether the class leaves the type of an attribute to the object."""
    return found.schema.tag == ANY_TAG
