"""A server: one physical device, behind as many lines as lead to it. No I/O, no clock."""

from __future__ import annotations

from collections import deque
from typing import Final

from anymeter.cosem.device import PhysicalDevice
from anymeter.dlms.server.associations import Registrar
from anymeter.dlms.server.line import Line
from anymeter.dlms.server.settings import Settings

_FAULTS_KEPT: Final = 100


class Server:
    """Serves *device*; take a :meth:`line` for every connection, listening socket or bus.

    *faults*: the last errors of objects themselves, with the request that showed them. A client hears other-reason of
    them; whoever runs the server should look.
    """

    def __init__(self, device: PhysicalDevice, settings: Settings | None = None) -> None:
        self.device, self.settings = device, settings or Settings()
        self.faults: deque[tuple[str, Exception]] = deque(maxlen=_FAULTS_KEPT)
        self._registrar = Registrar(device)
        self._count = [0]

    @property
    def associations(self) -> int:
        """How many associations are open, on all lines."""
        return self._count[0]

    def line(self, *, datagrams: bool = False) -> Line:
        """One more line. *datagrams*: what comes there may come twice, late, or not at all."""
        return Line(self._registrar, self.settings, self.faults, self._count, datagrams=datagrams)
