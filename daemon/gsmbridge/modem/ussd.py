"""One USSD request to the network (22.090; AT+CUSD, 27.007, 7.15).

The answer is an unsolicited line, seconds later; the modem is read meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from gsmbridge.at.channel import Channel
from gsmbridge.at.command import Command, Urc
from gsmbridge.dialects.dialect import Dialect
from gsmbridge.errors import CommandFailed, ModemError
from gsmbridge.modem import replies
from gsmbridge.modem.errand import Errands
from gsmbridge.sms import ussd
from gsmbridge.sms.ussd import Answer

PATIENCE = 45.0
"""Seconds for the answer. Networks end a session by themselves after 30 or more."""
BEGIN_PATIENCE = 30.0
"""Seconds for the request to be taken; some modems say OK only when the answer is there."""
DCS = 15
"""GSM 7-bit, language unspecified (23.038, 5)."""


async def ask(errands: Errands, sim: int, code: str) -> Answer:
    """What the network answers to *code* from this SIM. ModemError: no answer, or none with a
    text, or the SIM was not the same before and after."""
    dialogue = _Dialogue(code)
    try:
        await errands.errand(sim, dialogue.begin)
        answer = await dialogue.result()
    finally:
        dialogue.stop_listening()
    await errands.errand(sim, dialogue.end)
    if answer is None:
        raise ModemError(f"no answer to {code} in {PATIENCE:.0f} s")
    if not answer.text:
        raise ModemError(f"{code}: {ussd.MEANINGS.get(answer.status, 'an empty answer')}")
    return answer


class _Dialogue:
    """One request and its answer."""

    def __init__(self, code: str) -> None:
        self._answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.stop_listening: Callable[[], None] = lambda: None
        self._code = code

    async def begin(self, channel: Channel, dialect: Dialect) -> None:
        """Send the request, in the form that the modem takes."""
        self.stop_listening = channel.listen(self._hear)
        for text in self._forms(dialect):
            command = Command(f'AT+CUSD=1,"{text}",{DCS}', timeout=BEGIN_PATIENCE)
            reply = await channel.run(command)
            if reply.ok:
                return
        raise CommandFailed(f"AT+CUSD={self._code}", replies.text(reply.final))

    async def result(self) -> Answer | None:
        """The answer; None if it has not come after `PATIENCE`."""
        done, _ = await asyncio.wait([self._answer], timeout=PATIENCE)
        return self._answer.result() if done else None

    async def end(self, channel: Channel, dialect: Dialect) -> None:
        """Leave no session open; refused where there is none any more."""
        await channel.run("AT+CUSD=2")

    def _forms(self, dialect: Dialect) -> Iterator[str]:
        forms = [self._code, ussd.packed(self._code)]
        yield from reversed(forms) if dialect.packed_ussd else forms

    def _hear(self, urc: Urc) -> None:
        answer = ussd.parse(urc.line)
        if answer is not None and not self._answer.done():
            self._answer.set_result(answer)
