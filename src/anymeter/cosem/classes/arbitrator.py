"""Arbitrator: which of several actors has its way. Class 68.

Source: DLMS UA 1000-1 Ed. 16, Part 2, 4.5.12.
"""

from __future__ import annotations

from anymeter.cosem.classes.parts import blue_book, declined
from anymeter.cosem.classes.scripts import REFERENCE
from anymeter.cosem.classes.watching import execute
from anymeter.cosem.enums import ActionResult
from anymeter.cosem.model import InterfaceClass, attribute, method, refuse
from anymeter.cosem.schema import BIT_STRING, INTEGER, LONG_UNSIGNED, UNSIGNED, array, structure
from anymeter.cosem.values import BitString


class Arbitrator(InterfaceClass, class_id=68, methods_at=0x30, clause=blue_book("4.5.12")):
    """Arbitrator: actors ask for actions, and the action of the greatest weight is executed.

    Actors and actions are counted from 1, the first bit of a request is the first action. The weight of an action is
    the sum of the weights of those actors whose most recent request asks for it; where two share the greatest, and
    where nobody asks for anything, nothing is executed. ``last_outcome`` is the action last executed, 0 for none.
    """

    actions = attribute(2, array(REFERENCE))
    permissions_table = attribute(3, array(BIT_STRING))
    weightings_table = attribute(4, array(array(LONG_UNSIGNED)))
    most_recent_requests_table = attribute(5, array(BIT_STRING), dynamic=True)
    last_outcome = attribute(6, UNSIGNED, dynamic=True)

    @method(1, structure(request_actor=UNSIGNED, request_action_list=BIT_STRING))
    def request_action(self, data: tuple[int, BitString], now: float) -> None:
        """An actor asks for actions, in place of those it asked for before; refused where one is not permitted."""
        actor, wanted = data
        if not 1 <= actor <= len(self.permissions_table) or len(wanted) != len(self.actions):
            raise declined(self, f"request of actor {actor} for {len(wanted)} actions")
        permitted = self.permissions_table[actor - 1]
        if any(wanted[n] and not _bit(permitted, n) for n in range(len(wanted))):
            raise refuse(ActionResult.read_write_denied, f"{self.logical_name} actor {actor} asks for {wanted}")
        table = self._requests()
        table[actor - 1] = wanted
        self.put(5, table, now)
        self._decide(now)

    @method(2, INTEGER)
    def reset(self, data: int, now: float) -> None:
        """Forget all requests and the last outcome; nothing is executed."""
        self.put(5, [self._none()] * len(self.permissions_table), now)
        self.put(6, 0, now)

    def weights(self) -> list[int]:
        """The weight of each action by the most recent requests."""
        rows = list(zip(self._requests(), self.weightings_table, strict=False))
        return [
            sum(row[n] for requests, row in rows if _bit(requests, n) and n < len(row))
            for n in range(len(self.actions))
        ]

    def _decide(self, now: float) -> None:
        weights = self.weights()
        greatest = max(weights, default=0)
        if greatest and weights.count(greatest) == 1:
            chosen = weights.index(greatest)
            self.put(6, chosen + 1, now)
            execute(self, self.actions[chosen], now)

    def _requests(self) -> list[BitString]:
        """The most recent request of every actor."""
        known = list(self.most_recent_requests_table[: len(self.permissions_table)])
        return known + [self._none()] * (len(self.permissions_table) - len(known))

    def _none(self) -> BitString:
        return BitString(bytes((len(self.actions) + 7) // 8), len(self.actions))


def _bit(bits: BitString, index: int) -> bool:
    return index < len(bits) and bits[index]
