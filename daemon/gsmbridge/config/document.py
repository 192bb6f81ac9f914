"""A YAML file as nodes that know their lines, and the list of mistakes found in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from gsmbridge.errors import ConfigError

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# A line that is no YAML may hold the API key or a PIN: its key's name is told, never its value.
_NAME = re.compile(r"[\s-]*(\w+):")
_QUOTED = re.compile(r"'[^']{2,}'|\"[^\"]{2,}\"")


class Mistakes:
    """What is wrong with a file: `file:line: key: what is wrong; what is allowed`."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._lines: dict[str, int] = {}
        self._found: list[tuple[int, str]] = []

    def place(self, key: str, node: yaml.Node) -> None:
        """Note the line of *key*, written as in `numbers[2].iccid`."""
        self._lines[key] = node.start_mark.line + 1

    def line(self, key: str) -> int:
        """Line of *key*, or of the group it would be in."""
        while key and key not in self._lines:
            key = key.rpartition("." if "." in key else "[")[0]
        return self._lines.get(key, 1)

    def add(self, key: str, what: str, allowed: str = "") -> None:
        line = self.line(key)
        text = f"{self._file}:{line}: {key + ': ' if key else ''}{what}"
        self._found.append((line, f"{text}; {allowed}" if allowed else text))

    def raise_if_any(self) -> None:
        if self._found:
            found = sorted(self._found, key=lambda item: item[0])
            raise ConfigError(tuple(text for _, text in found))


def read(file: str) -> yaml.Node | None:
    """The one document in *file*; None where it is empty. ConfigError where it cannot be read."""
    try:
        data = Path(file).read_bytes()
    except OSError as error:
        hint = ""
        if isinstance(error, PermissionError):
            hint = "; it must be readable for the user gsmbridge, and for you to use this command"
        elif isinstance(error, FileNotFoundError):
            hint = "; begin with a copy of config.yaml.example, or name a file with --config"
        raise ConfigError((f"{file}: {(error.strerror or str(error)).lower()}{hint}",)) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            (f"{file}:{line}: a byte is not UTF-8; save the file as UTF-8",)
        ) from None
    return _compose(file, text)


def _compose(file: str, text: str) -> yaml.Node | None:
    try:
        node: yaml.Node | None = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise ConfigError((f"{file}:{line}: {_syntax(text, line, error)}",)) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ConfigError(
            (f"{file}:{line}: an unprintable character (U+{error.character:04X}); delete it",)
        ) from None
    except RecursionError:
        raise ConfigError((f"{file}:1: brackets are nested too deeply",)) from None
    return node


def _syntax(text: str, line: int, error: yaml.MarkedYAMLError) -> str:
    lines = text.splitlines()
    written = lines[line - 1] if line <= len(lines) else ""
    if "\t" in written[: len(written) - len(written.lstrip())]:
        return "a tab at the start of the line; indent with spaces"
    problem = _QUOTED.sub("…", error.problem or "cannot be read")
    name = _NAME.match(written)
    return f"no valid YAML: {problem}" + (f", at {name[1]}" if name else "")


def entries(node: yaml.Node) -> Iterator[tuple[str | None, yaml.Node, yaml.Node]]:
    """Keys of a mapping as text (None where a key is no single word), with both nodes."""
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            yield (str(name.value) if isinstance(name, yaml.ScalarNode) else None), name, value
