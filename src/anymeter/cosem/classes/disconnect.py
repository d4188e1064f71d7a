"""Disconnect control: connects and disconnects the premises, a valve or a switch. Class 70.

Source: EN 13757-1:2014, 6.4; DLMS UA 1000-1 Ed. 16, Part 2, 4.5.8. The moves have the letters of its state diagram.
"""

from __future__ import annotations

from typing import ClassVar, Final

from anymeter.cosem.classes.parts import blue_book, declined
from anymeter.cosem.enums import DataAccessResult
from anymeter.cosem.model import InterfaceClass, attribute, method, refuse, writes
from anymeter.cosem.schema import BOOLEAN, ENUM, INTEGER

DISCONNECTED: Final = 0
CONNECTED: Final = 1
READY: Final = 2

MOVES: Final[dict[str, tuple[str, int, int]]] = {
    "a": ("remote_reconnect", DISCONNECTED, CONNECTED),
    "b": ("remote_disconnect", CONNECTED, DISCONNECTED),
    "c": ("remote_disconnect", READY, DISCONNECTED),
    "d": ("remote_reconnect", DISCONNECTED, READY),
    "e": ("manual_reconnect", READY, CONNECTED),
    "f": ("manual_disconnect", CONNECTED, READY),
    "g": ("local_disconnect", CONNECTED, READY),
    "h": ("local_reconnect", READY, CONNECTED),
}
"""What each move is triggered by, from which control_state to which."""

MODES: Final = {0: "", 1: "bcdefg", 2: "abcefg", 3: "bcdeg", 4: "abceg", 5: "bcdefgh", 6: "bcdegh"}
"""The moves that a control_mode allows."""

_WORDS: Final = {
    0: "none, always connected",
    1: "remote, manual and local disconnect; remote reconnect needs a manual one",
    2: "remote, manual and local disconnect; remote reconnect connects",
    3: "remote and local disconnect; remote reconnect needs a manual one",
    4: "remote and local disconnect; remote reconnect connects",
    5: "as 1, with local reconnect",
    6: "as 3, with local reconnect",
}


class DisconnectControl(InterfaceClass, class_id=70, methods_at=0x20, clause=blue_book("4.5.8")):
    """Disconnect control: connected, disconnected or ready for reconnection, moved remotely, by hand or locally.

    Local functions (a limiter, prepayment) move it by the manufacturer's methods -1 and -2, which scripts can execute.
    A move that the control_mode does not allow in the present state is refused.
    """

    modes: ClassVar[dict[int, str]] = MODES

    output_state = attribute(2, BOOLEAN, default=True, dynamic=True)
    control_state = attribute(
        3, ENUM, default=CONNECTED, dynamic=True, words={0: "disconnected", 1: "connected", 2: "ready for reconnection"}
    )
    control_mode = attribute(4, ENUM, default=4, words=_WORDS)

    @method(1, INTEGER)
    def remote_disconnect(self, data: int, now: float) -> None:
        """Disconnect from afar: moves b, c."""
        self.move("remote_disconnect", now)

    @method(2, INTEGER)
    def remote_reconnect(self, data: int, now: float) -> None:
        """Reconnect from afar, or allow it to be done on the spot: moves a, d."""
        self.move("remote_reconnect", now)

    @method(-1, INTEGER)
    def local_disconnect(self, data: int, now: float) -> None:
        """Disconnect by a function of the device: move g."""
        self.move("local_disconnect", now)

    @method(-2, INTEGER)
    def local_reconnect(self, data: int, now: float) -> None:
        """Reconnect by a function of the device: move h."""
        self.move("local_reconnect", now)

    def manual_disconnect(self, now: float) -> None:
        """Somebody disconnects on the spot: move f."""
        self.move("manual_disconnect", now)

    def manual_reconnect(self, now: float) -> None:
        """Somebody reconnects on the spot: move e."""
        self.move("manual_reconnect", now)

    def move(self, trigger: str, now: float) -> None:
        """Move as *trigger* says; AccessError other-reason where the control_mode does not allow it from here."""
        state = self.control_state
        for letter in self.modes.get(self.control_mode, ""):
            wanted, before, after = MOVES[letter]
            if (wanted, before) == (trigger, state):
                self.put(3, after, now)
                self.put(2, after == CONNECTED, now)
                return
        raise declined(self, f"{trigger} in control_mode {self.control_mode} and control_state {state}")

    @writes(output_state, control_state)
    def _set_state(self, value: bool | int, now: float) -> None:
        raise refuse(DataAccessResult.read_write_denied, f"{self.logical_name} is moved by its methods")

    @writes(control_mode)
    def _set_control_mode(self, value: int, now: float) -> None:
        """Mode 0 knows only one state: it is refused unless that is the present one, nothing connects by itself."""
        if value not in self.modes or (value == 0 and self.control_state != CONNECTED):
            raise declined(self, f"control_mode {value}")
        self.put(4, value, now)


class DisconnectControlV1(DisconnectControl, class_id=70, version=1, methods_at=0x20):
    """Disconnect control: with control_mode 7, of whose moves one (i) is not known here."""

    modes: ClassVar[dict[int, str]] = {**MODES, 7: "abcegh"}

    control_mode = attribute(4, ENUM, default=4, words={**_WORDS, 7: "as 4, with local reconnect"})


class DisconnectControlV2(InterfaceClass, class_id=70, version=2, catalogued=True, clause=blue_book("4.5.8")):
    """Disconnect control: the newest version, of which only the name is known."""
