"""The documentation is complete: its tables are made from the program and compared.

`make docs` (this module as a program) writes the tables anew.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import gsmbridge
from gsmbridge import errors
from gsmbridge.cli.main import COMMANDS
from gsmbridge.config.schema import SECTIONS, Config, Number, is_required, keys
from gsmbridge.config.secret import Secret
from gsmbridge.events import Kind, Level
from tests.faults.matrix import matrix_table
from tests.mutations.mutant import table as table_of
from tests.mutations.mutants import MUTANTS
from tests.web.sight import table as metrics_table

ROOT = Path(__file__).parents[1]


def config_table() -> str:
    lines = ["| key | default | allowed | meaning |", "|---|---|---|---|"]
    for section, record in (*SECTIONS.items(), ("numbers[]", Number), ("", Config)):
        for each, key in keys(record):
            name = f"{section}.{each.name}" if section else each.name
            default = "required" if is_required(each) else f"`{_as_yaml(each.default)}`"
            lines.append(f"| `{name}` | {default} | {key.kind.allowed} | {key.help} |")
    return "\n".join(lines)


def _as_yaml(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "none" if isinstance(value, Secret) else json.dumps(value)


def error_table() -> str:
    lines = ["| error | exit status | meaning |", "|---|---|---|"]
    for error in vars(errors).values():
        if isinstance(error, type) and issubclass(error, errors.GsmbridgeError):
            meaning = (error.__doc__ or "").split("\n\n")[0].replace("\n", " ")
            lines.append(f"| `{error.__name__}` | {error.exit_code} | {meaning} |")
    return "\n".join(lines)


def kinds() -> Iterator[Kind]:
    """Every kind of event that the program has, as the constants of its modules."""
    found: dict[str, Kind] = {}
    for module in pkgutil.walk_packages(gsmbridge.__path__, "gsmbridge."):
        if module.name.endswith(".events") or module.name == "gsmbridge.service.log":
            for value in vars(importlib.import_module(module.name)).values():
                if isinstance(value, Kind):
                    found.setdefault(value.name, value)
    yield from (found[name] for name in sorted(found))


def event_table() -> str:
    lines = ["| event | level | `MESSAGE_ID` | line |", "|---|---|---|---|"]
    for kind in kinds():
        template = kind.template.replace("|", "\\|")
        level = Level(kind.level).name.lower()
        lines.append(f"| `{kind.name}` | {level} | `{kind.message_id}` | `{template}` |")
    return "\n".join(lines)


def mutant_table() -> str:
    return table_of(MUTANTS)


TABLES = {
    "docs/configuration.md": ("keys", config_table),
    "docs/errors.md": ("errors", error_table),
    "docs/faults.md": ("faults", matrix_table),
    "docs/logs.md": ("events", event_table),
    "docs/metrics.md": ("metrics", metrics_table),
    "docs/testing.md": ("mutants", mutant_table),
}


def _with_table(text: str, name: str, table: str) -> str:
    begin, end = f"<!-- {name}: made by `make docs` -->", f"<!-- end of {name} -->"
    assert begin in text and end in text
    head, _, rest = text.partition(begin)
    return f"{head}{begin}\n{table}\n{end}{rest.partition(end)[2]}"


@pytest.mark.parametrize("file", TABLES)
def test_a_table_in_the_docs_is_what_the_program_says(file: str) -> None:
    name, table = TABLES[file]
    text = (ROOT / file).read_text(encoding="utf-8")
    assert text == _with_table(text, name, table()), "run `make docs`"


def test_every_command_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [each.name for each in COMMANDS if f"`gsmbridge {each.name}" not in text]
    assert not missing


def test_every_target_that_the_readme_names_exists() -> None:
    made = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = re.findall(
        r"(?:^|`)make ([a-z]+)", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE
    )
    assert named
    assert not set(named) - set(made)


def test_every_key_is_in_the_example() -> None:
    text = (ROOT / "config.yaml.example").read_text(encoding="utf-8")
    for record in (*SECTIONS.values(), Number, Config):
        for each, _ in keys(record):
            assert re.search(rf"^[ #-]*{each.name}:", text, re.MULTILINE), each.name


def test_every_command_with_json_has_its_shape_documented() -> None:
    text = (ROOT / "docs/json.md").read_text(encoding="utf-8")
    for name in ("status", "scan", "messages"):
        assert f"## {name}" in text


def test_kinds_of_event_differ_in_name_and_message_id() -> None:
    every = list(kinds())
    assert all(re.fullmatch("[0-9a-f]{32}", kind.message_id) for kind in every)
    assert len({kind.message_id for kind in every}) == len(every)


def test_links_between_the_docs_lead_somewhere() -> None:
    for file in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", file.read_text(encoding="utf-8")):
            assert (file.parent / link).exists(), f"{file.name}: {link}"


if __name__ == "__main__":
    for file, (name, table) in TABLES.items():
        path = ROOT / file
        path.write_text(
            _with_table(path.read_text(encoding="utf-8"), name, table()), encoding="utf-8"
        )
