"""Each role's argument_specs.yml and defaults say the same, in both directions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

CHECKOUT = Path(__file__).parents[3]
ROLES = sorted(path.name for path in (CHECKOUT / "roles").iterdir())
# Those that playbooks open (docs/architecture.md); other task files belong to one of them.
ENTRIES = {"refuse", "apply", "main", "credentials", "wait", "validate", "remove"}
TYPES = {"bool": bool, "dict": dict, "float": float, "int": int, "list": list, "path": str, "str": str}


def read(role: str, path: str) -> dict[str, Any]:
    file = CHECKOUT / "roles" / role / path
    return (yaml.safe_load(file.read_text()) or {}) if file.exists() else {}


def entry_points(role: str) -> dict[str, Any]:
    return read(role, "meta/argument_specs.yml")["argument_specs"]


def defaults(role: str) -> dict[str, Any]:
    return read(role, "defaults/main.yml")


def computed(value: Any) -> bool:
    """Tell whether Ansible makes the value at run time, so that its type is not to be seen here."""
    return isinstance(value, str) and "{{" in value


@pytest.fixture(params=ROLES)
def role(request: pytest.FixtureRequest) -> str:
    return request.param


def test_exactly_the_defaults_are_documented_with_their_values(role: str) -> None:
    options = entry_points(role)["main"].get("options", {})
    assert {name: option.get("default") for name, option in options.items()} == defaults(role)


def test_defaults_are_valid(role: str) -> None:
    options = entry_points(role)["main"].get("options", {})
    values = {name: value for name, value in defaults(role).items() if not computed(value)}
    # The validator would turn '5' into 5: the type that is written has to be right by itself.
    typed = {name: value for name, value in values.items() if options[name]["type"] != "raw"}
    assert [name for name, value in typed.items() if type(value) is not TYPES[options[name]["type"]]] == []
    literal = {name: option for name, option in options.items() if name in values}
    assert ArgumentSpecValidator(literal).validate(values).error_messages == []


def test_every_entry_point_takes_the_same_options(role: str) -> None:
    specs = entry_points(role)
    assert [name for name, spec in specs.items() if spec.get("options") != specs["main"].get("options")] == []


def test_variables_carry_their_role_s_prefix(role: str) -> None:
    prefix = "seldon_" if role == "common" else f"{role}_"
    assert [name for name in defaults(role) if not name.startswith(prefix)] == []


def test_every_file_that_playbooks_open_is_documented(role: str) -> None:
    files = {path.stem for path in (CHECKOUT / "roles" / role / "tasks").glob("*.yml")} & ENTRIES
    assert files - entry_points(role).keys() == set()
