"""One line of a server: many clients, each with its associations, and what every APDU that comes is answered.

``answer`` is total: whatever octets come, it raises nothing. Units for the all-station address reach every logical
device and are never answered. Source: EN 13757-1:2014, 4.3, 8.3.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from anymeter.cosem.associations import AssociationProfile
from anymeter.cosem.device import FAULTS
from anymeter.cosem.enums import Conformance
from anymeter.cosem.surroundings import Outgoing
from anymeter.dlms.server import notify
from anymeter.dlms.server.association_object import show
from anymeter.dlms.server.associations import MOST_OCTETS, Granted, Registrar, conformance_of, kept, released
from anymeter.dlms.server.authentication import ACCEPTED
from anymeter.dlms.server.block_transfer import unconfirmed
from anymeter.dlms.server.exchange import AARQ, ANSWERS, CONFIRM, RLRQ, SPECIAL, plain, served
from anymeter.dlms.server.reach import Reach
from anymeter.dlms.server.refusals import NOT_ASSOCIATED, UNDECODABLE, refused
from anymeter.dlms.server.repeats import Repeats
from anymeter.dlms.server.settings import Settings
from anymeter.dlms.server.state import ASSOCIATED, PENDING, Association
from anymeter.errors import DecodeError, LocalError
from anymeter.links.events import Route, Unit
from anymeter.links.wrapper import MAX_DATAGRAM_APDU

_ALL_STATIONS: Final = (0x7F, 0x3FFF)


class Line:
    """See :meth:`anymeter.dlms.server.Server.line`. *associations*: the open ones by their route.

    *awaited*: confirmed notifications, by number, that nobody has confirmed yet.
    """

    def __init__(
        self,
        registrar: Registrar,
        settings: Settings,
        faults: deque[tuple[str, Exception]],
        count: list[int],
        *,
        datagrams: bool,
    ) -> None:
        self.associations: dict[Route, Association] = {}
        self._registrar, self._settings, self._faults, self._count = registrar, settings, faults, count
        self._device, self._datagrams = registrar.device, datagrams
        self._awaited = notify.Awaited()

    @property
    def awaited(self) -> dict[int, Outgoing]:
        """Confirmed notifications that nobody has confirmed yet, by the number of :meth:`notify`."""
        return self._awaited.sent

    def answer(self, unit: Unit, now: float) -> list[Unit]:
        """What to send back for *unit*: nothing, one unit, or the blocks of a burst. Before, what is due is done."""
        route, octets = unit.route, unit.apdu
        if not octets:
            return []
        device = self._device.logical.get(route.server)
        if device is not None:
            try:
                device.advance(now)
            except FAULTS as error:
                self._faults.append((f"advance to {now}", error))
        association = self.associations.get(route)
        if octets[0] in SPECIAL or association is None or association.repeats is not None:
            out = self._special(association, route, octets, now)
        else:
            out = plain(association, octets, now)
        if unit.confirmed:
            return [Unit(route, apdu) for apdu in out]
        if association is None:
            self._forget_standing(route, now)
        return []

    def closed(self, route: Route | None, now: float) -> None:
        """The link below is down for *route*, or for all with None: its associations are aborted."""
        for gone in [route] if route is not None else list(self.associations):
            self._drop(gone, now)

    def next_timeout(self) -> float | None:
        """When :meth:`handle_timeout` is due, None for never."""
        return min((at for a in self.associations.values() for at in a.deadlines()), default=None)

    def handle_timeout(self, now: float) -> list[Unit]:
        """Forget transfers that do not go on; ask for the blocks that are missing."""
        out = []
        for route, association in self.associations.items():
            blocks = association.blocks
            if association.busy and now >= association.touched + self._settings.transfer_timeout:
                association.abandon()
                association.blocks = None
            elif blocks is not None:
                out += [Unit(route, apdu) for apdu in blocks.remind(now, self._settings.silence)]
        return out

    # --- unasked ---

    def notify(self, route: Route, outgoing: Outgoing, now: float, *, date_time: bytes = b"") -> tuple[int, list[Unit]]:
        """A data-notification to a client, or along a route without an association: its number, and the units to send.

        A confirmed one is :attr:`awaited` under its number until the client confirms it; the caller repeats it.
        LocalError when the association on this route has not negotiated it.
        """
        self._check(route, Conformance.data_notification)
        number = self._awaited.number(outgoing)
        apdu = notify.data_notification(number, outgoing.body, date_time=date_time, confirmed=outgoing.confirmed)
        return number, self._units(route, apdu, outgoing.confirmed, now)

    def event(
        self, route: Route, descriptor: bytes, value: bytes, now: float, *, time: bytes | None = None
    ) -> list[Unit]:
        """An event-notification about one attribute, by its Cosem-Attribute-Descriptor (9 octets) and encoded *value*.

        *time*: when it happened, the octets of a date-time. LocalError when the client has not negotiated it.
        """
        self._check(route, Conformance.event_notification)
        return self._units(route, notify.event_notification(descriptor, value, time=time), False, now)

    def report(
        self, route: Route, items: Sequence[tuple[int, bytes]], now: float, *, time: str | None = None
    ) -> list[Unit]:
        """An information report: short names with their encoded values; *time* is the text of a GeneralizedTime.

        LocalError when the client has not negotiated it.
        """
        self._check(route, Conformance.information_report)
        return self._units(route, notify.information_report(items, time=time), False, now)

    def _check(self, route: Route, needed: Conformance) -> None:
        association = self.associations.get(route)
        if association is not None and not association.allows(int(needed)):
            raise LocalError(f"{needed.words} was not negotiated with {route}")

    def _units(self, route: Route, apdu: bytes, confirmed: bool, now: float) -> list[Unit]:
        association = self.associations.get(route)
        if association is None:  # nor need there be a link: it goes as what no link repeats
            return [Unit(route, apdu, False)]
        if association.guard is not None:
            apdu = association.guard.closed(apdu, b"", now)
        limit = association.send_limit
        if len(apdu) <= limit:
            return [Unit(route, apdu, confirmed)]
        if not association.general_blocks:
            raise LocalError(f"{len(apdu)} octets are more than the {limit} that {route} takes")
        return [Unit(route, part, False) for part in unconfirmed(apdu, limit)]

    # --- asked ---

    def _special(self, association: Association | None, route: Route, octets: bytes, now: float) -> list[bytes]:
        """Everything but plain services of an open association, and those where datagrams come twice."""
        tag = octets[0]
        if tag in ANSWERS:
            return []
        if route.server in _ALL_STATIONS and route.server not in self._device.logical:
            return self._everywhere(route, octets, now)
        if association is not None and association.repeats is not None:
            known = association.repeats.answer(octets, now)
            if known is not None:
                return known
        try:
            if tag == AARQ:
                return self._associate(route, octets, now)
            if tag == RLRQ:
                return self._release(association, route, octets, now)
            if tag == CONFIRM:
                self._awaited.confirmed(octets)
                return []
        except DecodeError:
            return [refused(octets, UNDECODABLE)]
        except FAULTS as error:
            self._faults.append((f"associate {route}", error))
            return [refused(octets, UNDECODABLE)]
        association = association or self._standing(route, now)
        if association is None:
            return _some(refused(octets, NOT_ASSOCIATED))
        return served(association, octets, now)

    def _everywhere(self, route: Route, octets: bytes, now: float) -> list[bytes]:
        for sap in self._device.logical:
            self.answer(Unit(Route(route.client, sap, route.physical), octets, False), now)
        return []

    # --- associations ---

    def _associate(self, route: Route, octets: bytes, now: float) -> list[bytes]:
        """An AARQ; an association that is open on the same route is released before."""
        others = self._count[0] - (route in self.associations)
        answered = self._registrar.answer(octets, route, others >= self._settings.most_associations, now)
        self._drop(route, now)
        if answered.granted is not None:
            association = self._open(route, answered.granted, now)
            association.answers = bool(answered.response)
            if association.repeats is not None:
                association.repeats.keep(octets, [answered.response], now)
        return _some(answered.response)

    def _release(self, association: Association | None, route: Route, octets: bytes, now: float) -> list[bytes]:
        """An RLRQ; it is answered where there is no association too, as the first answer may have got lost."""
        profile = self._profile(route)
        if profile is not None and profile.pre_established:
            return [kept(octets)]
        response = released(octets)
        quiet = association is not None and not association.answers
        self._drop(route, now)
        return [] if quiet else [response]

    def _profile(self, route: Route) -> AssociationProfile | None:
        """What was agreed on with the client at the one end of *route* by the logical device at the other."""
        device = self._device.logical.get(route.server)
        return None if device is None else device.associations.get(route.client)

    def _standing(self, route: Route, now: float) -> Association | None:
        """The association that is there without being asked for."""
        device, profile = self._device.logical.get(route.server), self._profile(route)
        if device is None or profile is None or not profile.pre_established:
            return None
        if self._count[0] >= self._settings.most_associations:
            return None
        conformance = conformance_of(profile)
        granted = Granted(device, profile, conformance, profile.max_send_pdu or MOST_OCTETS, None, ACCEPTED)
        return self._open(route, granted, now)

    def _forget_standing(self, route: Route, now: float) -> None:
        """An unconfirmed unit has opened a standing association: no link tells when that is over."""
        association = self.associations.get(route)
        if association is not None and association.profile.pre_established and not association.busy:
            self._drop(route, now)

    def _open(self, route: Route, granted: Granted, now: float) -> Association:
        settings, limit = self._settings, granted.send_limit
        reach = Reach(granted.device, granted.profile, granted.conformance, settings.most_transfer, self._faults)
        if self._datagrams:
            limit = min(limit, MAX_DATAGRAM_APDU)
        association = Association(route, granted.device, granted.profile, reach, limit, settings)
        association.user, association.challenge = granted.user, granted.verdict.challenge
        association.status = PENDING if association.challenge else ASSOCIATED
        if self._datagrams:
            association.repeats = Repeats(settings.repeat_window, settings.most_repeats)
        self.associations[route] = association
        self._count[0] += 1
        show(association, association.status, now)
        return association

    def _drop(self, route: Route, now: float) -> None:
        association = self.associations.pop(route, None)
        if association is not None:
            self._count[0] -= 1
            show(association, 0, now)


def _some(response: bytes) -> list[bytes]:
    return [response] if response else []
