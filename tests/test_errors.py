"""One class for each thing a caller can do, and sentences that say what, where and why."""

from __future__ import annotations

import pytest

from anymeter import errors
from anymeter.errors import AnymeterError, ApplicationError, DecodeError, LocalError, SecurityError


def test_one_root() -> None:
    leaves = [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, Exception)]
    assert all(issubclass(e, AnymeterError) for e in leaves)
    assert {DecodeError, SecurityError, ApplicationError, LocalError} <= set(leaves)


@pytest.mark.parametrize("leaf", [DecodeError, SecurityError])
def test_who_drops_a_bad_message_does_not_drop_a_wrong_key(leaf: type[AnymeterError]) -> None:
    """The leaves don't catch one another: each asks for something else of the caller."""
    others = {DecodeError, SecurityError, ApplicationError, LocalError} - {leaf}
    assert not any(issubclass(leaf, other) for other in others)


@pytest.mark.parametrize(
    ("what", "at", "sentence"),
    [
        ("", None, "no good"),
        ("frame", None, "frame: no good"),
        ("", 0, "at octet 0: no good"),
        ("frame", 12, "frame at octet 12: no good"),
    ],
)
def test_the_sentence(what: str, at: int | None, sentence: str) -> None:
    for error in (DecodeError("no good", what=what, at=at), SecurityError("no good", what=what, at=at)):
        assert str(error) == sentence
        assert (error.why, error.what, error.at) == ("no good", what, at)


def test_an_application_error_has_its_number() -> None:
    error = ApplicationError("busy", code=8, what="M-Bus telegram", at=7)
    assert (error.code, str(error)) == (8, "M-Bus telegram at octet 7: busy")


def test_arguments_say_what_the_error_says() -> None:
    assert DecodeError("cut", what="frame", at=3).args == ("cut", "frame", 3)


def test_an_error_is_told_of_the_octets_around() -> None:
    error = ApplicationError("busy", code=8, what="device", at=1)
    assert error.moved(lambda at: at + 6) is error
    assert (error.at, str(error), error.code) == (7, "device at octet 7: busy", 8)
    assert DecodeError("no place").moved(lambda at: at + 6).at is None
