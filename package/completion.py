"""Completion for bash, made from what the commands say of themselves."""

from __future__ import annotations

import sys
from argparse import Action

from manual import commands, options

from gsmbridge.cli.main import COMMANDS

SCRIPT = """\
# bash completion for gsmbridge, made from its commands
_gsmbridge() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    local command=${COMP_WORDS[1]} words
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "@COMMANDS@ --help --version" -- "$cur")
        return
    fi
    case "$command $prev" in
@VALUES@
    esac
    case "$command" in
@OPTIONS@
    *) return ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -F _gsmbridge gsmbridge
"""


def bash() -> str:
    """The script that bash-completion loads when somebody completes `gsmbridge`."""
    values: list[str] = []
    flags: list[str] = []
    subparsers = commands()
    for command in COMMANDS:
        arguments = [each for each in options(subparsers[command.name]) if each.option_strings]
        names = [name for each in arguments for name in each.option_strings]
        flags.append(f'    {command.name}) words="{" ".join(["--help", *names])}" ;;')
        for each in arguments:
            values += [f"    {_pattern(command.name, each)}) {_complete(each)} ;;"] * _takes(each)
    return (
        SCRIPT.replace("@COMMANDS@", " ".join(each.name for each in COMMANDS))
        .replace("@VALUES@", "\n".join(values))
        .replace("@OPTIONS@", "\n".join(flags))
    )


def _takes(option: Action) -> bool:
    """Whether it must be followed by a value."""
    return option.nargs not in (0, "?")


def _pattern(command: str, option: Action) -> str:
    return " | ".join(f'"{command} {name}"' for name in option.option_strings)


def _complete(option: Action) -> str:
    """What completes its value: one of its choices, a file, or nothing."""
    if option.choices:
        what = f'-W "{" ".join(str(choice) for choice in option.choices)}"'
    elif option.metavar == "FILE":
        what = "-f"
    else:
        return "return"
    return f'mapfile -t COMPREPLY < <(compgen {what} -- "$cur"); return'


if __name__ == "__main__":
    sys.stdout.write(bash())
