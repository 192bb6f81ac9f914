"""What `gsmbridge identify` is going to do, and what came of it: plans and findings, no I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gsmbridge.config.schema import Config
from gsmbridge.errors import GsmbridgeError

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the operator asked for."""

    ussd: str | None = None
    """The code for all; empty: by operator, from the config; None: not by USSD."""
    via: str | None = None
    """The number to send to; None: not by SMS, or (with *verify*) any that is listed."""
    verify: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """One SIM, as `Identifier` shows it, and what is asked of it: a USSD code, or one SMS."""

    sim: Document
    ussd: str | None = None
    sms_to: str | None = None

    def request(self) -> Document:
        what = {"ussd": self.ussd} if self.ussd is not None else {"sms_to": self.sms_to}
        return {"sim": self.sim["sim"], **what}


@dataclass(frozen=True, slots=True)
class Plan:
    """All that will be asked, each once, and who is left out."""

    asks: tuple[Ask, ...]
    left_out: tuple[tuple[Document, str], ...] = ()
    receiver: Document | None = None
    """The SIM that messages are sent to, as far as the config is right."""
    absent: tuple[str, ...] = ()
    """Listed numbers that can't be proved: no modem has their SIM ready."""

    @property
    def messages(self) -> int:
        """SMS that will be sent, at most."""
        return sum(ask.sms_to is not None for ask in self.asks)


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one SIM."""

    sim: Document
    number: str | None
    """What it was found to be."""
    good: bool
    """The config is right about it, or the number can go into the config."""
    told: str


def make_plan(sims: Sequence[Document], config: Config, wish: Wish) -> Plan:
    """Whom to ask what. GsmbridgeError: it can't be done so."""
    chosen = [sim for sim in sims if _concerned(sim, wish)]
    if wish.ussd is not None:
        plan = _by_ussd(chosen, config, wish.ussd)
    else:
        receiver = _receiver(sims, wish.via)
        asks = [Ask(sim, sms_to=_phone(receiver)) for sim in chosen if sim is not receiver]
        plan = Plan(tuple(asks), receiver=receiver)
    if not wish.verify:
        return plan
    here = {sim["listed"] for sim in sims}
    absent = [row.phone for row in config.numbers if row.enabled and row.phone not in here]
    return replace(plan, absent=tuple(absent))


def _concerned(sim: Document, wish: Wish) -> bool:
    if wish.verify:
        return sim["listed"] is not None
    return _phone(sim) is None


def _phone(sim: Document) -> str | None:
    phone: str | None = sim["listed"] or sim["own_number"]
    return phone


def _by_ussd(chosen: Iterable[Document], config: Config, code: str) -> Plan:
    codes = dict(config.identify.ussd or ())
    if not code and not codes:
        raise GsmbridgeError(
            "no USSD code is given", "name one behind --ussd, or set identify.ussd in the config"
        )
    asks, left_out = [], []
    for sim in chosen:
        found = code or _code_for(sim["imsi"] or "", codes)
        if found:
            asks.append(Ask(sim, ussd=found))
        else:
            left_out.append((sim, "identify.ussd has no code for its operator"))
    return Plan(tuple(asks), tuple(left_out))


def _code_for(imsi: str, codes: dict[str, str]) -> str:
    matching = [operator for operator in codes if imsi.startswith(operator)]
    return codes[max(matching, key=len)] if matching else ""


def _receiver(sims: Iterable[Document], via: str | None) -> Document:
    for sim in sims:
        if sim["listed"] is not None if via is None else _phone(sim) == via:
            return sim
    if via is None:
        raise GsmbridgeError("no listed SIM is ready", "ask by USSD: --verify --ussd CODE")
    raise GsmbridgeError(
        f"no SIM that is ready here has the number {via}",
        "name one that `gsmbridge scan` shows with a number",
    )


def judge(plan: Plan, results: Iterable[Document], config: Config, wish: Wish) -> list[Finding]:
    """What the results mean, SIM by SIM."""
    by_sim = {result["sim"]: result for result in results}
    findings = [_left_out(sim, reason) for sim, reason in plan.left_out]
    times = Counter(result["number"] for result in by_sim.values() if result["number"])
    listed = {row.phone for row in config.numbers}
    for ask in plan.asks:
        result = by_sim.get(ask.sim["sim"])
        if result is None:
            findings.append(_left_out(ask.sim, "not asked"))
        elif result["error"]:
            findings.append(_left_out(ask.sim, result["error"]))
        elif wish.verify:
            findings.append(_verified(ask.sim, result))
        else:
            findings.append(_identified(ask.sim, result, times, listed))
    if plan.receiver is not None:
        findings += _about_receiver(plan.receiver, by_sim.values(), wish)
    return findings


def _left_out(sim: Document, reason: str) -> Finding:
    return Finding(sim, None, False, reason)


def _no_number(sim: Document, result: Document) -> Finding:
    return Finding(sim, None, False, f'no number without doubt in: "{result["text"]}"')


def _verified(sim: Document, result: Document) -> Finding:
    number = result["number"]
    if number is None:
        return _no_number(sim, result)
    if number == sim["listed"]:
        return Finding(sim, number, True, "as the config says")
    return Finding(sim, number, False, f"WRONG: the config says {sim['listed']}")


def _identified(sim: Document, result: Document, times: Counter[str], listed: set[str]) -> Finding:
    number = result["number"]
    if number is None:
        return _no_number(sim, result)
    if number in listed:
        return Finding(sim, number, False, "WRONG: the config gives this number to another SIM")
    if times[number] > 1:
        return Finding(sim, number, False, "another SIM was found to have this number too")
    return Finding(sim, number, True, "found")


def _about_receiver(receiver: Document, results: Iterable[Document], wish: Wish) -> list[Finding]:
    """Where messages to its number arrived proves, or refutes, the receiver's own number."""
    phone = _phone(receiver)
    arrived = {result["arrived_on"] for result in results} - {None}
    if arrived - {receiver["sim"]}:
        told = f"WRONG: messages to {phone} arrive on another SIM"
        return [Finding(receiver, None, False, told)]
    if not wish.verify:
        return []
    if arrived:
        return [Finding(receiver, phone, True, "as the config says: messages to it arrived here")]
    return [Finding(receiver, None, False, "no message to it arrived")]
