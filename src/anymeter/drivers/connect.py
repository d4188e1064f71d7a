"""``async with connect(url) as meter``: a meter over asyncio. The same as :mod:`.connect_sync`, and awaited."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar, overload

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
from anymeter.drivers.aio import AsyncLine, Trace
from anymeter.drivers.postbox import Postbox
from anymeter.drivers.settings import connection
from anymeter.errors import AnymeterError, LinkError
from anymeter.links.events import Route
from anymeter.obis import Obis

T = TypeVar("T")
P = TypeVar("P")
R = TypeVar("R")
Arguments = ParamSpec("Arguments")


@asynccontextmanager
async def connect(
    url: str,
    *,
    keys: KeyRing | None = None,
    password: str | bytes | None = None,
    trace: Trace | None = None,
    **settings: Any,
) -> AsyncIterator[AsyncMeter]:
    """An association with the meter at *url*, released at the end.

    *keys* or *password* authenticate; *trace* is called with the octets that go (True) and come (False); *settings* are
    fields of :class:`anymeter.dlms.client.session.Settings` and count more than the options of the URL. Raises
    LinkError, AssociationRefused, ServiceRefused, DecodeError; LocalError for a URL or settings that cannot be.
    """
    found = connection(url, keys, password, **settings)
    postbox = Postbox(keys, lambda route, apdu: line.tell(route, apdu))
    line = await AsyncLine.connected(
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
        async with AsyncMeter(line, found.settings, found.route, postbox) as meter:
            yield meter
    finally:
        line.hang_up()


class AsyncMeter:
    """One association with a meter: what it does not do by itself, :meth:`run` does with any conversation."""

    def __init__(self, line: AsyncLine, settings: Settings, route: Route, postbox: Postbox | None = None) -> None:
        self.session = Session(settings, watcher=None if postbox is None else postbox.take)
        self.asking = Asking(self.session)
        self._line, self._route, self._postbox = line, route, postbox

    def __repr__(self) -> str:
        return f"<AsyncMeter: {self._route}>"

    async def __aenter__(self) -> Self:
        line, route = self._line, self._route
        await line.open(route)
        try:
            await line.run(route, associate(self.session), self.session.take_unsent)
        except AnymeterError:
            with suppress(LinkError):
                await line.close(route)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release and disconnect; in haste, without either, when the line is gone or the user wants to stop."""
        if error is not None and (isinstance(error, LinkError) or not isinstance(error, Exception)):
            return
        with suppress(LinkError):
            await self._line.run(self._route, release(self.session), self.session.take_unsent)
            await self._line.close(self._route)

    def association(self, **settings: Any) -> AsyncMeter:
        """Another association on the same line, for ``async with``: other client or server, other rights.

        *settings* are fields of :class:`anymeter.dlms.client.session.Settings`; the others stay as they are.
        """
        both = msgspec.structs.replace(self.session.settings, **settings)
        return AsyncMeter(self._line, both, Route(both.client, both.server, self._route.physical), self._postbox)

    async def run(
        self,
        builder: Callable[Concatenate[Session, Arguments], Conversation[T]],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> T:
        """Run a conversation of :mod:`anymeter.dlms.client`: ``meter.run(read_clock)``."""
        return await self._run(builder(self.session, *args, **kwargs))

    async def _run(self, conversation: Conversation[T]) -> T:
        return await self._line.run(self._route, conversation, self.session.take_unsent)

    @overload
    async def read(self, name: Obis | str, /) -> Reading: ...
    @overload
    async def read(self, *names: Obis | str, progress: Steps | None = None) -> list[Reading]: ...
    async def read(self, *names: Obis | str, progress: Steps | None = None) -> Reading | list[Reading]:
        """The reading of one object (AccessError when it is refused), or those of several, or of everything offered.

        Of several, one that is refused has no value and says so in its ``status``. *progress* is told how many objects
        are done, of how many.
        """
        if len(names) == 1 and progress is None:
            return await self._run(self.asking.read_one(names[0]))
        if not names:
            return await self._run(self.asking.read_all(progress))
        return [reading for some in await self._run(self.asking.read(names, progress)) for reading in some]

    async def get(self, name: Obis | str, attribute: Attribute[T], selection: SelectiveAccess | None = None) -> T:
        """The value of an attribute: ``meter.get("0-0:1.0.0", Clock.time)``; AccessError when it is refused."""
        return await self._run(get(self.session, name, attribute, selection))

    async def set(self, name: Obis | str, attribute: Attribute[T], value: T, schema: Schema[Any] | None = None) -> None:
        """Set an attribute; AccessError when it is refused. *schema*: its new type, where its class leaves it open."""
        await self._run(self.asking.set(name, attribute, value, schema))

    async def call(self, name: Obis | str, method: Method[P, R], parameters: P) -> R | None:
        """Invoke a method; its result, None where it has none. AccessError when it is refused."""
        invoked = invoke(self.session, name, method, parameters)
        return await self._run(invoked)

    async def profile(
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
        return await self._run(asked)

    async def objects(self, progress: Progress | None = None) -> Sequence[ObjectEntry]:
        """The objects that this association may see; read once, then remembered. *progress* is told the octets."""
        return await self._run(self.asking.objects(progress))

    async def scan(self, progress: Progress | None = None) -> Scan:
        """What this logical device says of itself: name, logical devices, associations, objects."""
        return await self._run(self.asking.scan(progress))

    async def listen(self, seconds: float | None = None) -> AsyncIterator[Message | AnymeterError]:
        """What the meter sends unasked over this association, for so many seconds or until the line is down."""
        postbox, loop = self._postbox, asyncio.get_running_loop()
        if postbox is None:
            return
        until = None if seconds is None else loop.time() + seconds
        while True:
            while postbox.messages:
                yield postbox.messages.popleft()
            rest = 1.0 if until is None else until - loop.time()
            if rest <= 0:
                return
            await self._line.listen(min(rest, 1.0))
