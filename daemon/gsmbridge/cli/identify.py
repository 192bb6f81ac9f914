"""`gsmbridge identify`."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gsmbridge.cli.command import Command, agreed, config_of

if TYPE_CHECKING:
    from gsmbridge.config.schema import Config
    from gsmbridge.service.identification import Finding, Plan

Document = dict[str, Any]
Asker = Callable[[Document], Document]

AT_A_TIME = 4
"""SIMs asked side by side: the one that receives has few slots and a slow channel."""


def checked(name: str) -> Callable[[str], str]:
    """An argument's type: a check of the config."""

    def read(text: str) -> str:
        from gsmbridge.config import checks
        from gsmbridge.errors import ConfigError

        check: Callable[[str], str] = getattr(checks, name)
        try:
            return check(text) if text else text
        except ConfigError as error:
            raise ArgumentTypeError(error.mistakes[0]) from None

    return read


def _arguments(parser: ArgumentParser) -> None:
    way = parser.add_mutually_exclusive_group()
    way.add_argument(
        "--ussd",
        metavar="CODE",
        nargs="?",
        const="",
        type=checked("ussd_code"),
        help="ask the network by this USSD code; without CODE by identify.ussd of the config",
    )
    way.add_argument(
        "--via",
        metavar="PHONE",
        type=checked("phone"),
        help="have each SIM send one SMS to the SIM here that has this number",
    )
    parser.add_argument(
        "--verify",
        action="store_true",
        help="prove the listed numbers instead (alone: by SMS to the first of them)",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask before it begins")
    parser.set_defaults(wrong_usage=parser.error)


def _run(args: Namespace) -> int:
    if args.ussd is None and args.via is None and not args.verify:
        args.wrong_usage("say how: --ussd [CODE], --via PHONE, or --verify")
    from gsmbridge.cli.table import cell
    from gsmbridge.service.identification import Wish, judge, make_plan

    wish = Wish(args.ussd, args.via, args.verify)
    config = config_of(args, with_key=False)
    with _asker(config) as ask:
        plan = make_plan(ask({"command": "identify"}).get("sims", []), config, wish)
        print("\n".join(_told(plan, wish.verify)), flush=True)
        if not plan.asks:
            return 1 if plan.left_out or wish.verify else 0
        if not args.yes and not agreed():
            print("nothing was sent")
            return 1
        results, stopped = _results(ask, plan)
    findings = judge(plan, results, config, wish)
    print("\n".join(_report(findings, wish.verify)))
    if stopped:
        print(f"stopped: {cell(stopped)}")
    return 0 if all(finding.good for finding in findings) else 1


@contextmanager
def _asker(config: Config) -> Iterator[Asker]:
    """Where requests go: the running daemon, else modems opened here."""
    from gsmbridge.service.ask import ask

    def ask_daemon(request: Document) -> Document:
        from gsmbridge.errors import GsmbridgeError

        answer = ask(config, request)
        if answer is None:
            raise GsmbridgeError("the daemon has stopped")
        return answer

    if ask(config, {"command": "identify"}) is not None:
        yield ask_daemon
        return
    from gsmbridge.service.reception import Reception

    print("the daemon does not run: opening the ports here", flush=True)
    with Reception(config) as reception:
        yield reception.ask


def _results(ask: Asker, plan: Plan) -> tuple[list[Document], str]:
    """Ask a few SIMs at a time; what was answered, and why no more if it ended early."""
    from gsmbridge.errors import GsmbridgeError

    results: list[Document] = []
    for start in range(0, len(plan.asks), AT_A_TIME):
        few = plan.asks[start : start + AT_A_TIME]
        try:
            asks = [each.request() for each in few]
            results += ask({"command": "identify", "asks": asks}).get("results", [])
        except GsmbridgeError as error:
            return results, str(error)
        print(f"{min(start + AT_A_TIME, len(plan.asks))} of {len(plan.asks)} done", flush=True)
    return results, ""


def _told(plan: Plan, verify: bool) -> list[str]:
    """What will be done, before it is."""
    from gsmbridge.cli.table import cell

    kind = "with a listed number" if verify else "without a number"
    lines = [f"{_name(sim)}: left out, {cell(reason)}" for sim, reason in plan.left_out]
    lines += [f"{phone}: left out, no modem has its SIM ready" for phone in plan.absent]
    if not plan.asks:
        return [*lines, f"there is no SIM {kind} to ask"]
    for each in plan.asks:
        what = f"USSD {each.ussd}" if each.ussd is not None else f"one SMS to {each.sms_to}"
        lines.append(f"{_name(each.sim)}: {what}")
    count = plan.messages
    sent = f"{count} SMS will be sent" if count else "no SMS will be sent; USSD may cost something"
    return [*lines, f"SIMs {kind} to ask, each once: {len(plan.asks)}; {sent}"]


def _report(findings: list[Finding], verify: bool) -> list[str]:
    from gsmbridge.cli.modems import short_path
    from gsmbridge.cli.table import table, terminal_width

    rows = [
        (
            short_path(each.sim["path"]),
            each.sim["iccid"] or each.sim["imsi"],
            each.number,
            each.told,
        )
        for each in findings
    ]
    lines = ["", *table(("PORT", "SIM", "NUMBER", "RESULT"), rows, terminal_width())]
    block = [] if verify else _block(findings)
    return [*lines, "", "For the config:", "", *block] if block else lines


def _block(findings: list[Finding]) -> list[str]:
    """A `numbers:` block of what was found without doubt."""
    from gsmbridge.cli.modems import short_path

    lines = []
    for each in findings:
        if each.good:
            by = "iccid" if each.sim["iccid"] else "imsi"
            lines.append(f'  - phone: "{each.number}"  # in {short_path(each.sim["path"])}')
            lines.append(f'    {by}: "{each.sim[by]}"')
    return ["numbers:", *lines] if lines else []


def _name(sim: Document) -> str:
    from gsmbridge.cli.modems import short_path

    return f"{short_path(sim['path'])} …{str(sim['iccid'] or sim['imsi'])[-4:]}"


COMMAND = Command(
    name="identify",
    help="find out or prove the numbers of SIMs",
    description="Find out, or prove with --verify, which number each SIM has: from the\n"
    "operator's answer to a USSD code, or by one SMS to a SIM here whose number is\n"
    "known. Says first what it will send, asks, and never sends more; its own\n"
    "messages are never pushed to the partner.",
    examples=(
        "gsmbridge identify --ussd '*100#'",
        "gsmbridge identify --ussd",
        "gsmbridge identify --via 79088081050",
        "gsmbridge identify --verify --ussd '*100#'",
    ),
    statuses=(
        (0, "every SIM asked was found, or proved"),
        (1, "one was not, or its line in the config is wrong"),
        (78, "wrong config"),
    ),
    run=_run,
    arguments=_arguments,
)
