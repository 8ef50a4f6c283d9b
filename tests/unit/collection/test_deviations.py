"""Each variable that docs/deviations.md gives for the guide's own way exists, and takes the value that is named."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

CHECKOUT = Path(__file__).parents[3]
PAGE = (CHECKOUT / "docs/deviations.md").read_text()
_ASSIGNED = re.compile(r"`(\w+)=([^`]*)`")
_ROW = re.compile(r"^\| (?!the guide|---)(.+) \|$", re.MULTILINE)


SPECS = [
    yaml.safe_load(file.read_text())["argument_specs"] for file in CHECKOUT.glob("roles/*/meta/argument_specs.yml")
]
OPTIONS: dict[str, dict[str, Any]] = {
    name: option for spec in SPECS for name, option in (spec["main"].get("options") or {}).items()
}
CASTS = {"bool": json.loads, "dict": json.loads, "list": json.loads, "int": int, "str": str}


@pytest.mark.parametrize(("name", "text"), _ASSIGNED.findall(PAGE))
def test_a_variable_takes_the_value_that_is_named(name: str, text: str) -> None:
    option = OPTIONS[name]
    kind = option.get("type", "str")
    value = CASTS[kind](text)
    assert type(value).__name__ == kind
    assert value != option.get("default"), "the default is no deviation"
    assert not option.get("choices") or value in option["choices"]


def test_other_variables_that_are_named_exist() -> None:
    prefixes = tuple(f"{path.name}_" for path in (CHECKOUT / "roles").iterdir())
    named = [word for word in re.findall(r"`(\w+)`", PAGE) if word.startswith((*prefixes, "seldon_"))]
    assert named
    assert [word for word in named if word not in OPTIONS] == []


def test_every_row_says_what_to_type_or_that_nothing_is() -> None:
    cells = [row.split(" | ") for row in _ROW.findall(PAGE)]
    assert {len(row) for row in cells} == {3}
    assert [row for row in cells if not (row[2] == "none" or re.search(r"`\w+(=.*)?`", row[2]))] == []


def test_variables_that_say_what_the_guide_lacks_are_listed() -> None:
    said = [name for name, spec in OPTIONS.items() if re.search(r"which the guide lacks", str(spec["description"]))]
    assert said
    assert [name for name in said if f"`{name}=" not in PAGE] == []
