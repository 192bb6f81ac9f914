"""The whole: every step that can be taken from a state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from tests.model import environment, forwarding, ledger, promises, session
from tests.model.checker import Result, check
from tests.model.scenario import Scenario
from tests.model.state import Move, Step, World


def successors(sc: Scenario, world: World) -> Iterator[Step]:
    """The program's steps, if its process is up, and the environment's."""
    if world.up:
        yield from session.steps(sc, world)
        yield from forwarding.steps(sc, world)
        yield from _windows(sc, world)
    yield from environment.steps(sc, world)


def _windows(sc: Scenario, world: World) -> Iterator[Step]:
    """A message that waits for parts has waited long enough."""
    for at, row in enumerate(world.journal.rows):
        if row.state is row.state.COLLECTING and world.disk == "well":
            moves: list[Move] = []
            done = ledger.whole(sc, ledger.write_failures(world), at, fresh=True, moves=moves)
            yield Step("a window is over", (at,), done, tuple(moves))


def search(
    sc: Scenario,
    *,
    ends: bool = True,
    seen: Callable[[int, Step, int], None] = lambda source, step, target: None,
    result: Result | None = None,
) -> Result:
    """Check every state of a scenario; with *ends*, also that each leads to a good end."""
    return check(
        sc.initial(),
        partial(successors, sc),
        partial(promises.wrong, sc),
        partial(promises.good, sc) if ends else None,
        seen,
        result,
    )
