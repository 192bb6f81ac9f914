"""The listener in the real daemon, as a process."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time
from pathlib import Path

from gsmbridge.farm import farm as building
from gsmbridge.farm import stage
from gsmbridge.farm.partner import Partner
from gsmbridge.farm.truth import Truth
from gsmbridge.farm.world import LoopScheduler
from tests.web.test_http import free_port, say

PATIENCE = 30.0


def test_a_message_shows_in_the_metrics_and_an_idle_client_holds_up_no_stop(tmp_path: Path) -> None:
    async def play() -> None:
        loop, port = asyncio.get_running_loop(), free_port()
        truth = Truth(loop.time)
        rng = random.Random(1)
        farm = building.build(LoopScheduler(loop), 1, rng=rng, truth=truth, wall=time.time)
        partner = Partner()
        await partner.start()
        listen = {"listen": f"127.0.0.1:{port}", "page": True}
        lines: list[str] = []
        daemon = stage.Daemon(
            stage.write_config(tmp_path, farm, partner, metrics=listen), lines.append
        )
        async with stage.on_ptys(tmp_path, farm):
            await daemon.start()
            assert await stage.until(lambda: any(" is ready" in line for line in lines), PATIENCE)
            farm.network.send(farm.sims[0].msisdn, "secret words", "Sender")
            assert await stage.until(lambda: any("pushed" in line for line in lines), PATIENCE)
            metrics, page, health = [
                (
                    await say(port, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                ).decode()
                for path in ("/metrics", "/", "/healthz")
            ]
            assert "gsmbridge_delivery_delay_seconds_count 1.0" in metrics
            assert "gsmbridge_first_attempt_delay_seconds_count 1.0" in metrics
            assert 'gsmbridge_messages{state="delivered"} 1.0' in metrics
            assert "process_resident_memory_bytes" in metrics
            assert "All well" in page and farm.sims[0].msisdn in page
            assert health.startswith("HTTP/1.1 200")
            assert not [w for w in ("secret words", stage.KEY) for t in (metrics, page) if w in t]
            await asyncio.open_connection("127.0.0.1", port)
            assert await daemon.end() == 0
        await partner.close()
        assert not [line for line in lines if "fault" in line or "asyncio" in line]

    asyncio.run(play())


def test_an_address_that_is_taken_is_told_and_the_daemon_serves_on(tmp_path: Path) -> None:
    async def play() -> None:
        loop = asyncio.get_running_loop()
        taken = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)
        port = taken.sockets[0].getsockname()[1]
        rng = random.Random(1)
        farm = building.build(
            LoopScheduler(loop), 1, rng=rng, truth=Truth(loop.time), wall=time.time
        )
        partner = Partner()
        await partner.start()
        lines: list[str] = []
        config = stage.write_config(
            tmp_path, farm, partner, metrics={"listen": f"127.0.0.1:{port}"}
        )
        daemon = stage.Daemon(config, lines.append)
        async with stage.on_ptys(tmp_path, farm):
            await daemon.start()
            assert await stage.until(lambda: any(" is ready" in line for line in lines), PATIENCE)
            assert await daemon.end() == 0
        await partner.close()
        taken.close()
        told = [line for line in lines if "metrics can't be served" in line]
        assert len(told) == 1 and f"127.0.0.1:{port}" in told[0]

    asyncio.run(play())


def test_nothing_of_it_is_loaded_where_it_is_not_wanted() -> None:
    code = "import sys, gsmbridge.service.daemon; sys.exit('prometheus_client' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
