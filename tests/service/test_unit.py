"""Which unit serves a config, and where that has the key from."""

from __future__ import annotations

from pathlib import Path

from gsmbridge.service.unit import credential, farm, key_folder, service, why_unseen

UNIT = """\
# /usr/lib/systemd/system/gsmbridge.service
[Service]
# LoadCredential=onlinesim-key:/in/a/comment
LoadCredential=other:/etc/other
LoadCredential=onlinesim-key:/etc/gsmbridge/onlinesim-key
SetCredential=onlinesim-key:\\n
"""


def test_a_config_in_a_folder_of_its_own_is_a_farm_with_its_own_unit() -> None:
    assert service("/etc/gsmbridge/config.yaml") == "gsmbridge.service"
    assert service("/etc/gsmbridge/north/config.yaml") == "gsmbridge@north.service"
    assert service("/etc/gsmbridge/north/deeper/config.yaml") == "gsmbridge.service"
    assert service("config.yaml") == "gsmbridge.service"
    assert farm("/etc/gsmbridge/config.yaml") == ""


def test_the_key_that_the_service_gets_next_comes_before_the_one_that_it_has(
    tmp_path: Path,
) -> None:
    etc, given = tmp_path / "etc", tmp_path / "run" / "gsmbridge.service"
    for path in (etc / "north", given):
        path.mkdir(parents=True)

    def folder(config: str) -> Path | None:
        return key_folder(str(etc / config), etc, tmp_path / "run")

    (etc / "onlinesim-key").touch()
    assert folder("config.yaml") is None
    (given / "onlinesim-key").write_text("given")
    assert folder("config.yaml") == given
    (etc / "onlinesim-key").write_text("next")
    assert folder("config.yaml") == etc
    (etc / "north" / "onlinesim-key").write_text("of another farm")
    assert folder("config.yaml") == etc
    assert folder("north/config.yaml") == etc / "north"


def test_the_units_last_word_on_the_credential_counts() -> None:
    assert credential(UNIT) == Path("/etc/gsmbridge/onlinesim-key")
    assert credential("LoadCredential=other:/etc/other\n") is None
    encrypted = "LoadCredentialEncrypted=onlinesim-key:/etc/sealed\n"
    assert credential(UNIT + encrypted) == Path("/etc/sealed")
    assert credential(UNIT + "LoadCredential=onlinesim-key\n") == Path("onlinesim-key")


def test_why_no_key_is_seen_in_a_credential_is_told(tmp_path: Path) -> None:
    file = tmp_path / "onlinesim-key"
    assert why_unseen(file) == "is not there"
    file.write_text("\n")
    assert why_unseen(file) == "is empty"
    assert why_unseen(file / "below") == "this user can't read"
    assert why_unseen(Path("onlinesim-key")) == "is systemd's to find"
    file.write_text("s3same")
    assert why_unseen(file) is None
