"""The config: what is accepted, and what each mistake says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gsmbridge.config.kinds import Amount, Flag, Hidden, Kind, ListOf, Maybe, Text
from gsmbridge.config.load import load
from gsmbridge.config.schema import SECTIONS, Config, Number, keys, needs_restart
from gsmbridge.errors import ConfigError

PARTNER = 'onlinesim: {url: "https://partner.test/v1/PUSH_SMS_RENT", key: sesame}\n'
ROOT = Path(__file__).parents[2]


def loaded(folder: Path, text: str | bytes, environ: dict[str, str] | None = None) -> Config:
    file = folder / "config.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(str(file), environ or {})


def mistakes(
    folder: Path, text: str | bytes, environ: dict[str, str] | None = None
) -> tuple[str, ...]:
    """The mistakes, the path of the file left out: `line: key: …`."""
    with pytest.raises(ConfigError) as caught:
        loaded(folder, text, environ)
    assert caught.value.exit_code == 78
    return tuple(m.removeprefix(f"{folder}/config.yaml:") for m in caught.value.mistakes)


def partner(line: str) -> str:
    return f'onlinesim:\n  url: "https://partner.test/x"\n  key: sesame\n  {line}\n'


def row(fields: str) -> str:
    return f"{PARTNER}numbers:\n  - {{{fields}}}\n"


def test_all_but_url_and_key_have_defaults(tmp_path: Path) -> None:
    config = loaded(tmp_path, PARTNER)
    assert config.onlinesim.url == "https://partner.test/v1/PUSH_SMS_RENT"
    assert config.onlinesim.key.reveal() == "sesame"
    assert config.onlinesim.retry_interval == 10
    assert config.onlinesim.terminal_errors == ("NO_OPERATION", "NO_OP", "BAD_SERVICE")
    assert config.modems.ports == ("/dev/ttyUSB*",)
    assert config.numbers == ()
    assert config.use_sim_number is True
    assert config.journal.path == "/var/lib/gsmbridge/journal.db"


SAMPLES = {
    "5": "number",
    "5.5": "fraction",
    "true": "flag",
    "null": "null",
    "[]": "empty list",
    "[[a]]": "list",
    "{a: b}": "group",
    "2026-01-01": "date",
    "!!binary aGk=": "binary",
}
"""A value of each type that YAML has."""


def fits(kind: Kind, type_: str) -> bool:
    """Whether a value of this type can be one of that kind."""
    match kind:
        case Maybe(inner):
            return type_ == "null" or fits(inner, type_)
        case Hidden(inner):
            return fits(inner, type_)
        case Text(digits=digits):
            return digits and type_ in ("number", "fraction", "date")
        case Amount(whole=whole):
            return type_ == "number" or (type_ == "fraction" and not whole)
        case Flag():
            return type_ == "flag"
        case ListOf(empty=empty):
            return empty and type_ == "empty list"
    return False


RECORDS: dict[str, type] = {**SECTIONS, "numbers[0]": Number, "": Config}


@pytest.mark.parametrize("value", SAMPLES)
@pytest.mark.parametrize(
    ("group", "name", "kind"),
    [
        (group, each.name, key.kind)
        for group, record in RECORDS.items()
        for each, key in keys(record)
    ],
)
def test_a_value_of_another_type_is_a_mistake_of_its_key(
    tmp_path: Path, group: str, name: str, kind: Kind, value: str
) -> None:
    if fits(kind, SAMPLES[value]):
        return
    groups = {"onlinesim": {"url": '"https://partner.test/x"', "key": "sesame"}}
    if group:
        groups.setdefault(group, {})[name] = value
    lines = [
        f"{name.removesuffix('[0]')}: "
        + ("[{%s}]" if name.endswith("[0]") else "{%s}") % ", ".join(map(": ".join, pairs.items()))
        for name, pairs in groups.items()
    ]
    found = mistakes(tmp_path, "\n".join(lines if group else [*lines, f"{name}: {value}"]))
    place = f"{group}.{name}" if group else name
    assert any(f" {place}: " in mistake and "; give " in mistake for mistake in found), found


def test_the_example_is_valid_once_url_and_key_are_given(tmp_path: Path) -> None:
    text = (ROOT / "config.yaml.example").read_text()
    text = text.replace("url: https://…/v1", "url: https://partner.test/v1")
    text = text.replace("key: …", "key: sesame")
    assert loaded(tmp_path, text) == loaded(tmp_path, PARTNER), (
        "a default in the example is not the program's"
    )


def test_the_example_as_it_is_has_two_mistakes_its_placeholders(tmp_path: Path) -> None:
    found = mistakes(tmp_path, (ROOT / "config.yaml.example").read_bytes())
    assert len(found) == 2
    assert "onlinesim.url: is a placeholder" in found[0]
    assert "onlinesim.key: is a placeholder" in found[1]


def test_every_mistake_is_told_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = partner("retry_interval: 0") + "nonsense: 1\nlog:\n  level: loud\n"
    assert mistakes(tmp_path, text) == (
        "4: onlinesim.retry_interval: is 0; give a number of seconds above 0 and up to 3600",
        "5: nonsense: is no key that is known here; known are onlinesim, modems, messages, "
        "identify, journal, metrics, alarms, log, numbers, use_sim_number",
        '7: log.level: is "loud"; give one of error, warning, notice, info, debug',
    )


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("retry_intervall: 3", "did you mean retry_interval?"),
        ("retry_interval: -1", "is -1; give a number of seconds above 0"),
        ('retry_interval: "10"', 'is "10" in quotes, which is text'),
        ("retry_interval: .inf", 'is ".inf"; give a number'),
        ("retry_interval: .nan", 'is ".nan"; give a number'),
        ("retry_interval: 1:30", 'is "1:30"; give a number'),
        ("retry_interval: 010", 'is "010"; give a number'),
        ("retry_interval: yes", 'is "yes"; give a number'),
        ("retry_interval:", "is empty; give a number"),
        ("retry_interval: [1]", "is a list; give a number"),
        ("retry_interval: {a: 1}", "is a group of keys; give a number"),
        ("retry_interval: !!binary MTA=", 'is "MTA="; give a number'),
        ("retry_interval: !odd 10", "has a YAML tag (!…)"),
        ("max_in_flight: 0", "is 0; give a whole number from 1 to 256"),
        ("max_in_flight: 1.5", "is 1.5; give a whole number"),
        ("max_in_flight: 0x10", 'is "0x10"; give a whole number'),
        ("allow_http: 1", 'is "1"; give true or false'),
        ('allow_http: "true"', 'is "true"; give true or false'),
        ("phone_from_plus: no", 'is "no"; give one of keep, strip'),
        ("terminal_errors: NO_OP", "is no list"),
        ('terminal_errors: ["NO OP"]', 'has "NO OP" in it'),
        ("user_agent: on", "is on without quotes, which YAML reads as true or false"),
        ('user_agent: ""', "is empty"),
        ('user_agent: "a\\r\\nX: 1"', 'is "a\\r\\nX: 1"; give printable ASCII'),
        ("proxy: socks5://a:1", "does not begin with http://"),
        ("sms_id_start: 2147483648", "is 2147483648; give a whole number from 1 to 2147483647"),
        ("host_index: 1", "host_index: is 1 with host_count 1; give a whole number from 0 to 0"),
        ("key_file: x", "is given beside key; keep one of them"),
        ("timeout: 5\n  timeout: 6", "5: onlinesim.timeout: is there already, in line 4"),
        ("? [a, b]\n  : 1", "is no key that is known here"),
    ],
)
def test_a_wrong_value_is_told_with_what_is_allowed(tmp_path: Path, line: str, told: str) -> None:
    found = mistakes(tmp_path, partner(line))
    assert len(found) == 1
    assert told in found[0]
    assert found[0].startswith(("4: ", "5: "))


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://partner.test/v1", "is http, which sends the key openly"),
        ("http://10.0.0.1/v1", "is http, which sends the key openly"),
        ("http://127.0.0.1.partner.test/", "is http, which sends the key openly"),
        ("https://…/v1/PUSH_SMS_RENT", "is a placeholder"),
        ("https://.../v1", "is a placeholder"),
        ("ftp://partner.test/", "does not begin with https:// or http://"),
        ("partner.test/v1", "does not begin with https:// or http://"),
        ("https:///v1", "does not begin with https:// or http://"),
        ("https://partner.test:99999/", "is no URL"),
        ("https://partner.test:0/", "port 0"),
        ("https://user:pass@partner.test/", "has a user name"),
        ("https://partner.test/a b", "has a character that a URL cannot have"),
        ("https://пример.test/", "has a character that a URL cannot have"),
        ("https://[::1/", "is no URL"),
    ],
)
def test_a_url_that_cannot_work_is_a_mistake(tmp_path: Path, url: str, told: str) -> None:
    found = mistakes(tmp_path, f'onlinesim: {{url: "{url}", key: k}}\n')
    assert len(found) == 1
    assert told in found[0]


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]:80", "127.9.9.9"])
def test_http_is_allowed_to_this_machine(tmp_path: Path, host: str) -> None:
    assert loaded(tmp_path, f'onlinesim: {{url: "http://{host}/v1", key: k}}\n')


def test_http_elsewhere_is_allowed_when_asked_for(tmp_path: Path) -> None:
    text = 'onlinesim: {url: "http://partner.test/", key: k, allow_http: true}\n'
    assert loaded(tmp_path, text).onlinesim.allow_http


@pytest.mark.parametrize(
    "phone", ["79088081050", '"79088081050"', '"+79088081050"', "+79088081050"]
)
def test_a_phone_may_stand_without_quotes_and_with_a_plus(tmp_path: Path, phone: str) -> None:
    config = loaded(tmp_path, row(f"phone: {phone}, iccid: 8970101234567890123"))
    assert config.numbers[0].phone == "79088081050"
    assert config.numbers[0].iccid == "8970101234567890123"


def test_digits_survive_where_yaml_would_read_another_number(tmp_path: Path) -> None:
    config = loaded(tmp_path, row("phone: 0123456701, imsi: 012345670123456, iccid: null"))
    assert config.numbers[0].phone == "0123456701"
    assert config.numbers[0].imsi == "012345670123456"


def test_a_pin_keeps_its_zeros_and_is_not_shown(tmp_path: Path) -> None:
    config = loaded(tmp_path, row("phone: 79088081050, iccid: 8970101234567890123, pin: 0123"))
    pin = config.numbers[0].pin
    assert pin is not None and pin.reveal() == "0123"
    assert "0123," not in repr(config.numbers[0])


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ('phone: "7908", iccid: "8970101234567890123"', '"7908" has 4 digits; give 8 to 15'),
        ('phone: "7908808105O", iccid: "8970101234567890123"', "has a letter at position 11"),
        ('phone: "7 908 808 10 50", iccid: "8970101234567890123"', 'the character " " at position'),
        ("phone: 7.9088e+10, iccid: 8970101234567890123", 'the character "." at position 2'),
        ("phone: 79088081050", "names no SIM; give iccid or imsi"),
        (
            'phone: "79088081050", iccid: "89701O1234567890123"',
            "has a letter at position 6; give 18",
        ),
        ('phone: "79088081050", iccid: "8970101"', "has 7 digits; give 18 to 20 digits"),
        ('phone: "79088081050", iccid: "1170101234567890123"', "one begins with 89"),
        ('phone: "79088081050", imsi: "2500"', "has 4 digits; give 14 or 15 digits"),
        ('phone: "79088081050", imsi: "250011234567890", pin: "1234"', "is given without iccid"),
        ('phone: "79088081050", iccid: "8970101234567890123", pin: "12"', "is no PIN; give 4 to 8"),
        ('iccid: "8970101234567890123"', "phone: is missing; give 8 to 15 digits"),
        ('phone: "79088081050", iccid: "8970101234567890123", enabled: maybe', "true or false"),
    ],
)
def test_a_wrong_row_is_told_with_its_place(tmp_path: Path, fields: str, told: str) -> None:
    found = mistakes(tmp_path, row(fields))
    assert len(found) == 1
    assert found[0].startswith("3: numbers[0]")
    assert told in found[0]


@pytest.mark.parametrize(
    ("first", "second", "key"),
    [
        ('phone: "79088081050", imsi: "250011234567890"',
         'phone: "79088081050", imsi: "250011234567891"', "phone"),
        ('phone: "79088081050", imsi: "250011234567890"',
         'phone: "79088081051", imsi: "250011234567890"', "imsi"),
        ('phone: "79088081050", iccid: "8970101234567890123"',
         'phone: "79088081051", iccid: "8970101234567890123"', "iccid"),
        ('phone: "79088081050", iccid: "8970101234567890123"',
         'phone: "79088081051", iccid: "897010123456789012"', "iccid"),
        ('phone: "79088081050", iccid: "897010123456789012"',
         'phone: "79088081051", iccid: "89701012345678901234"', "iccid"),
    ],
)  # fmt: skip
def test_one_sim_or_phone_in_two_rows_is_a_mistake(
    tmp_path: Path, first: str, second: str, key: str
) -> None:
    found = mistakes(tmp_path, f"{PARTNER}numbers:\n  - {{{first}}}\n  - {{{second}}}\n")
    assert len(found) == 1
    assert found[0].startswith(f"4: numbers[1].{key}: ")
    assert "is in line 3 already" in found[0]


def test_neighbouring_iccids_of_20_digits_are_two_sims(tmp_path: Path) -> None:
    rows = "".join(
        f'  - {{phone: "7908808105{n}", iccid: "897010123456789012{n}0"}}\n' for n in range(3)
    )
    assert len(loaded(tmp_path, f"{PARTNER}numbers:\n{rows}").numbers) == 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("onlinesim:\n\turl: x\n", "2: a tab at the start of the line; indent with spaces"),
        ("onlinesim: {url: x\n", "no valid YAML"),
        ("a: b: c\n", "1: no valid YAML"),
        ("a: 1\n---\nb: 2\n", "no valid YAML"),
        ("onlinesim: *nothing\n", "1: no valid YAML"),
        ("a: 1\nb: \x01\n", "2: "),
        (b"onlinesim:\n  key: \xff\xfe\n", "2: a byte is not UTF-8"),
        ("[" * 5000, "1: "),
    ],
)
def test_what_is_no_yaml_is_told_with_its_line(
    tmp_path: Path, text: str | bytes, told: str
) -> None:
    found = mistakes(tmp_path, text)
    assert len(found) == 1
    assert told in found[0]
    assert "\n" not in found[0]


@pytest.mark.parametrize("text", ["", "# nothing\n", "null\n", "{}\n"])
def test_an_empty_config_lacks_url_and_key(tmp_path: Path, text: str) -> None:
    found = mistakes(tmp_path, text)
    assert [m.split(": ")[1] for m in found] == ["onlinesim.url", "onlinesim.key"]


@pytest.mark.parametrize("text", ["- a\n", "hello\n", "12\n"])
def test_a_document_that_is_no_group_of_keys_is_a_mistake(tmp_path: Path, text: str) -> None:
    assert "is no group of keys" in mistakes(tmp_path, text)[0]


def test_an_empty_section_means_its_defaults(tmp_path: Path) -> None:
    text = PARTNER + "modems:\nmetrics: {}\nnumbers:\nlog: null\n"
    assert loaded(tmp_path, text) == loaded(tmp_path, PARTNER)


@pytest.mark.parametrize("text", ["numbers: x\n", "numbers: {a: 1}\n", "numbers: [x]\n"])
def test_numbers_that_are_no_rows_are_one_mistake(tmp_path: Path, text: str) -> None:
    assert len(mistakes(tmp_path, PARTNER + text)) == 1


def test_a_missing_config_says_where_to_begin(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no such file or directory; begin with a copy of"):
        load(str(tmp_path / "none.yaml"), {})


def test_a_folder_is_no_config(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is a directory"):
        load(str(tmp_path), {})


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_config_says_for_whom_it_must_be_readable(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.touch(mode=0)
    with pytest.raises(ConfigError, match="permission denied; it must be readable"):
        load(str(file), {})


def test_relative_paths_lie_beside_the_config(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("sesame\n")
    text = 'onlinesim: {url: "https://a.test/", key_file: secret}\njournal: {path: j/x.db}\n'
    config = loaded(tmp_path, text)
    assert config.journal.path == str(tmp_path / "j/x.db")
    assert config.onlinesim.key.reveal() == "sesame"


@pytest.mark.parametrize(
    ("listen", "want"),
    [('"127.0.0.1:9108"', ("127.0.0.1", 9108)), ('"[::1]:9108"', ("::1", 9108)), ("null", None)],
)
def test_metrics_listen_on_an_address_and_port(
    tmp_path: Path, listen: str, want: tuple[str, int] | None
) -> None:
    assert loaded(tmp_path, f"{PARTNER}metrics: {{listen: {listen}}}\n").metrics.listen == want


@pytest.mark.parametrize("listen", ["9108", '"127.0.0.1"', '":9108"', '"a:70000"', '"::1:9108"'])
def test_a_wrong_metrics_address_is_a_mistake(tmp_path: Path, listen: str) -> None:
    found = mistakes(tmp_path, f"{PARTNER}metrics: {{listen: {listen}}}\n")
    assert 'give an address and port such as "127.0.0.1:9108", or null' in found[0]


def test_keys_that_need_a_restart_are_named(tmp_path: Path) -> None:
    old = loaded(tmp_path, PARTNER)
    new = loaded(
        tmp_path,
        partner("host_count: 4\n  host_index: 2\n  sms_id_start: 7\n  timeout: 9")
        + "journal: {path: /x/y.db}\nlog: {level: debug}\n",
    )
    assert needs_restart(old, old) == []
    assert needs_restart(old, new) == [
        "onlinesim.sms_id_start",
        "onlinesim.host_index",
        "onlinesim.host_count",
        "journal.path",
    ]


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_any_text_is_a_config_or_has_mistakes_of_one_line(text: str) -> None:
    _try(text)


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["url", "key", "ports", "phone", "iccid", "pin", "path"]), inner
        )
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["onlinesim", "modems", "numbers", "log", "journal"]), _values)
)
def test_any_document_is_a_config_or_has_mistakes_of_one_line(document: object) -> None:
    _try(yaml.safe_dump(document, allow_unicode=True))


def _try(text: str) -> None:
    from tempfile import NamedTemporaryFile

    with NamedTemporaryFile("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        try:
            load(file.name, {})
        except ConfigError as error:
            assert error.mistakes
            assert all(m.startswith(file.name) and m.isprintable() for m in error.mistakes)
