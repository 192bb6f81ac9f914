"""Which store a modem is set to, in whatever form it takes AT+CPMS."""

from __future__ import annotations

import pytest
from tests.at.scripted import ScriptedModem, talk

from gsmbridge.at.channel import Channel
from gsmbridge.at.command import Urc
from gsmbridge.dialects.families import BASE
from gsmbridge.errors import CommandFailed
from gsmbridge.modem import setup

OK, ERROR = b"\r\nOK\r\n", b"\r\nERROR\r\n"
THREE, TWO, ONE = 'AT+CPMS="{0}","{0}","{0}"', 'AT+CPMS="{0}","{0}"', 'AT+CPMS="{0}"'


def is_at(memory: str) -> bytes:
    return f'\r\n+CPMS: "{memory}",3,20,"{memory}",3,20\r\n\r\nOK\r\n'.encode()


def selected(answers: dict[str, bytes], query: object) -> str:
    """The store that a modem with these answers is set to; all other names are refused."""

    async def dialogue(channel: Channel, modem: ScriptedModem, urcs: list[Urc]) -> str:
        return (await setup.select_store(channel, BASE)).memory

    forms = [form.format(memory) for memory in ("SM", "ME") for form in (THREE, TWO, ONE)]
    script = dict.fromkeys(forms, ERROR) | answers | {"AT+CPMS?": query}
    return talk(script, dialogue)


@pytest.mark.parametrize("form", [THREE, TWO, ONE])
def test_as_many_names_are_given_as_it_takes(form: str) -> None:
    assert selected({form.format("SM"): OK}, is_at("SM")) == "SM"


def test_one_that_is_there_already_may_refuse() -> None:
    assert selected({}, is_at("SM")) == "SM"


def test_one_that_does_not_tell_where_it_is_is_believed() -> None:
    assert selected({THREE.format("SM"): OK}, ERROR) == "SM"


def test_one_that_stays_at_its_own_memory_is_read_from_that() -> None:
    assert selected({THREE.format("SM"): OK, THREE.format("ME"): OK}, is_at("ME")) == "ME"


def test_one_that_is_nowhere_is_told() -> None:
    with pytest.raises(CommandFailed, match="neither the SIM's store nor the modem's own"):
        selected({}, ERROR)
