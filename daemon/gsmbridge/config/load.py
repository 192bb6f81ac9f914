"""From a file to a `Config`, or to every mistake in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from gsmbridge.config import document, rules
from gsmbridge.config.document import Mistakes
from gsmbridge.config.keysource import find_key
from gsmbridge.config.kinds import shown
from gsmbridge.config.schema import SECTIONS, Config, Key, Number, is_required, keys
from gsmbridge.errors import ConfigError
from gsmbridge.printable import printable

Values = dict[str, Any]
"""Values of one group by key; a key whose value is wrong is absent."""


def load(path: str, environ: Mapping[str, str], with_key: bool = True) -> Config:
    """The config in the file *path*, the key taken from where it is kept.

    ConfigError with one line for each mistake, in the order of the file. Nothing but the file,
    the key's file or credential is opened. Without *with_key* that is left alone, and the key may
    be missing: most commands have no use for it, and who asks may not be allowed to read it.
    """
    mistakes = Mistakes(path)
    groups = _groups(document.read(path), mistakes)
    sections = {
        name: _values(groups.pop(name, None), record, name, path, mistakes)
        for name, record in SECTIONS.items()
    }
    rows = _rows(groups.pop("numbers", None), path, mistakes)
    top = _read_all(groups, Config, "", path, mistakes)
    rules.check(sections, rows, mistakes)
    key = find_key(sections["onlinesim"], environ, mistakes) if with_key else None
    mistakes.raise_if_any()
    records = {name: record(**sections[name]) for name, record in SECTIONS.items()}
    if key is not None:
        records["onlinesim"] = replace(records["onlinesim"], key=key)
    return Config(numbers=tuple(Number(**row) for row in rows), **records, **top)


def _groups(root: yaml.Node | None, mistakes: Mistakes) -> dict[str, yaml.Node]:
    known = [*SECTIONS, "numbers", *(each.name for each, _ in keys(Config))]
    return _members(root, "", known, mistakes)


def _members(
    node: yaml.Node | None, where: str, known: list[str], mistakes: Mistakes
) -> dict[str, yaml.Node]:
    """Nodes of the known keys in a group; unknown and repeated ones are mistakes."""
    if node is None or node.tag == "tag:yaml.org,2002:null":
        return {}
    if not isinstance(node, yaml.MappingNode):
        mistakes.add(where, "is no group of keys", f"write key: value lines: {', '.join(known)}")
        return {}
    found: dict[str, yaml.Node] = {}
    for name, name_node, value in document.entries(node):
        place = _join(where, printable(name or "?"))
        if name in found:
            first = mistakes.line(place)
            mistakes.place(place, name_node)
            mistakes.add(place, f"is there already, in line {first}", "keep one of them")
            continue
        mistakes.place(place, name_node)
        if name not in known:
            mistakes.add(place, "is no key that is known here", _nearest(name or "", known))
        else:
            found[name] = value
    return found


def _nearest(name: str, known: list[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name.lower(), known, 1)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"


def _values(
    node: yaml.Node | None, record: type, where: str, file: str, mistakes: Mistakes
) -> Values:
    known = [each.name for each, _ in keys(record)]
    return _read_all(_members(node, where, known, mistakes), record, where, file, mistakes)


def _read_all(
    nodes: dict[str, yaml.Node], record: type, where: str, file: str, mistakes: Mistakes
) -> Values:
    values: Values = {}
    for each, key in keys(record):
        place = _join(where, each.name)
        if each.name in nodes:
            _read(nodes[each.name], each.name, key, place, file, values, mistakes)
        elif is_required(each):
            mistakes.add(place, "is missing", f"give {key.kind.allowed}")
        else:
            values[each.name] = each.default
    return values


def _read(
    node: yaml.Node,
    name: str,
    key: Key,
    place: str,
    file: str,
    values: Values,
    mistakes: Mistakes,
) -> None:
    try:
        value = key.kind.read(node)
    except ConfigError as error:
        for what in error.mistakes:
            mistakes.add(place, what, f"give {key.kind.allowed}")
        return
    if key.is_path and isinstance(value, str):
        value = str(Path(file).absolute().parent / value)
    values[name] = value


def _rows(node: yaml.Node | None, file: str, mistakes: Mistakes) -> list[Values]:
    if node is None or node.tag == "tag:yaml.org,2002:null":
        return []
    if not isinstance(node, yaml.SequenceNode):
        mistakes.add("numbers", "is no list", 'give rows such as - {phone: "7…", iccid: "89…"}')
        return []
    rows = []
    for index, item in enumerate(node.value):
        where = f"numbers[{index}]"
        mistakes.place(where, item)
        if not isinstance(item, yaml.MappingNode):
            what = f"is {shown(item.value)}" if isinstance(item.value, str) else "is a list"
            mistakes.add(where, what, "give phone and iccid or imsi")
            continue
        rows.append(_values(item, Number, where, file, mistakes))
    return rows


def _join(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
