import asyncio

import pytest
from tests.at.scripted import DELIVERIES, talk

from gsmbridge.at.command import Command, Urc
from gsmbridge.errors import CommandTimeout, PortLost

PDU = b"07919730071111F1040B919780880150F0000011112131415100024F0A"
LIST = Command("AT+CMGL=4", (b"+CMGL:",), pdu=True, total=60)
READ_3 = Command("AT+CMGR=3", (b"+CMGR:",), pdu=True)
READ_4 = Command("AT+CMGR=4", (b"+CMGR:",), pdu=True)
DELETE = Command("AT+CMGD=3")
CCID = Command("AT+CCID", (b"+CCID:",), required=True)
STORED_3 = b"\r\n+CMGR: 0,,3\r\n00333333\r\n\r\nOK\r\n"
STORED_4 = b"\r\n+CMGR: 0,,3\r\n00444444\r\n\r\nOK\r\n"
CARD = b"\r\n+CCID: 8970101\r\n\r\nOK\r\n"
OK = b"\r\nOK\r\n"


async def outcome(coroutine):
    try:
        return await coroutine
    except CommandTimeout as error:
        return error


@pytest.mark.parametrize("deliver", DELIVERIES)
def test_a_conversation_is_the_same_over_every_transport(deliver):
    listing = b"".join(b"\r\n+CMGL: %d,0,,21\r\n%s" % (slot, PDU) for slot in range(20))
    script = {
        "ATE0": b"ATE0\r" + OK,
        "AT+CMGL=4": b'\r\n+CMTI: "SM",7\r\n' + listing + b"\r\n^RSSI: 20\r\n" + OK,
        "AT+CCID": CARD,
        "AT+CMGD=3": b"\r\n+CMS ERROR: 321\r\n",
    }

    async def dialogue(channel, modem, urcs):
        await channel.resync(5)
        replies = [await channel.run(command) for command in ("ATE0", LIST, CCID, DELETE)]
        return replies, urcs, channel.urc_seen, channel.needs_resync

    replies, urcs, urc_seen, needs_resync = talk(script, dialogue, deliver)
    assert [reply.final for reply in replies] == [b"OK", b"OK", b"OK", b"+CMS ERROR: 321"]
    assert len(replies[1].lines) == 40
    assert replies[2].value() == b"8970101"
    assert replies[3].cms == 321
    assert urcs == [Urc(b'+CMTI: "SM",7'), Urc(b"^RSSI: 20")]
    assert urc_seen == 1
    assert not needs_resync


def test_commands_run_one_at_a_time_first_come_first_served():
    async def dialogue(channel, modem, urcs):
        commands = [f"AT+X{number}" for number in range(5)]
        modem.script.update((text, ((0.5, OK),)) for text in commands)
        await asyncio.gather(*(channel.run(text) for text in commands))
        return modem.received == commands, modem.world.now

    in_order, now = talk({}, dialogue)
    assert in_order
    assert now > 1002.4


def test_silence_is_a_time_out_however_many_urcs_flow():
    async def dialogue(channel, modem, urcs):
        for second in range(60):
            modem.say(b"^RSSI: 20\r\n", second)
        began = modem.world.now
        assert isinstance(await outcome(channel.run(LIST)), CommandTimeout)
        return modem.world.now - began, channel.needs_resync, channel.last_byte - began

    waited, needs_resync, babble = talk({}, dialogue)
    assert waited == pytest.approx(10)
    assert needs_resync
    assert babble >= 9


def test_a_listing_that_keeps_flowing_may_take_its_total():
    lines = [(5.0 * slot, b"\r\n+CMGL: %d,0,,21\r\n%s\r\n" % (slot, PDU)) for slot in range(1, 9)]

    async def dialogue(channel, modem, urcs):
        return await channel.run(LIST)

    assert len(talk({"AT+CMGL=4": (*lines, (41.0, OK))}, dialogue).lines) == 16


def test_a_listing_that_never_ends_takes_its_total_and_no_more():
    lines = [(5.0 * slot, b"\r\n+CMGL: %d,0,,21\r\n%s\r\n" % (slot, PDU)) for slot in range(1, 60)]

    async def dialogue(channel, modem, urcs):
        return await outcome(channel.run(LIST)), modem.world.now

    error, now = talk({"AT+CMGL=4": tuple(lines)}, dialogue)
    assert isinstance(error, CommandTimeout)
    assert now == pytest.approx(1060, abs=1)


def test_a_long_line_that_flows_byte_by_byte_is_a_sign_of_life():
    line = b"+CMGR: 0,,3\r\n00" + b"FF" * 60
    trickle = [(0.2 * index, line[index : index + 1]) for index in range(len(line))]

    async def dialogue(channel, modem, urcs):
        read = Command("AT+CMGR=3", (b"+CMGR:",), pdu=True, total=60)
        return await channel.run(read)

    assert talk({"AT+CMGR=3": (*trickle, (30.0, OK))}, dialogue).ok


def test_a_reply_that_lacks_only_its_final_result_ends_with_a_short_silence():
    async def dialogue(channel, modem, urcs):
        reply = await channel.run(Command("AT+CPIN?", (b"+CPIN:",), lenient=True))
        return reply, modem.world.now, channel.needs_resync

    reply, now, needs_resync = talk({"AT+CPIN?": b"\r\n+CPIN: READY\r\n"}, dialogue)
    assert reply.value() == b"READY"
    assert now < 1001
    assert not needs_resync


@pytest.mark.parametrize("late", [10.2, 10.4, 11.5, 13.0, 19.0])
def test_a_late_reply_is_not_the_next_commands_where_answers_come_in_order(late):
    """The modem was busy: it answers AT and the rest only after the command that took long."""

    async def dialogue(channel, modem, urcs):
        busy_until = modem.world.now + late

        def in_order(text):
            answers = {"AT": OK, "AT+CMGR=3": STORED_3, "AT+CMGR=4": STORED_4}
            answer = answers.get(text, b"\r\n" + text[2:-1].encode() + b": 1\r\n" + OK)
            modem.say(answer, max(0.001, busy_until - modem.world.now))

        modem._answer = in_order
        assert isinstance(await outcome(channel.run(READ_3)), CommandTimeout)
        reply = await channel.run(READ_4)
        return reply.lines, channel.needs_resync

    lines, needs_resync = talk({}, dialogue)
    assert lines == (b"+CMGR: 0,,3", b"00444444")
    assert not needs_resync


@pytest.mark.parametrize("late", [10.05, 10.5, 11.0, 11.2, 11.3, 11.35, 12.0, 20.0])
@pytest.mark.parametrize("late_reply", [STORED_3, OK, b"\r\n+CMS ERROR: 321\r\n"])
def test_a_reply_later_than_newer_ones_makes_no_other_reply_wrong(late, late_reply):
    """The modem answers AT while the old command still runs. Either the late reply is seen for
    what it is, or the command that it might have ended counts as timed out."""
    script = {
        "AT+CMGR=3": [((late, late_reply),)],
        "AT+CMGR=4": ((0.05, STORED_4),),
        "AT+CMGD=3": ((0.1, b"\r\n+CMS ERROR: 500\r\n"),),
    }

    async def dialogue(channel, modem, urcs):
        outcomes = [await outcome(channel.run(READ_3))]
        for _ in range(10):
            outcomes.append(await outcome(channel.run(DELETE)))
            outcomes.append(await outcome(channel.run(READ_4)))
        return outcomes

    outcomes = talk(script, dialogue)
    assert isinstance(outcomes.pop(0), CommandTimeout)
    for reply in outcomes[0::2]:
        assert isinstance(reply, CommandTimeout) or reply.cms == 500
    for reply in outcomes[1::2]:
        assert isinstance(reply, CommandTimeout) or reply.lines == (b"+CMGR: 0,,3", b"00444444")
    assert sum(isinstance(reply, CommandTimeout) for reply in outcomes) <= 1


def test_a_stray_final_result_between_commands_makes_the_next_one_resynchronise():
    async def dialogue(channel, modem, urcs):
        modem.say(OK)
        await asyncio.sleep(1)
        assert channel.needs_resync
        await channel.run(DELETE)
        return modem.received

    assert talk({"AT+CMGD=3": OK}, dialogue) == ["AT", "AT+CMEE?", "AT+CMGD=3"]


def test_a_late_reply_counts_as_a_sign_that_what_was_read_may_have_changed():
    async def dialogue(channel, modem, urcs):
        modem.say(OK)
        await asyncio.sleep(1)
        return channel.urc_seen

    assert talk({}, dialogue) == 1


def test_resync_leaves_the_prompt():
    async def dialogue(channel, modem, urcs):
        written = []
        modem.write = lambda data: (written.append(data), type(modem).write(modem, data))
        modem.say(b"\r\n> ")
        await asyncio.sleep(1)
        await channel.resync(5)
        return written

    assert talk({}, dialogue)[0] == b"\x1b"


def test_resync_repeats_an_at_that_was_ignored_and_takes_a_modem_that_knows_no_marker():
    async def dialogue(channel, modem, urcs):
        await channel.resync(10)
        return modem.received

    script = {"AT": [b"", OK], "AT+CMEE?": b"\r\nERROR\r\n", "AT+CMGF?": b"\r\nERROR\r\n"}
    assert talk(script, dialogue) == ["AT", "AT", "AT+CMEE?", "AT+CMGF?"]


def test_resync_gives_up_after_its_patience():
    async def dialogue(channel, modem, urcs):
        began = modem.world.now
        with pytest.raises(CommandTimeout):
            await channel.resync(7)
        return modem.world.now - began

    assert talk({"AT": b""}, dialogue) == pytest.approx(7)


def test_a_cancelled_command_leaves_nothing_for_the_next():
    async def dialogue(channel, modem, urcs):
        task = asyncio.create_task(channel.run(READ_3))
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.wait([task])
        return (await channel.run(READ_4)).lines

    script = {"AT+CMGR=3": ((0.15, STORED_3),), "AT+CMGR=4": STORED_4}
    assert talk(script, dialogue) == (b"+CMGR: 0,,3", b"00444444")


def test_a_lost_port_ends_the_pending_command_and_all_later_ones():
    async def dialogue(channel, modem, urcs):
        modem.world.call_later(1, lambda: modem.lose("/dev/ttyUSB0: unplugged"))
        for command in (LIST, DELETE):
            with pytest.raises(PortLost, match="ttyUSB0: unplugged"):
                await channel.run(command)
        with pytest.raises(PortLost):
            await channel.resync(5)

    talk({}, dialogue)


def test_a_port_lost_while_the_pace_is_kept_is_told_at_once():
    async def dialogue(channel, modem, urcs):
        channel.learn(pace=1.0)
        await channel.run(DELETE)
        modem.world.call_later(0.5, lambda: modem.lose("unplugged"))
        began = modem.world.now
        with pytest.raises(PortLost):
            await channel.run(DELETE)
        return modem.world.now - began

    assert talk({"AT+CMGD=3": OK}, dialogue) <= 1.0


def test_a_closed_channel_runs_nothing():
    async def dialogue(channel, modem, urcs):
        await channel.close()
        with pytest.raises(PortLost):
            await channel.run(DELETE)
        return modem.closed

    assert talk({}, dialogue)


def test_the_pace_is_kept_between_a_result_and_the_next_command():
    async def dialogue(channel, modem, urcs):
        channel.learn(pace=0.5)
        began = modem.world.now
        for _ in range(3):
            await channel.run(DELETE)
        return modem.world.now - began

    assert talk({"AT+CMGD=3": OK}, dialogue) >= 1.0


def test_what_a_family_adds_is_counted_as_a_sign_of_change_but_not_its_chatter():
    async def dialogue(channel, modem, urcs):
        channel.learn(urcs=(b"+ZSIM:", b"^RSSI:"), finals=(b"+ZERR",))
        modem.say(b"+ZSIM: 0\r\n^RSSI: 20\r\n+UNKNOWN: 1\r\n+ZSIM: 1\r\n")
        reply = await channel.run(DELETE)
        return reply, len(urcs), channel.urc_seen

    reply, told, urc_seen = talk({"AT+CMGD=3": ((0.01, b"+ZERR\r\n"),)}, dialogue)
    assert (reply.final, reply.ok, told, urc_seen) == (b"+ZERR", False, 4, 2)


def test_a_body_is_sent_at_the_prompt():
    async def dialogue(channel, modem, urcs):
        written = []

        def write(data):
            written.append(data)
            modem.say(b"\r\n> " if data.endswith(b"\r") else b"\r\n+CMGS: 7\r\n" + OK)

        modem.write = write
        reply = await channel.run(Command("AT+CMGS=5", (b"+CMGS:",), body=b"0011\x1a"))
        return written, reply.value()

    assert talk({}, dialogue) == ([b"AT+CMGS=5\r", b"0011\x1a"], b"7")


def test_the_error_of_a_timed_out_pin_does_not_show_it():
    async def dialogue(channel, modem, urcs):
        return await outcome(channel.run('AT+CPIN="1234"'))

    assert "1234" not in str(talk({}, dialogue))
