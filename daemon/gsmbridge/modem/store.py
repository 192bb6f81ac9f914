"""Reads and frees the slots of a message store, so that nothing is believed or lost by mistake.

Every read stands between two equal answers about the SIM's identity; where they differ it raises
`Unsettled` and yields nothing (I6). A slot is deleted only while it holds the very message that
is to go (I2).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from gsmbridge.at.channel import Channel
from gsmbridge.at.command import Command, Reply
from gsmbridge.dialects.dialect import Dialect
from gsmbridge.errors import ModemError
from gsmbridge.message import SlotToFree, StoredSms
from gsmbridge.modem import replies
from gsmbridge.modem.identity import SimIdentity, Unsettled, check
from gsmbridge.modem.patience import is_absent, patiently
from gsmbridge.modem.replies import Listing, Row, Usage
from gsmbridge.modem.setup import read_from, read_usage
from gsmbridge.sms.identity import tpdu_identity
from gsmbridge.sms.pdu import Deliver, Unreadable, decode

T = TypeVar("T")

Between = Callable[[], Awaitable[bool]]

ALL, UNREAD = 4, 0
"""Values of AT+CMGL in PDU mode (27.005, 3.4.2)."""
LISTING_TOTAL = 60.0
"""Seconds in all for a listing that keeps flowing."""
EMPTY_CMS = (321, 500)
"""Invalid memory index, unknown error: seen for an empty slot."""
EMPTY_CME = (-1, 21, 22)
"""The vendors' -1, invalid index, not found."""
BUSY_PATIENCE = 5.0
"""Seconds in which a slot may answer "busy" in mid-run."""


class Outcome(StrEnum):
    """What became of a slot that was to be freed; the words stand in log lines."""

    FREED = "freed"
    HOLDS_OTHER = "it holds another message"
    GONE = "it was empty already"
    DID_NOT_TAKE = "the delete did not take"
    CALLED_OFF = "the modem reported something in between"
    NOT_TOLD = "the modem does not tell what lies there"


class _NotTold(ModemError):
    """A slot gives neither its content nor that it is empty."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a pass over the store found."""

    rows: tuple[Row, ...]
    usage: Usage | None
    whole: bool
    """Every occupied slot was read."""


class Store:
    """The store of one appearance: one SIM, proved before and after each read."""

    def __init__(
        self,
        channel: Channel,
        dialect: Dialect,
        sim: SimIdentity,
        memory: str,
        main: str,
        unsettled: Callable[[], str] = lambda: "",
        again: Callable[[str], None] = lambda reason: None,
    ) -> None:
        """*main* is where the modem stores what comes. *unsettled* gives the reason why this
        appearance is over, if it is. *again* is told why a listing was read again."""
        self.memory = memory
        self._main = main
        self._channel = channel
        self._dialect = dialect
        self.sim = sim
        self._unsettled = unsettled
        self._again = again
        self._sent: set[int] = set()
        """Copies whose delete was sent, until it is journalled."""

    async def select(self) -> None:
        """Make this the store that is read and deleted from. Unsettled where the modem refuses."""
        if not await read_from(self._channel, self.memory, self._main, BUSY_PATIENCE):
            raise Unsettled(f"the modem does not change to {self.memory}")

    async def confirm(self) -> None:
        """Unsettled where this appearance's SIM is not proved to be in."""
        if reason := self._unsettled():
            raise Unsettled(reason)
        await check(self._channel, self.sim)
        if reason := self._unsettled():
            raise Unsettled(reason)

    async def _between_checks(self, read: Callable[[], Awaitable[T]]) -> T:
        await self.confirm()
        result = await read()
        await self.confirm()
        return result

    async def _here(self, read: Awaitable[T]) -> T:
        """What was read, if it was read in this store. Unsettled where the modem forgot which one
        that is: others hold what came for an earlier SIM."""
        result = await read
        await self.usage()
        return result

    async def usage(self) -> Usage | None:
        """Used and total slots of the store that is read. Unsettled where the modem forgot which
        one that was."""
        usage = await read_usage(self._channel)
        if usage is not None and usage.memory not in ("", self.memory):
            raise Unsettled(f"the modem reads {usage.memory} instead of {self.memory}")
        return usage

    async def read_slot(self, slot: int) -> Row | None:
        """What lies in *slot*; None if it is empty or not readable now."""
        try:
            return await self._between_checks(lambda: self._here(self._read_believed(slot)))
        except _NotTold:
            return None

    async def list_unread(self) -> tuple[Row, ...]:
        """The rows that the modem calls unread; of a damaged reply nothing."""

        async def read() -> tuple[Row, ...]:
            found = await self._here(self._listing(UNREAD))
            return tuple(row for row in found.rows if not found.damage and not self._doubtful(row))

        return await self._between_checks(read)

    async def list_all(self, between: Between) -> Contents:
        """Everything that lies in the store. *between* is awaited between two slots where it has
        to be read slot by slot; if it is true, the pass is no whole one."""
        return await self._between_checks(lambda: self._here(self._list_all(between)))

    async def _list_all(self, between: Between) -> Contents:
        usage = await self.usage()
        before: Listing | None = None
        for _ in range(2):
            found = await self._listing(ALL)
            doubt = self._doubt(found, usage)
            if not doubt or (found == before and not found.damage):
                return Contents(found.rows, usage, True)
            self._again(doubt)
            before = found
        return await self._slot_by_slot(usage, [row.slot for row in found.rows], between)

    def _doubt(self, found: Listing, usage: Usage | None) -> str:
        """Why a listing is read again; empty where it is believed at once."""
        if found.damage:
            return found.damage
        if any(self._doubtful(row) for row in found.rows):
            return "a PDU that cannot be decoded"
        if usage is not None and len(found.rows) < usage.used:
            return f"{len(found.rows)} rows for {usage.used} used slots"
        return ""

    @staticmethod
    def _doubtful(row: Row) -> bool:
        if not row.received or not row.pdu:
            return False
        return row.short or isinstance(decode(row.pdu), Unreadable)

    async def _listing(self, which: int) -> Listing:
        command = Command(
            f"AT+CMGL={which}",
            prefixes=(b"+CMGL:",),
            pdu=True,
            timeout=self._dialect.listing_patience,
            total=LISTING_TOTAL,
        )
        reply = await patiently(self._channel, command, BUSY_PATIENCE)
        if is_absent(reply):
            raise Unsettled(replies.text(reply.final))
        found = replies.listing(reply.lines)
        if found.text_mode:
            raise Unsettled("the modem forgot PDU mode")
        if not reply.ok:
            return Listing(damage=f"{command.text}: {replies.text(reply.final)}")
        return found

    async def _slot_by_slot(
        self, usage: Usage | None, listed: Sequence[int], between: Between
    ) -> Contents:
        """By AT+CMGR, where the listing is refused (EP06: CMS 303) or stays damaged. Bases differ,
        so both ends are asked."""
        last = max([usage.total if usage is not None else 0, *listed])
        rows: list[Row] = []
        whole = usage is not None
        for slot in range(last + 1):
            if await between():
                whole = False
            try:
                row = await self._read_believed(slot)
            except _NotTold:
                whole = False
                continue
            if row is not None:
                rows.append(row)
        return Contents(tuple(rows), usage, whole)

    async def _read_believed(self, slot: int) -> Row | None:
        """One slot; a doubtful answer is believed once two in a row are equal. `_NotTold` where
        the modem does not come to an answer."""
        before: Listing | None = None
        for _ in range(4):
            reply = await self._ask_slot(slot)
            found = replies.listing(reply.lines, slot)
            if found.text_mode:
                raise Unsettled("the modem forgot PDU mode")
            if not reply.ok and not _says_empty(reply):
                raise _NotTold(replies.text(reply.final))
            row = found.rows[0] if found.rows else None
            if not found.damage and (row is None or not self._doubtful(row) or found == before):
                return row
            before = found
        raise _NotTold(found.damage or "no two readings agree")

    async def _ask_slot(self, slot: int) -> Reply:
        command = Command(f"AT+CMGR={slot}", prefixes=(b"+CMGR:",), pdu=True)
        return await patiently(self._channel, command, BUSY_PATIENCE)

    async def free(self, wanted: SlotToFree) -> Outcome:
        """Delete one slot if it still holds the message that is meant. Unsettled: the SIM is in
        doubt, nothing is known of what came after the first check."""
        try:
            return await self._free(wanted)
        except _NotTold:
            return Outcome.NOT_TOLD

    def settled(self, copy: int) -> None:
        """The delete of this copy is journalled."""
        self._sent.discard(copy)

    async def _free(self, wanted: SlotToFree) -> Outcome:
        await self.confirm()
        seen = self._channel.urc_seen
        row = await self._read_believed(wanted.slot)
        if row is None:
            return Outcome.FREED if wanted.copy in self._sent else Outcome.GONE
        if not row.pdu or tpdu_identity(row.pdu) != wanted.identity:
            return Outcome.HOLDS_OTHER
        if self._channel.urc_seen != seen:
            return Outcome.CALLED_OFF
        self._sent.add(wanted.copy)  # should its reply get lost, an empty slot is our doing
        await self._channel.run(Command(f"AT+CMGD={wanted.slot}", timeout=30.0))
        left = await self._read_believed(wanted.slot)
        await self.confirm()
        if left is None:
            return Outcome.FREED
        same = left.pdu and tpdu_identity(left.pdu) == wanted.identity
        return Outcome.DID_NOT_TAKE if same else Outcome.FREED


def _says_empty(reply: Reply) -> bool:
    """Whether an error means an empty slot; CMS 321, 500, CME -1 and a bare ERROR are in use."""
    if reply.cms is not None:
        return reply.cms in EMPTY_CMS
    if reply.cme is not None:
        return reply.cme in EMPTY_CME
    return reply.final.strip().upper() == b"ERROR"


def oldest_first(rows: Sequence[Row]) -> tuple[StoredSms, ...]:
    """Received messages as the journal takes them, by the service centre's stamp where it has one;
    headers without a message and rows that were not received are left alone."""
    return tuple(
        StoredSms(row.slot, row.pdu)
        for row in sorted((row for row in rows if row.received and row.pdu), key=_age)
    )


def _age(row: Row) -> tuple[bool, float, int]:
    message = decode(row.pdu)
    scts = message.scts if isinstance(message, Deliver) else None
    return (scts is None, scts.timestamp() if scts else 0.0, row.slot)
