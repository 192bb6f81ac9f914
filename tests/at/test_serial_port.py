import asyncio
import fcntl
import os
import pty
import subprocess
import sys
import termios
import tty
from contextlib import contextmanager
from pathlib import Path

import pytest

from gsmbridge.at.channel import Channel
from gsmbridge.at.command import Command, Urc
from gsmbridge.at.port import PortName
from gsmbridge.at.serial_port import SerialPorts
from gsmbridge.errors import PortLost

TIOCGEXCL = 0x80045440


@contextmanager
def terminal():
    """A pty: its master and the path of its slave."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    path = os.ttyname(slave)
    os.close(slave)
    try:
        yield master, path
    finally:
        os.close(master)


class Heard:
    """What a port reported."""

    def __init__(self) -> None:
        self.data = b""
        self.lost: list[str] = []
        self.news = asyncio.Event()

    def on_bytes(self, data: bytes) -> None:
        self.data += data
        self.news.set()

    def on_lost(self, reason: str) -> None:
        self.lost.append(reason)
        self.news.set()

    async def until(self, condition) -> None:
        async with asyncio.timeout(10):
            while not condition():
                self.news.clear()
                await self.news.wait()


async def came(master, size):
    """So many bytes that were written to the slave. The loop goes on meanwhile: what the port does
    not take at once is written from there."""
    received = b""
    readable = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(master, readable.set)
    try:
        async with asyncio.timeout(10):
            while len(received) < size:
                await readable.wait()
                readable.clear()
                received += os.read(master, 65536)
    finally:
        loop.remove_reader(master)
    return received


async def opened(path, heard=None):
    ports = SerialPorts([path])
    port = await ports.open(ports.present()[0], 115200)
    if heard is not None:
        port.start(heard.on_bytes, heard.on_lost)
    return port


def test_bytes_go_both_ways_unchanged():
    every_byte = bytes(range(256))

    async def main(master, path):
        heard = Heard()
        port = await opened(path, heard)
        os.write(master, every_byte)
        await heard.until(lambda: len(heard.data) == 256)
        port.write(every_byte)
        assert await came(master, len(every_byte)) == every_byte
        await port.close()
        return heard

    with terminal() as (master, path):
        heard = asyncio.run(main(master, path))
        assert (heard.data, heard.lost) == (every_byte, [])


def test_a_channel_talks_through_a_real_port():
    async def main(master, path):
        urcs = []

        def modem() -> None:
            for command in os.read(master, 1000).split(b"\r")[:-1]:
                if b"CMEE" in command:
                    os.write(master, b"\r\n+CMEE: 1\r\n")
                if b"CMGR" in command:
                    os.write(master, b'+CMGR: 0,,2\r\n+CMTI: "SM",1\r\n00AABB\r\n')
                os.write(master, b"\r\nOK\r\n")

        asyncio.get_running_loop().add_reader(master, modem)
        channel = Channel(await opened(path), on_urc=urcs.append)
        await channel.resync(10)
        reply = await channel.run(Command("AT+CMGR=3", (b"+CMGR:",), pdu=True))
        await channel.close()
        asyncio.get_running_loop().remove_reader(master)
        return reply.lines, urcs

    with terminal() as (master, path):
        lines, urcs = asyncio.run(main(master, path))
    assert lines == (b"+CMGR: 0,,2", b"00AABB")
    assert urcs == [Urc(b'+CMTI: "SM",1')]


def test_what_the_port_does_not_take_at_once_is_sent_later():
    sent = os.urandom(100_000)

    async def main(master, path):
        port = await opened(path, Heard())
        port.write(sent[:60_000])
        port.write(sent[60_000:])
        received = await came(master, len(sent))
        await port.close()
        return received

    with terminal() as (master, path):
        assert asyncio.run(main(master, path)) == sent


def test_the_end_of_the_device_is_told_once_with_a_reason():
    async def main():
        heard = Heard()
        with terminal() as (_master, path):
            port = await opened(path, heard)
        await heard.until(lambda: heard.lost)
        port.write(b"AT\r")
        await port.close()
        await port.close()
        return heard.lost, path

    lost, path = asyncio.run(main())
    assert lost in ([f"{path}: unplugged"], [f"{path}: hung up"])


def test_a_port_is_locked_while_open_and_free_afterwards():
    async def main(path):
        port = await opened(path)
        with pytest.raises(PortLost, match=r"in use.*fuser"):
            await opened(path)
        if os.geteuid() == 0:  # may open it all the same
            other = os.open(path, os.O_RDWR | os.O_NOCTTY)
            assert fcntl.ioctl(other, TIOCGEXCL, bytes(4)) != bytes(4)
            with pytest.raises(BlockingIOError):
                fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            other = None
            with pytest.raises(OSError, match="busy"):
                os.open(path, os.O_RDWR | os.O_NOCTTY)
        await port.close()
        if other is not None:
            os.close(other)
        free = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        fcntl.flock(free, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(free)
        await (await opened(path)).close()

    with terminal() as (_master, path):
        asyncio.run(main(path))


def test_a_closed_port_is_no_longer_exclusive_though_another_program_has_it_open():
    async def main(path):
        other = os.open(path, os.O_RDWR | os.O_NOCTTY)  # the lock goes with the last descriptor
        try:
            port = await opened(path)
            assert fcntl.ioctl(other, TIOCGEXCL, bytes(4)) != bytes(4)
            await port.close()
            assert fcntl.ioctl(other, TIOCGEXCL, bytes(4)) == bytes(4)
        finally:
            os.close(other)

    with terminal() as (_master, path):
        asyncio.run(main(path))


def test_a_port_is_opened_raw_without_flow_control_or_hang_up_and_costs_one_descriptor():
    def descriptors_now():
        return len(list(Path("/proc/self/fd").iterdir()))

    async def main(path):
        before = descriptors_now()
        port = await opened(path)
        after = descriptors_now()
        look = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        settings = termios.tcgetattr(look)
        os.close(look)
        await port.close()
        return after - before, settings

    with terminal() as (_master, path):
        if os.geteuid() != 0:
            pytest.skip("only root may look at a port held exclusively")
        descriptors, settings = asyncio.run(main(path))
    iflag, oflag, cflag, lflag, ispeed, *_ = settings
    assert descriptors == 1
    assert not cflag & (termios.HUPCL | termios.CRTSCTS | termios.PARENB | termios.CSTOPB)
    assert cflag & termios.CSIZE == termios.CS8
    assert not lflag & (termios.ECHO | termios.ICANON | termios.ISIG)
    assert not iflag & (termios.IXON | termios.ICRNL)
    assert not oflag & termios.OPOST
    assert ispeed == termios.B115200


@pytest.mark.parametrize(
    ("path", "reason"), [("/dev/none", "no such port"), ("/dev/null", "not configure port")]
)
def test_a_port_that_cannot_be_opened_is_refused_plainly(path, reason):
    with pytest.raises(PortLost, match=reason):
        asyncio.run(SerialPorts([]).open(PortName(path, path), 115200))


def test_an_absurd_speed_is_refused_with_the_key_to_change():
    with terminal() as (_master, path), pytest.raises(PortLost, match=r"modems\.baudrate"):
        asyncio.run(SerialPorts([]).open(PortName(path, path), -5))


def test_an_opening_that_is_given_up_leaves_nothing_open():
    async def main(path):
        ports = SerialPorts([path])
        name = ports.present()[0]
        for delays in range(4):
            task = asyncio.create_task(ports.open(name, 115200))
            for _ in range(delays):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
            if not task.cancelled() and task.exception() is None:
                await task.result().close()
        async with asyncio.timeout(10):
            while True:
                try:
                    port = await ports.open(name, 115200)
                except PortLost:  # the thread of an earlier opening still runs
                    await asyncio.sleep(0.01)
                else:
                    await port.close()
                    return

    with terminal() as (_master, path):
        asyncio.run(main(path))


def test_a_device_is_never_opened_by_two_threads_at_once():
    async def main(path):
        ports = SerialPorts([path])
        name = ports.present()[0]
        openings = [asyncio.create_task(ports.open(name, 115200)) for _ in range(3)]
        done = await asyncio.gather(*openings, return_exceptions=True)
        assert [type(result).__name__ for result in done[1:]] == ["PortLost"] * 2
        await done[0].close()

    with terminal() as (_master, path):
        asyncio.run(main(path))


def test_each_device_is_present_once_under_its_first_name(tmp_path):
    with terminal() as (_a, first), terminal() as (_b, second):
        (tmp_path / "modem0").symlink_to(first)
        (tmp_path / "modem1").symlink_to(second)
        (tmp_path / "modem2").symlink_to(first)
        (tmp_path / "modem3").symlink_to(tmp_path / "nowhere")
        (tmp_path / "modem4").write_text("no device")
        ports = SerialPorts([f"{tmp_path}/modem*", first])
        expected = [
            PortName(f"{tmp_path}/modem0", first),
            PortName(f"{tmp_path}/modem1", second),
        ]
        assert list(ports.present()) == expected
        assert list(ports.present()) == expected
        (tmp_path / "modem0").unlink()
        (tmp_path / "modem0").symlink_to(second)
        assert [name.path for name in ports.present()] == [
            f"{tmp_path}/modem0",
            f"{tmp_path}/modem2",
        ]


@pytest.mark.parametrize("by", ["path", "device"])
def test_an_excluded_port_is_absent_under_any_name(tmp_path, by):
    with terminal() as (_master, device):
        link = tmp_path / "modem0"
        link.symlink_to(device)
        exclude = str(link) if by == "path" else device
        assert list(SerialPorts([str(link)], [exclude]).present()) == []


def test_the_usb_device_and_interface_come_from_sysfs(tmp_path):
    with terminal() as (_master, device):
        interface = tmp_path / "devices" / "usb1" / "1-2" / "1-2:1.2"
        (interface / "ttyUSB0").mkdir(parents=True)
        (interface / "bInterfaceNumber").write_text("0a\n")
        entry = tmp_path / "class" / "tty" / Path(device).name
        entry.mkdir(parents=True)
        (entry / "device").symlink_to(interface / "ttyUSB0")
        (name,) = SerialPorts([device], sysfs=tmp_path).present()
    assert name.usb == str(tmp_path / "devices" / "usb1" / "1-2")
    assert name.interface == 10


def test_a_link_that_leads_elsewhere_since_it_was_listed_is_not_opened(tmp_path):
    async def main(link, other):
        ports = SerialPorts([str(link)])
        (name,) = ports.present()
        link.unlink()
        link.symlink_to(other)
        with pytest.raises(PortLost, match="no such port"):
            await ports.open(name, 115200)

    with terminal() as (_master, path), terminal() as (_other_master, other):
        link = tmp_path / "modem0"
        link.symlink_to(path)
        asyncio.run(main(link, other))


def test_a_port_that_another_program_locks_is_reported_with_its_name():
    holding = "import fcntl; fcntl.flock(0, fcntl.LOCK_EX); print(1, flush=True)"
    with terminal() as (_master, path):
        look = os.open(path, os.O_RDWR | os.O_NOCTTY)
        other = subprocess.Popen(
            [sys.executable, "-c", holding + "; import time; time.sleep(60)"],
            stdin=look,
            stdout=subprocess.PIPE,
        )
        os.close(look)
        try:
            other.stdout.readline()
            with pytest.raises(PortLost, match=rf"in use by \S.* \(pid {other.pid}\); stop it"):
                asyncio.run(opened(path))
        finally:
            other.kill()
            other.communicate()
