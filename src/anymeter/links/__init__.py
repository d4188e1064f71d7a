"""Links: frames and readouts as octets, both ends of a line as machines; no sockets, no clock."""

from __future__ import annotations

from anymeter.links.events import Closed, Discarded, Event, Opened, Route, Unit
from anymeter.links.link import Link

__all__ = ["Closed", "Discarded", "Event", "Link", "Opened", "Route", "Unit"]
