"""``with connect_sync(url) as meter``: a meter over a blocking socket. The same as :mod:`.connect`, without asyncio."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Protocol, Self, TypeVar, overload

import msgspec

from anymeter.bridge.asking import Asking, Scan, Steps
from anymeter.bridge.reading import Message, Reading
from anymeter.cosem.members import Attribute, Method
from anymeter.cosem.profile_rows import Profile
from anymeter.cosem.schema import Schema
from anymeter.decoding import KeyRing
from anymeter.dlms.client.action import invoke
from anymeter.dlms.client.association import associate, release
from anymeter.dlms.client.get import Progress, get
from anymeter.dlms.client.objects import ObjectEntry
from anymeter.dlms.client.session import Session, Settings
from anymeter.dlms.conversation import Conversation
from anymeter.dlms.descriptors import SelectiveAccess
from anymeter.drivers.blocking import BlockingLine, Trace
from anymeter.drivers.postbox import Postbox
from anymeter.drivers.settings import connection
from anymeter.errors import AnymeterError, LinkError
from anymeter.links.events import Route
from anymeter.obis import Obis

T = TypeVar("T")
P = TypeVar("P")
R = TypeVar("R")
Arguments = ParamSpec("Arguments")


class Line(Protocol):
    """What a blocking meter speaks over: :class:`.blocking.BlockingLine` or :class:`.loopback.Loopback`."""

    def open(self, route: Route) -> None: ...
    def run(
        self, route: Route, conversation: Conversation[T], unsent: Callable[[], Iterable[bytes]] | None = None
    ) -> T: ...
    def close(self, route: Route) -> None: ...
    def tell(self, route: Route, apdu: bytes) -> None: ...
    def listen(self, seconds: float) -> None: ...
    def hang_up(self) -> None: ...


@contextmanager
def connect_sync(
    url: str,
    *,
    keys: KeyRing | None = None,
    password: str | bytes | None = None,
    trace: Trace | None = None,
    **settings: Any,
) -> Iterator[BlockingMeter]:
    """An association with the meter at *url*, released at the end.

    *keys* or *password* authenticate; *trace* is called with the octets that go (True) and come (False); *settings* are
    fields of :class:`anymeter.dlms.client.session.Settings` and count more than the options of the URL. Raises
    LinkError, AssociationRefused, ServiceRefused, DecodeError; LocalError for a URL or settings that cannot be.
    """
    found = connection(url, keys, password, **settings)
    postbox = Postbox(keys, lambda route, apdu: line.tell(route, apdu))
    line = BlockingLine.connected(
        found.kind,
        found.url.host,
        found.url.port,
        found.link(),
        timeout=found.timeout,
        connect_timeout=found.connect_timeout,
        unasked=postbox.unit,
        trace=trace,
    )
    try:
        with BlockingMeter(line, found.settings, found.route, postbox) as meter:
            yield meter
    finally:
        line.hang_up()


class BlockingMeter:
    """One association with a meter: what it does not do by itself, :meth:`run` does with any conversation."""

    def __init__(self, line: Line, settings: Settings, route: Route, postbox: Postbox | None = None) -> None:
        self.session = Session(settings, watcher=None if postbox is None else postbox.take)
        self.asking = Asking(self.session)
        self._line, self._route, self._postbox = line, route, postbox

    def __repr__(self) -> str:
        return f"<BlockingMeter: {self._route}>"

    def __enter__(self) -> Self:
        line, route = self._line, self._route
        line.open(route)
        try:
            line.run(route, associate(self.session), self.session.take_unsent)
        except AnymeterError:
            with suppress(LinkError):
                line.close(route)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release and disconnect; in haste, without either, when the line is gone or the user wants to stop."""
        if error is not None and (isinstance(error, LinkError) or not isinstance(error, Exception)):
            return
        with suppress(LinkError):
            self._line.run(self._route, release(self.session), self.session.take_unsent)
            self._line.close(self._route)

    def association(self, **settings: Any) -> BlockingMeter:
        """Another association on the same line, for ``with``: other client or server, other rights.

        *settings* are fields of :class:`anymeter.dlms.client.session.Settings`; the others stay as they are.
        """
        both = msgspec.structs.replace(self.session.settings, **settings)
        return BlockingMeter(self._line, both, Route(both.client, both.server, self._route.physical), self._postbox)

    def run(
        self,
        builder: Callable[Concatenate[Session, Arguments], Conversation[T]],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> T:
        """Run a conversation of :mod:`anymeter.dlms.client`: ``meter.run(read_clock)``."""
        return self._run(builder(self.session, *args, **kwargs))

    def _run(self, conversation: Conversation[T]) -> T:
        return self._line.run(self._route, conversation, self.session.take_unsent)

    @overload
    def read(self, name: Obis | str, /) -> Reading: ...
    @overload
    def read(self, *names: Obis | str, progress: Steps | None = None) -> list[Reading]: ...
    def read(self, *names: Obis | str, progress: Steps | None = None) -> Reading | list[Reading]:
        """The reading of one object (AccessError when it is refused), or those of several, or of everything offered.

        Of several, one that is refused has no value and says so in its ``status``. *progress* is told how many objects
        are done, of how many.
        """
        if len(names) == 1 and progress is None:
            return self._run(self.asking.read_one(names[0]))
        if not names:
            return self._run(self.asking.read_all(progress))
        return [reading for some in self._run(self.asking.read(names, progress)) for reading in some]

    def get(self, name: Obis | str, attribute: Attribute[T], selection: SelectiveAccess | None = None) -> T:
        """The value of an attribute: ``meter.get("0-0:1.0.0", Clock.time)``; AccessError when it is refused."""
        return self._run(get(self.session, name, attribute, selection))

    def set(self, name: Obis | str, attribute: Attribute[T], value: T, schema: Schema[Any] | None = None) -> None:
        """Set an attribute; AccessError when it is refused. *schema*: its new type, where its class leaves it open."""
        self._run(self.asking.set(name, attribute, value, schema))

    def call(self, name: Obis | str, method: Method[P, R], parameters: P) -> R | None:
        """Invoke a method; its result, None where it has none. AccessError when it is refused."""
        invoked = invoke(self.session, name, method, parameters)
        return self._run(invoked)

    def profile(
        self,
        name: Obis | str,
        *,
        since: dt.datetime | None = None,
        until: dt.datetime | None = None,
        entries: int | tuple[int, int] | None = None,
        progress: Progress | None = None,
    ) -> Profile:
        """The entries of a profile: all, by time, the last *entries*, or the first to the last of two numbers.

        *since* and *until* are both included, naive ones are local time of the meter. Entries count from 1, as the
        meter has them. *progress* is told how many octets have come.
        """
        asked = self.asking.profile(name, since=since, until=until, entries=entries, progress=progress)
        return self._run(asked)

    def objects(self, progress: Progress | None = None) -> Sequence[ObjectEntry]:
        """The objects that this association may see; read once, then remembered. *progress* is told the octets."""
        return self._run(self.asking.objects(progress))

    def scan(self, progress: Progress | None = None) -> Scan:
        """What this logical device says of itself: name, logical devices, associations, objects."""
        return self._run(self.asking.scan(progress))

    def listen(self, seconds: float | None = None) -> Iterator[Message | AnymeterError]:
        """What the meter sends unasked over this association, for so many seconds or until the line is down."""
        postbox = self._postbox
        if postbox is None:
            return
        until = None if seconds is None else time.monotonic() + seconds
        while True:
            while postbox.messages:
                yield postbox.messages.popleft()
            rest = 1.0 if until is None else until - time.monotonic()
            if rest <= 0:
                return
            self._line.listen(min(rest, 1.0))
