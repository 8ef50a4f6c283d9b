"""Texts that are made from others are current, and a text that is missing is told before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import __main__ as tools
from tools.variable_comments import NotDescribed

TEXTS = {str(path.relative_to(tools.CHECKOUT)): text for path, text in tools.texts(tools.CHECKOUT).items()}


@pytest.mark.parametrize("path", TEXTS)
def test_a_text_is_current(path: str) -> None:
    file = tools.CHECKOUT / path
    current = file.exists() and file.read_text() == TEXTS[path]
    assert current, f"{path} differs from its sources; type: make texts"


def test_every_role_s_texts_are_made() -> None:
    roles = [path.parents[1] for path in tools.CHECKOUT.glob("roles/*/meta/argument_specs.yml")]
    defaults = [role / "defaults/main.yml" for role in roles if (role / "defaults/main.yml").exists()]
    wanted = [*defaults, *(role / file for role in roles for file in ("README.md", "meta/main.yml"))]
    pages = ["README.md", *(f"docs/{name}.md" for name in ("guide-map", "troubleshooting", "validation", "variables"))]
    others = [*pages, "inventories/example/group_vars/seldon_clusters.yml"]
    assert sorted(TEXTS) == sorted([*others, *(str(path.relative_to(tools.CHECKOUT)) for path in wanted)])


def two(checkout: Path) -> dict[Path, str]:
    return {checkout / "stale": "new\n", checkout / "current": "same\n"}


def missing(_checkout: Path) -> dict[Path, str]:
    raise NotDescribed("roles/kafka/defaults/main.yml: kafka_size has no description")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "stale").write_text("old\n")
    (tmp_path / "current").write_text("same\n")
    monkeypatch.setattr(tools, "CHECKOUT", tmp_path)
    monkeypatch.setattr(tools, "SOURCES", (two,))
    return tmp_path


def test_only_what_is_not_current_is_written_and_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tools.main()
    assert (folder / "stale").read_text() == "new\n"
    assert capsys.readouterr().out == "stale\n"
    tools.main()
    assert capsys.readouterr().out == ""


def test_a_missing_text_ends_it_before_anything_is_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "SOURCES", (two, missing))
    with pytest.raises(SystemExit, match=r"^error: roles/kafka/defaults/main.yml: kafka_size has no description$"):
        tools.main()
    assert (folder / "stale").read_text() == "old\n"
