"""What a command is: how it is called, what its help says, and the function that does it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gsmbridge.config.schema import Config

Subparsers = Any
"""What `ArgumentParser.add_subparsers` returns (argparse keeps its type to itself)."""

DEFAULT_CONFIG = "/etc/gsmbridge/config.yaml"


@dataclass(frozen=True, slots=True)
class Command:
    """One command. Its module imports nothing heavy: *run* does that."""

    name: str
    help: str
    """One line for the list of commands."""
    description: str
    examples: tuple[str, ...]
    statuses: tuple[tuple[int, str], ...]
    run: Callable[[Namespace], int]
    """Does it and returns the exit status."""
    arguments: Callable[[ArgumentParser], object] = lambda parser: None

    def add_to(self, subparsers: Subparsers) -> None:
        parser = subparsers.add_parser(
            self.name,
            help=self.help,
            description=self.description,
            epilog=epilog(self.examples, self.statuses),
            formatter_class=RawDescriptionHelpFormatter,
        )
        self.arguments(parser)
        parser.add_argument(
            "--config",
            metavar="FILE",
            default=DEFAULT_CONFIG,
            help="the config (default: %(default)s)",
        )
        parser.set_defaults(run=self.run)


def epilog(examples: tuple[str, ...], statuses: tuple[tuple[int, str], ...]) -> str:
    """The end of a help text."""
    lines = ["examples:", *(f"  {line}" for line in examples)]
    lines += ["", "exit status:", *(f"  {status:<3} {text}" for status, text in statuses)]
    return "\n".join(lines)


def config_of(args: Namespace, with_key: bool = True) -> Config:
    """The config that the command was given; *with_key*: the key is needed too."""
    from gsmbridge.config.load import load

    return load(args.config, environ(args), with_key)


def environ(args: Namespace) -> dict[str, str]:
    """The environment, and in it the service's credentials, where we may see them."""
    import os

    from gsmbridge.service import unit

    found = dict(os.environ)
    if "CREDENTIALS_DIRECTORY" not in found and (folder := unit.key_folder(args.config)):
        found["CREDENTIALS_DIRECTORY"] = str(folder)
    return found


def ask(args: Namespace, request: dict[str, Any]) -> dict[str, Any]:
    """The answer of the daemon, or of the journal where no daemon runs."""
    return ask_of(config_of(args, with_key=False), request)


def ask_of(config: Config, request: dict[str, Any]) -> dict[str, Any]:
    """As `ask`, by a config that is loaded already."""
    from gsmbridge.service.ask import ask as ask_daemon

    answer = ask_daemon(config, request)
    if answer is None:
        from gsmbridge.service.offline import answer as answer_offline

        answer = answer_offline(config, request)
    return answer


def agreed(question: str = "Go on? [y/N] ") -> bool:
    """Whether the operator says yes."""
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError:
        print()
        return False


def print_json(document: dict[str, Any]) -> None:
    """One JSON document, in ASCII, so that no terminal or locale can spoil it."""
    import json

    print(json.dumps(document, indent=2))
