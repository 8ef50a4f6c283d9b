"""Each role's argument_specs.yml and defaults say the same, in both directions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

CHECKOUT = Path(__file__).parents[3]
ROLES = sorted(path.name for path in (CHECKOUT / "roles").iterdir())
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


def test_every_variable_is_documented_and_every_documented_variable_exists(role: str) -> None:
    assert set(entry_points(role)["main"].get("options", {})) == set(defaults(role))


def test_documented_defaults_are_the_defaults(role: str) -> None:
    options = entry_points(role)["main"].get("options", {})
    assert {name: option.get("default") for name, option in options.items()} == defaults(role)


def test_defaults_are_valid(role: str) -> None:
    options = entry_points(role)["main"].get("options", {})
    values = {name: value for name, value in defaults(role).items() if not computed(value)}
    # The validator would turn '5' into 5: the type that is written has to be right by itself.
    assert {
        name: options[name]["type"] for name, value in values.items() if type(value) is not TYPES[options[name]["type"]]
    } == {}
    assert ArgumentSpecValidator(options).validate(values).error_messages == []


def test_entry_points_share_the_options_of_main(role: str) -> None:
    main, *others = sorted(entry_points(role), key=lambda name: name != "main")
    assert [
        name for name in others if entry_points(role)[name].get("options") != entry_points(role)[main].get("options")
    ] == []


def test_every_playable_task_file_is_an_entry_point(role: str) -> None:
    playable = {path.stem for path in (CHECKOUT / "roles" / role / "tasks").glob("*.yml")} & {
        "main",
        "request",
        "wait",
        "validate",
        "remove",
    }
    assert playable <= set(entry_points(role))


def test_variables_carry_their_role_s_prefix(role: str) -> None:
    prefix = "seldon_" if role == "common" else f"{role}_"
    assert [name for name in defaults(role) if not name.startswith(prefix)] == []
