"""The server end of the application layer: :class:`Server`, its :class:`Line`\\ s and their :class:`Settings`."""

from anymeter.dlms.server.line import Line
from anymeter.dlms.server.server import Server
from anymeter.dlms.server.settings import Settings

__all__ = ["Line", "Server", "Settings"]
