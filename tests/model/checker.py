"""Breadth first through every state that a model can reach: nothing is drawn, nothing left out."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tests.model.state import Step, World

Successors = Callable[[World], Iterable[Step]]
Judge = Callable[[World], str]
"""What is wrong with a state; "" if nothing is."""


@dataclass(slots=True)
class Result:
    """What a search found. *trace* is a shortest way to what is *broken*, or to a state that is
    *stuck*; empty where nothing is."""

    worlds: list[World] = field(default_factory=list)
    parents: array[int] = field(default_factory=lambda: array("l", [-1]))
    """Of each state, the one that it was first reached from."""
    transitions: int = 0
    depth: int = 0
    broken: str = ""
    trace: list[Step] = field(default_factory=list)

    @property
    def states(self) -> int:
        return len(self.worlds)

    def told(self) -> str:
        """The counterexample, a line for each step."""
        lines = [f"{number:3} {step}" for number, step in enumerate(self.trace, 1)]
        return "\n".join([*lines, f"    {self.broken}"])


def check(
    initial: World,
    successors: Successors,
    wrong: Judge,
    good: Callable[[World], bool] | None = None,
    seen: Callable[[int, Step, int], None] = lambda source, step, target: None,
    result: Result | None = None,
) -> Result:
    """Search all that can be reached from *initial*, up to the first state that is *wrong*. Then,
    where *good* is given: from every state a good one must be reached by steps that mend. *seen*
    is told every transition, as indices into `Result.worlds`; *result* is what is filled."""
    result = Result() if result is None else result
    result.worlds.append(initial)
    index = {initial: 0}
    parents = result.parents
    levels = array("l", [0])
    sources, targets = array("l"), array("l")
    at = 0
    while at < len(result.worlds):
        world = result.worlds[at]
        for step in successors(world):
            result.transitions += 1
            target = index.get(step.world)
            if target is None:
                target = index[step.world] = len(result.worlds)
                result.worlds.append(step.world)
                parents.append(at)
                levels.append(levels[at] + 1)
                if reason := step.world.broken or wrong(step.world):
                    result.broken = reason
                    result.depth = levels[target]
                    result.trace = trace(result, successors, target)
                    return result
            seen(at, step, target)
            if good is not None and step.mends:
                sources.append(at)
                targets.append(target)
        at += 1
    result.depth = levels[-1]
    if good is not None:
        stuck = _stuck(result.worlds, sources, targets, good)
        if stuck is not None:
            result.broken = "nothing that still happens leads to a good end"
            result.trace = trace(result, successors, stuck)
    return result


def trace(result: Result, successors: Successors, target: int) -> list[Step]:
    """A shortest way from the beginning to the state number *target*."""
    way: list[Step] = []
    while target > 0:
        source, reached = result.parents[target], result.worlds[target]
        way.append(next(s for s in successors(result.worlds[source]) if s.world == reached))
        target = source
    return way[::-1]


def _stuck(
    worlds: list[World],
    sources: array[int],
    targets: array[int],
    good: Callable[[World], bool],
) -> int | None:
    """The first state from which no good one can be reached; None if there is none."""
    heads = array("l", [-1]) * len(worlds)
    following = array("l", [-1]) * len(sources)
    for edge, target in enumerate(targets):
        following[edge] = heads[target]
        heads[target] = edge
    reached = bytearray(len(worlds))
    waiting = [number for number, world in enumerate(worlds) if good(world)]
    for number in waiting:
        reached[number] = 1
    while waiting:
        edge = heads[waiting.pop()]
        while edge >= 0:
            if not reached[sources[edge]]:
                reached[sources[edge]] = 1
                waiting.append(sources[edge])
            edge = following[edge]
    stuck = reached.find(0)
    return None if stuck < 0 else stuck
