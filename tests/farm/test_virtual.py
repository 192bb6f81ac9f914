"""The virtual loop: time jumps, order is fixed, a crash ends everything at once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsmbridge.farm.virtual import SimulatedClock, SimulatedCrash, Stuck, World, run


def test_sleep_takes_exactly_its_time_and_none_of_ours() -> None:
    world = World(start=0.0)

    async def main() -> float:
        await asyncio.sleep(86_400)
        return asyncio.get_running_loop().time()

    assert run(world, main()) == 86_400
    assert world.now == 86_400


def test_events_of_one_moment_run_first_come_first_served() -> None:
    world = World()
    seen: list[int] = []
    for number in range(50):
        world.call_later(1.0, lambda number=number: seen.append(number))
    world.run_until(world.now + 1)
    assert seen == list(range(50))


def test_cancelled_event_does_not_run() -> None:
    world = World()
    seen: list[str] = []
    world.call_later(1, lambda: seen.append("kept"))
    world.call_later(1, lambda: seen.append("cancelled")).cancel()
    world.run_until(world.now + 2)
    assert seen == ["kept"]


def test_world_event_wakes_a_waiting_task_at_its_own_time() -> None:
    world = World(start=0.0)

    async def main() -> float:
        woken = asyncio.Event()
        world.call_at(3.5, woken.set)
        await woken.wait()
        return world.now

    assert run(world, main()) == 3.5


def test_timer_made_by_a_world_event_is_not_overslept() -> None:
    world = World(start=0.0)

    async def main() -> list[float]:
        loop = asyncio.get_running_loop()
        times: list[float] = []
        world.call_at(1.0, lambda: loop.call_later(1.0, lambda: times.append(world.now)))
        await asyncio.sleep(10)
        return times

    assert run(world, main()) == [2.0]


def test_timeout_and_event_race_the_same_way_every_time() -> None:
    async def main(world: World) -> str:
        done = asyncio.Event()
        world.call_later(5.0, done.set)
        try:
            async with asyncio.timeout(5.0):
                await done.wait()
        except TimeoutError:
            return "timeout"
        return "event"

    results = {run(world, main(world)) for world in [World(start=s) for s in (0.0, 0.1, 1e6)]}
    assert len(results) == 1


def test_waiting_for_what_cannot_come_is_an_error_and_no_hang() -> None:
    with pytest.raises(Stuck):
        run(World(), asyncio.Event().wait())


def test_exception_of_the_main_coroutine_comes_out() -> None:
    async def main() -> None:
        raise LookupError("own")

    with pytest.raises(LookupError, match="own"):
        run(World(), main())


def test_fault_of_the_simulation_comes_out() -> None:
    world = World()
    world.call_later(1, lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(world, asyncio.sleep(10))


def test_tasks_left_over_are_cancelled_oldest_first_at_a_normal_end() -> None:
    ended: list[int] = []

    async def left(number: int) -> None:
        try:
            await asyncio.sleep(1000)
        finally:
            ended.append(number)

    async def main() -> None:
        for number in range(20):
            asyncio.get_running_loop().create_task(left(number))
        await asyncio.sleep(1)

    run(World(), main())
    assert ended == list(range(20))


def test_nothing_of_the_daemon_runs_after_a_crash_and_the_world_goes_on() -> None:
    world = World(start=0.0)
    effects: list[str] = []

    async def daemon() -> None:
        try:
            await asyncio.sleep(10)
            effects.append("slept")
        finally:
            effects.append("finally")

    async def main() -> None:
        asyncio.get_running_loop().create_task(daemon())
        await asyncio.sleep(100)

    world.crash_at(5)
    world.call_at(7, lambda: effects.append("world at 7"))
    with pytest.raises(SimulatedCrash):
        run(world, main())
    assert world.now == 5
    world.run_until(8)
    assert effects == ["world at 7"]
    assert run(world, asyncio.sleep(1, "second life")) == "second life"
    assert world.now == 9


def test_calls_into_a_dead_loop_have_no_effect() -> None:
    world = World(start=0.0)
    effects: list[str] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        world.call_at(6, lambda: future.set_result(None))
        world.call_at(6, lambda: loop.call_soon(effects.append, "called"))
        await future
        effects.append("woken")

    world.crash_at(5)
    with pytest.raises(SimulatedCrash):
        run(world, main())
    run(world, asyncio.sleep(10))
    assert effects == []


def test_exit_actions_run_at_a_crash_and_at_a_normal_end() -> None:
    world = World()
    hung_up: list[str] = []

    async def main(name: str) -> None:
        asyncio.get_running_loop().exit_actions.append(lambda: hung_up.append(name))  # type: ignore[attr-defined]
        await asyncio.sleep(10)

    world.crash_at(world.now + 5)
    with pytest.raises(SimulatedCrash):
        run(world, main("crash"))
    run(world, main("end"))
    assert hung_up == ["crash", "end"]


def test_dead_tasks_make_no_noise_even_when_the_interpreter_exits() -> None:
    program = """
import asyncio, gc
from gsmbridge.farm.virtual import *
async def child():
    try: await asyncio.sleep(100)
    finally:
        print("noise"); await asyncio.sleep(1)
async def main():
    asyncio.ensure_future(child())
    await asyncio.sleep(100)
world = World(); world.crash_at(world.now + 1)
try: run(world, main())
except SimulatedCrash: pass
gc.collect()
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_executor_calls_take_the_given_delays_and_no_thread() -> None:
    world = World(start=0.0)

    async def main() -> tuple[float, float]:
        called_at = await asyncio.to_thread(lambda: world.now)
        return called_at, world.now

    assert run(world, main(), delays=lambda: (0.25, 0.5)) == (0.25, 0.75)


def test_executor_reports_the_exception_of_the_call() -> None:
    with pytest.raises(ZeroDivisionError):
        run(World(), asyncio.to_thread(lambda: 1 / 0))


def test_one_worker_keeps_the_order_of_its_calls_whatever_the_delays() -> None:
    world = World(start=0.0)
    delays = iter([(3.0, 3.0), (1.0, 0.5), (2.0, 0.1)])
    started: list[int] = []
    ended: list[int] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        worker = ThreadPoolExecutor(1)
        futures = [loop.run_in_executor(worker, started.append, number) for number in range(3)]
        for number, future in enumerate(futures):
            future.add_done_callback(lambda _, number=number: ended.append(number))
        await asyncio.gather(*futures)

    run(world, main(), delays=lambda: next(delays))
    assert started == ended == [0, 1, 2]


@pytest.mark.parametrize(
    ("crash", "effects"), [(0.5, []), (1.5, ["written"]), (2.5, ["written", "told"])]
)
def test_crash_can_fall_before_a_call_and_between_call_and_result(
    crash: float, effects: list[str]
) -> None:
    world = World(start=0.0)
    seen: list[str] = []

    async def main() -> None:
        await asyncio.to_thread(seen.append, "written")
        seen.append("told")
        await asyncio.sleep(10)

    world.crash_at(crash)
    with pytest.raises(SimulatedCrash):
        run(world, main(), delays=lambda: (1.0, 1.0))
    world.run_until(20)
    assert seen == effects


def test_crash_inside_an_executor_call_is_a_crash_of_the_process() -> None:
    world = World()

    async def main() -> None:
        await asyncio.to_thread(world.crash)

    with pytest.raises(SimulatedCrash):
        run(world, main())


def test_downtime_passes_over_crashes_that_hit_nobody() -> None:
    world = World(start=0.0)
    world.crash_at(1)
    world.run_until(2)
    assert world.now == 2


def test_reboot_starts_the_monotonic_clock_anew_and_leaves_wall_time() -> None:
    world = World(start=1000.0)
    clock = SimulatedClock(world, wall_offset=500.0)
    boot = clock.boot_id()
    clock.jump(-100)
    clock.reboot()
    assert clock.monotonic() == 0.0
    assert clock.wall() == 1400.0
    assert clock.boot_id() != boot


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_one_seed_replays_one_history(seed: int) -> None:
    def history() -> list[tuple[float, int]]:
        world = World(seed)
        seen: list[tuple[float, int]] = []

        async def worker(number: int, queue: asyncio.Queue[int]) -> None:
            while True:
                item = await queue.get()
                await asyncio.sleep(world.rng.choice([0, 0.5, 0.5, world.rng.random()]))
                await asyncio.to_thread(seen.append, (world.now, number * 1000 + item))

        async def main() -> None:
            queue: asyncio.Queue[int] = asyncio.Queue()
            for number in range(5):
                asyncio.get_running_loop().create_task(worker(number, queue))
            for item in range(40):
                world.call_later(world.rng.randrange(5), lambda i=item: queue.put_nowait(i))
            await asyncio.sleep(8)

        world.crash_at(world.now + 5)
        with pytest.raises(SimulatedCrash):
            run(world, main(), delays=lambda: (world.rng.random(), world.rng.random()))
        return seen

    assert history() == history()
