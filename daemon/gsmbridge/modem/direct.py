"""Messages that a modem hands over without storing them (+CMT): each is the only copy."""

from __future__ import annotations

from gsmbridge.at.channel import Channel
from gsmbridge.dialects.dialect import Dialect
from gsmbridge.message import Reading, SimSeen, StoredSms
from gsmbridge.modem import events as kinds
from gsmbridge.modem.appearance import Appearance
from gsmbridge.modem.hints import Hints
from gsmbridge.modem.intake import Intake
from gsmbridge.modem.teller import Teller


class DirectDelivery:
    """Journals what came past the store before anything else, under a SIM that is proved (I6)."""

    def __init__(self, path: str, hints: Hints, intake: Intake, teller: Teller) -> None:
        """*path*: of the port, as readings name it."""
        self._path = path
        self._hints = hints
        self._intake = intake
        self._teller = teller

    async def take(self, appearance: Appearance, channel: Channel, dialect: Dialect) -> None:
        """Journal what came, and only then acknowledge it. Unsettled where the SIM is in doubt:
        then it is still there to be held."""
        hints, subject = self._hints, appearance.subject
        if hints.direct_lost:
            lost, hints.direct_lost = hints.direct_lost, 0
            self._teller.tell(kinds.DIRECT_LOST, lost=lost)
        while hints.direct:
            direct = hints.direct[0]
            if direct.appearance != subject.token:
                await self.hold(subject.modem, direct.appearance)
                continue
            await appearance.main.store.confirm()
            await self._record(subject.sim.sim, subject.modem, subject.token, direct.pdu)
            hints.direct.popleft()
            appearance.found_new = True
            if dialect.acknowledge:
                await channel.run("AT+CNMA")

    async def hold(self, modem: str, appearance: str | None = None) -> None:
        """Journal messages whose SIM cannot be proved under no SIM at all: they are shown and
        held, since the wrong number would be worse (I6). *appearance*: only those of it."""
        hints = self._hints
        while hints.direct:
            direct = hints.direct[0]
            if appearance is not None and direct.appearance != appearance:
                return
            nobody = await self._intake.sim_seen(
                SimSeen(f"unproved {modem}", None, f"unproved {modem}")
            )
            await self._record(nobody.sim, modem, direct.appearance or "none", direct.pdu)
            hints.direct.popleft()
            self._teller.tell(kinds.DIRECT_UNATTRIBUTED)

    async def _record(self, sim: int, modem: str, appearance: str, pdu: str) -> None:
        await self._intake.record(
            Reading(
                sim=sim,
                modem=modem,
                path=self._path,
                appearance=appearance,
                store="",
                slots=(StoredSms(0, pdu),),
                arrived=True,
            )
        )
