"""What the operator of a simulated farm does: edits the config, decides about what is held."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace

from gsmbridge.farm.simulate.stage import Stage


class Operator:
    """Troubles made by the operator."""

    def __init__(self, stage: Stage, rng: random.Random) -> None:
        self._stage = stage
        self._rng = rng

    def acts(self) -> Mapping[str, tuple[float, Callable[[], None]]]:
        """How often on a bad day each happens, and how it is done."""
        return {
            "numbers": (6.0, self._numbers),
            "wrong config": (2.0, self._stage.host.reload_wrong),
            "settings": (1.0, self._settings),
            "retry": (4.0, lambda: self._stage.host.retry_held(self._rng)),
            "retry delivered": (1.0, lambda: self._stage.host.retry_delivered(self._rng)),
            "discard": (2.0, lambda: self._stage.host.discard_held(self._rng)),
        }

    def settle(self) -> None:
        """Every SIM has its own number, and no PIN is asked for."""
        stage = self._stage
        stage.reload({sim.iccid: sim.msisdn for sim in stage.farm.sims})

    def _numbers(self) -> None:
        """One SIM gets another number, or none for now."""
        stage, rng = self._stage, self._rng
        sim = rng.choice(stage.farm.sims)
        stage.reload({sim.iccid: rng.choice((None, *stage.numbering.phones(sim)))})

    def _settings(self) -> None:
        """More or fewer requests at a time, a shorter or longer wait for parts; one that needs a
        restart is named."""
        host, rng = self._stage.host, self._rng
        config = host.config
        onlinesim = replace(config.onlinesim, max_in_flight=rng.choice((1, 4, 16, 64)))
        messages = replace(config.messages, multipart_timeout=rng.choice((30.0, 120.0, 600.0)))
        if rng.random() < 0.3:
            onlinesim = replace(onlinesim, sms_id_start=rng.randrange(1, 1_000_000))
        host.reload(replace(config, onlinesim=onlinesim, messages=messages))
