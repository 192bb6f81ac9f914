"""Few ways through a scenario that take every kind of step between the states of messages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from gsmbridge.message import State
from tests.model.checker import Result, trace
from tests.model.machine import search, successors
from tests.model.scenario import Scenario
from tests.model.state import Move, Step, World

Kind = tuple[str, tuple[Move, ...], tuple[State, ...], int, int]


def kind(before: World, step: Step, *, fine: bool) -> Kind:
    """What a step is, as far as the journal can tell: its name, its moves and the states of all
    messages before it; if *fine* also how many copies are known, and how many of them lie on a
    SIM."""
    journal = before.journal
    copies, on_sim = 0, 0
    if fine:
        copies, on_sim = len(journal.copies), sum(copy.on_sim for copy in journal.copies)
    return step.what, step.moves, tuple(row.state for row in journal.rows), copies, on_sim


@dataclass(slots=True)
class Cover:
    """A scenario that was searched, with the first step of each kind."""

    result: Result
    first: dict[Kind, tuple[int, Step]]
    fine: bool

    @classmethod
    def of(cls, sc: Scenario, *, fine: bool = False) -> Cover:
        first: dict[Kind, tuple[int, Step]] = {}
        result = Result()
        worlds = result.worlds

        def seen(source: int, step: Step, target: int) -> None:
            first.setdefault(kind(worlds[source], step, fine=fine), (source, step))

        return cls(search(sc, seen=seen, result=result), first, fine)

    def moves(self) -> set[Move]:
        """Every move between states of a message that some step makes."""
        return {move for _, step in self.first.values() for move in step.moves}

    def ways(self, sc: Scenario) -> list[list[Step]]:
        """Ways from the beginning, the longest first, until every kind was taken."""
        found: list[list[Step]] = []
        taken: set[Kind] = set()
        for sort, (source, last) in reversed(self.first.items()):
            if sort in taken:
                continue
            way = [*trace(self.result, partial(successors, sc), source), last]
            found.append(way)
            before = self.result.worlds[0]
            for step in way:
                taken.add(kind(before, step, fine=self.fine))
                before = step.world
        return found
