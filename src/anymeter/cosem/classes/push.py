"""Push setup: what a device sends unasked, where to and when. Class 40.

Source: EN 13757-1:2014, 6.4; DLMS UA 1000-1 Ed. 16, Part 2, 4.4.8.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from anymeter.cosem.classes.parts import LN, UNSPECIFIED, WINDOW, blue_book, declined, shown
from anymeter.cosem.classes.protection import PROTECTION, RESTRICTION
from anymeter.cosem.classes.push_values import Pushed, body_of
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.enums import ActionResult
from anymeter.cosem.model import InterfaceClass, attribute, method, refuse, writes
from anymeter.cosem.recurrence import Pattern, instant_of, local_seconds, pattern_of
from anymeter.cosem.schema import (
    DOUBLE_LONG_UNSIGNED,
    ENUM,
    INTEGER,
    LONG_UNSIGNED,
    OCTET_STRING,
    OCTET_STRING_DATE_TIME,
    UNSIGNED,
    Schema,
    array,
    structure,
)
from anymeter.cosem.surroundings import Outgoing

OPERATIONS: Final = {
    0: "unconfirmed, retry when the supporting layer fails",
    1: "unconfirmed, retry when the supporting layer does not confirm",
    2: "confirmed, retry when no confirmation comes",
}
_MOST_WAITING: Final = 16
_MOST_UNTAKEN: Final = 64
_MOST_OBJECTS: Final = 1000

_OBJECT: Final[dict[str, Schema[Any]]] = {
    "class_id": LONG_UNSIGNED,
    "logical_name": LN,
    "attribute_index": INTEGER,
    "data_index": LONG_UNSIGNED,
}
_COLUMN: Final = structure(**_OBJECT)


class _Attempt(msgspec.Struct):
    """A push on its way: when it is sent, not before *since*, and how often it was. *body* is made when sent first."""

    due: float
    since: float
    tries: int = 0
    body: bytes | None = None
    sent: bool = False


class PushSetup(InterfaceClass, class_id=40, methods_at=0x38, clause=blue_book("4.4.8")):
    """Push setup: reads its objects when it is triggered and hands their values to the device to be sent.

    A push is sent within a communication window, by chance up to randomisation_start_interval seconds late (in the
    next window where that lies beyond the end of one). Whoever
    sends it tells :meth:`delivered` or :meth:`failed`; what failed is sent again, number_of_retries times, after
    repetition_delay seconds. Outside of the windows everything waits for the next one. Of what nobody tells anything,
    the oldest is forgotten when too much is on its way.
    """

    push_object_list = attribute(2, array(structure(**_OBJECT)))
    send_destination_and_method = attribute(
        3, structure(transport_service=ENUM, destination=OCTET_STRING, message=ENUM), default=(0, b"", 0)
    )
    communication_window = attribute(4, array(WINDOW))
    randomisation_start_interval = attribute(5, LONG_UNSIGNED)
    number_of_retries = attribute(6, UNSIGNED)
    repetition_delay = attribute(7, LONG_UNSIGNED)

    def set_up(self) -> None:
        """*chance* chooses a delay of at most so many seconds; without another one there is none."""
        self.chance: Callable[[int], float] = lambda interval: 0
        self._attempts: list[_Attempt] = []

    @method(1, INTEGER)
    def push(self, data: int, now: float) -> None:
        """Send the values of the objects; temporary-failure while too much is on its way."""
        if self.device is None:
            raise declined(self, "is in no device")
        forgotten = self._oldest_sent()
        if len(self._attempts) >= _MOST_WAITING and forgotten is not None:
            self._attempts.remove(forgotten)
        if len(self._attempts) >= _MOST_WAITING:
            raise refuse(ActionResult.temporary_failure, f"{self.logical_name} has {_MOST_WAITING} pushes under way")
        at = self._within_window(now)
        if at is None:
            raise declined(self, "has no communication_window to come")
        interval = self.randomisation_start_interval
        late = min(max(self.chance(interval), 0), interval) if interval else 0
        due = self._within_window(at + late)
        self._attempts.append(_Attempt(at if due is None else due, now))
        self.run(now)
        self.device.touched(self)

    @writes(push_object_list)
    def _set_push_object_list(self, value: list[Any], now: float) -> None:
        if len(value) > _MOST_OBJECTS:
            raise declined(self, f"takes {_MOST_OBJECTS} objects")
        self.put(2, value, now)

    # --- what becomes of it ---

    @property
    def waiting(self) -> int:
        """How many pushes are on their way."""
        return len(self._attempts)

    def delivered(self, now: float, *, confirmed: bool = False) -> None:
        """The oldest push that was sent has gone out, or its confirmation has come."""
        attempt = self._oldest_sent()
        if attempt is not None:
            self._attempts.remove(attempt)

    def failed(self, now: float) -> None:
        """The oldest push that was sent has not gone out, or no confirmation came: once more, if that is allowed."""
        attempt = self._oldest_sent()
        if attempt is None:
            return
        since = now + self.delay(attempt.tries)
        at = self._within_window(since) if attempt.tries <= self.number_of_retries else None
        if at is None:
            self._attempts.remove(attempt)
        else:
            attempt.due, attempt.since, attempt.sent = at, since, False
        if self.device is not None:
            self.device.touched(self)

    def delay(self, tries: int) -> float:
        """Seconds before the next try after so many."""
        return self.repetition_delay

    def _oldest_sent(self) -> _Attempt | None:
        return next((attempt for attempt in self._attempts if attempt.sent), None)

    # --- time ---

    def next_due(self) -> float | None:
        """When a push is to be sent."""
        return min((attempt.due for attempt in self._attempts if not attempt.sent), default=None)

    def run(self, now: float) -> None:
        """Send what is due."""
        for attempt in [one for one in self._attempts if not one.sent and one.due <= now]:
            if attempt.body is None:
                attempt.body = body_of(self, [Pushed.of(entry) for entry in self.push_object_list], now)
            attempt.sent, attempt.tries = True, attempt.tries + 1
            self._put_out(self._outgoing(attempt.body, attempt.due))
            if not self.number_of_retries and not self._confirmed():
                self._attempts.remove(attempt)

    def clock_changed(self, old: float, new: float, now: float) -> None:
        """What waits for a window goes by the clock as it is now."""
        for attempt in self._attempts:
            at = self._within_window(max(now, attempt.since))
            if not attempt.sent and at is not None:
                attempt.due = at

    def _put_out(self, outgoing: Outgoing) -> None:
        """Hand over to the device; of what nobody takes from there the oldest is dropped."""
        outbox = [] if self.device is None else self.device.outbox
        own = [one for one in outbox if one.origin == self.logical_name]
        if len(own) >= _MOST_UNTAKEN:
            outbox.remove(own[0])
        outbox.append(outgoing)

    def _outgoing(self, body: bytes, due: float) -> Outgoing:
        transport, destination, message = self.send_destination_and_method
        return Outgoing(
            origin=self.logical_name,
            body=body,
            due=due,
            destination=destination,
            transport=transport,
            message=message,
            client=self._client(),
            confirmed=self._confirmed(),
        )

    def _client(self) -> int:
        return 0

    def _confirmed(self) -> bool:
        return False

    # --- windows ---

    def _within_window(self, now: float) -> float | None:
        """*now*, or when the next window begins; None when none comes any more."""
        clock = None if self.device is None else self.device.clock
        windows = [(_pattern(start, clock), _pattern(end, clock)) for start, end in self.communication_window]
        if not windows:
            return now
        local, begins = local_seconds(clock, now), list[int]()
        for start, end in windows:
            began = local if start is None else start.last_until(local, -1)
            ends = None if began is None or end is None else end.first_after(began)
            if began is not None and (end is None or (ends is not None and local < ends)):
                return now
            if start is None:
                continue
            following = start.first_after(local)
            if following is not None:
                begins.append(following)
        return instant_of(clock, min(begins)) if begins else None


def _pattern(octets: bytes, clock: Any) -> Pattern | None:
    """The beginning or end of a window; None where it is not specified: it has begun, it never ends."""
    moment = DateTime(octets)
    if not moment.specified:
        return None
    time = moment.time.octets
    return pattern_of(moment.date.octets, bytes(4) if time == b"\xff" * 4 else time, clock)


class PushSetupV1(PushSetup, class_id=40, version=1):
    """Push setup: restricted objects, the port, the client that is meant, and protection."""

    push_object_list = attribute(2, array(structure(**_OBJECT, restriction=RESTRICTION)))
    port_reference = attribute(8, OCTET_STRING)
    push_client_SAP = attribute(9, INTEGER)  # noqa: N815
    push_protection_parameters = attribute(10, array(PROTECTION))

    def _client(self) -> int:
        return self.push_client_SAP & 0x7F


class PushSetupV2(PushSetupV1, class_id=40, version=2):
    """Push setup: delays that grow, and confirmed pushes."""

    repetition_delay = attribute(  # type: ignore[assignment]
        7,
        structure(
            repetition_delay_min=LONG_UNSIGNED,
            repetition_delay_exponent=LONG_UNSIGNED,
            repetition_delay_max=LONG_UNSIGNED,
        ),
        default=(0, 100, 0),
    )
    push_operation_method = attribute(11, ENUM, words=OPERATIONS)
    confirmation_parameters = attribute(
        12,
        structure(confirmation_start_date=OCTET_STRING_DATE_TIME, confirmation_interval=DOUBLE_LONG_UNSIGNED),
        default=(UNSPECIFIED, 0),
    )
    last_confirmation_date_time = attribute(13, OCTET_STRING_DATE_TIME, dynamic=True, default=UNSPECIFIED)

    @method(2, INTEGER)
    def reset(self, data: int, now: float) -> None:
        """Forget what is on its way."""
        self._attempts.clear()

    def delivered(self, now: float, *, confirmed: bool = False) -> None:
        """The oldest push that was sent has gone out, or its confirmation has come; a confirmed one needs that."""
        if self._confirmed() and not confirmed:
            return
        if confirmed and self._oldest_sent() is not None:
            self.put(13, shown(self, now).octets, now)
        super().delivered(now, confirmed=confirmed)

    def delay(self, tries: int) -> float:
        """Seconds before the next try after so many: they grow by the exponent, in hundredths, up to the largest."""
        least, exponent, most = self.repetition_delay
        delay = float(min(least, most))
        for _ in range(min(tries - 1, 255)):
            delay = min(delay * exponent / 100, most)
        return delay

    def _confirmed(self) -> bool:
        return self.push_operation_method == 2


class PushSetupV3(PushSetupV2, class_id=40, version=3):
    """Push setup: of a profile only some columns."""

    push_object_list = attribute(2, array(structure(**_OBJECT, restriction=RESTRICTION, columns=array(_COLUMN))))
