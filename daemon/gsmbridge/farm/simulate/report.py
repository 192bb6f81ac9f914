"""A result as a table for people."""

from __future__ import annotations

from gsmbridge.farm.simulate.run import Result

MOST_SHOWN = 20


def table(result: Result, seconds: float) -> str:
    """What was simulated, the verdict, what is held and why, and every broken promise."""
    plan, held = result.plan, result.leftovers.held
    lines = [
        f"seed {plan.seed}: {plan.days:g} days of {plan.modems} modems in {seconds:.1f} s,"
        f" {result.lives} lives, {result.kills} of them ended by a crash,"
        f" {sum(result.drawn.values())} troubles, {result.events} events",
        f"history {result.digest}",
        str(result.verdict),
    ]
    own = ("stuck", "invisible", "not_freed")
    for kind in own:
        number = sum(violation.kind == kind for violation in result.violations)
        lines.append(f"{kind:24}{number:8}")
    for (state, reason), number in sorted(held.items()):
        lines.append(f"{state:24}{number:8}  {reason}")
    for violation in result.violations[:MOST_SHOWN]:
        lines.append(f"BROKEN {violation.kind} at {violation.at:.3f}: {violation.what}")
    if result.violations:
        lines.append(
            f"{len(result.violations)} promises broken; to see how: {plan.command} --trace"
        )
    return "\n".join(lines) + "\n"
