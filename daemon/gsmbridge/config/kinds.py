"""The kinds of value a key can have: from a node of the YAML document to a checked value.

A kind raises ConfigError with what is wrong; the caller adds file, line, key and what is allowed.
Values are read from the text as written, never from YAML's idea of it: `0123` stays what it is,
and a number of 20 digits keeps each of them.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import yaml

from gsmbridge.config.secret import Secret
from gsmbridge.errors import ConfigError
from gsmbridge.printable import printable

_YAML = "tag:yaml.org,2002:"
_QUOTED = re.compile(r"\".*\"|'.*'")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,9})?")


class Kind(Protocol):
    """A kind of value."""

    @property
    def allowed(self) -> str:
        """What is allowed, as the end of an error message and in the documentation."""

    def read(self, node: yaml.Node) -> object:
        """The value, or ConfigError."""


def wrong(what: str) -> ConfigError:
    """One mistake, without its place."""
    return ConfigError((what,))


def shown(text: str) -> str:
    """*text* in quotes for an error message, short and safe."""
    return f'"{printable(text if len(text) <= 60 else text[:59] + "…")}"'


def scalar(node: yaml.Node) -> tuple[str, str]:
    """YAML type ("str", "int", "bool", "null", …) and text of a single value."""
    if isinstance(node, yaml.MappingNode):
        raise wrong("is a group of keys")
    if isinstance(node, yaml.SequenceNode):
        raise wrong("is a list")
    if not node.tag.startswith(_YAML):
        raise wrong("has a YAML tag (!…)")
    return node.tag.removeprefix(_YAML), str(node.value)


@dataclass(frozen=True, slots=True)
class Text:
    """Text; *check* returns the value to use, or raises ConfigError."""

    allowed: str
    check: Callable[[str], object] = str
    digits: bool = False
    """It may look like a number, and is taken as written."""

    def read(self, node: yaml.Node) -> object:
        return self.check(_word(node, self.digits))


def _word(node: yaml.Node, digits: bool) -> str:
    """The text of a single value that is text to YAML too; *digits*: or a number."""
    type_, text = scalar(node)
    if type_ == "null" or not text:
        raise wrong("is empty")
    if type_ == "bool":
        raise wrong(f"is {text} without quotes, which YAML reads as true or false")
    if type_ != "str" and not (digits and type_ in ("int", "float", "timestamp")):
        raise wrong(f"is {shown(text)} without quotes, which YAML doesn't read as text")
    return text


@dataclass(frozen=True, slots=True)
class Flag:
    """true or false."""

    allowed: str = "true or false"

    def read(self, node: yaml.Node) -> object:
        type_, text = scalar(node)
        if type_ != "bool":
            raise wrong(f"is {shown(text)}" if text else "is empty")
        return text.lower() in ("true", "yes", "on")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number between *least* and *most*; *least* itself only where *open* is false."""

    least: float
    most: float
    unit: str = ""
    whole: bool = False
    open: bool = False

    @property
    def allowed(self) -> str:
        kind = "a whole number" if self.whole else "a number"
        start = f"above {self.least:g} and up to" if self.open else f"from {self.least:g} to"
        unit = f" {self.unit}" if self.unit else ""
        return f"{kind}{' of' + unit if unit else ''} {start} {self.most:.10g}"

    def read(self, node: yaml.Node) -> object:
        type_, text = scalar(node)
        if type_ == "str" and _NUMBER.fullmatch(text):
            raise wrong(f"is {shown(text)} in quotes, which is text")
        match = _NUMBER.fullmatch(text)
        if not match:
            raise wrong(f"is {shown(text)}" if text else "is empty")
        if self.whole and match[2]:
            raise wrong(f"is {text}")
        value: float = int(text) if self.whole else float(text)
        if value > self.most or value < self.least or (self.open and value == self.least):
            raise wrong(f"is {text}")
        return value


@dataclass(frozen=True, slots=True)
class Choice:
    """One word of a few."""

    words: tuple[str, ...]

    @property
    def allowed(self) -> str:
        return f"one of {', '.join(self.words)}"

    def read(self, node: yaml.Node) -> object:
        _, text = scalar(node)
        if text not in self.words:
            raise wrong(f"is {shown(text)}" if text else "is empty")
        return text


@dataclass(frozen=True, slots=True)
class Maybe:
    """Another kind, or null."""

    kind: Kind

    @property
    def allowed(self) -> str:
        return f"{self.kind.allowed}, or null"

    def read(self, node: yaml.Node) -> object:
        if isinstance(node, yaml.ScalarNode) and node.tag == _YAML + "null":
            return None
        return self.kind.read(node)


@dataclass(frozen=True, slots=True)
class Hidden:
    """A value that no error message repeats."""

    kind: Kind

    @property
    def allowed(self) -> str:
        return self.kind.allowed

    def read(self, node: yaml.Node) -> object:
        try:
            return Secret(str(self.kind.read(node)))
        except ConfigError as error:
            raise wrong(_QUOTED.sub("…", error.message)) from None


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of values of one kind."""

    kind: Kind
    empty: bool = True

    @property
    def allowed(self) -> str:
        return f"a list in [ ], each {self.kind.allowed}"

    def read(self, node: yaml.Node) -> object:
        if not isinstance(node, yaml.SequenceNode):
            raise wrong("is no list")
        if not node.value and not self.empty:
            raise wrong("is an empty list")
        return tuple(self.kind.read(item) for item in node.value)


@dataclass(frozen=True, slots=True)
class Words:
    """A program and its arguments: a list, or a line that is split as a shell splits words."""

    allowed: str = 'a program and its arguments, such as ["/usr/local/bin/tell", "farm"]'

    def read(self, node: yaml.Node) -> object:
        if isinstance(node, yaml.SequenceNode):
            words = [_word(item, index > 0) for index, item in enumerate(node.value)]
        else:
            try:
                words = shlex.split(_word(node, digits=False))
            except ValueError as error:
                raise wrong(f"can't be split into words ({error})") from None
        if not words or not words[0]:
            raise wrong("names no program")
        if any("\0" in word for word in words):
            raise wrong("has a NUL in it")
        return tuple(words)


@dataclass(frozen=True, slots=True)
class Pairs:
    """A group whose keys are free: pairs of a checked name and a value of one kind."""

    allowed: str
    check: Callable[[str], str]
    kind: Kind

    def read(self, node: yaml.Node) -> object:
        if not isinstance(node, yaml.MappingNode):
            raise wrong("is no group of keys")
        pairs: dict[str, object] = {}
        for name_node, value_node in node.value:
            name = self.check(scalar(name_node)[1])
            if name in pairs:
                raise wrong(f"has {shown(name)} twice in it")
            pairs[name] = self.kind.read(value_node)
        return tuple(pairs.items())
