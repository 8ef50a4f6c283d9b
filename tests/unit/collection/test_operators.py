# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""An operator that a role installs is named wherever its package has to be (CONTRIBUTING.md, 'Adding an operator')."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.seldon.openshift.plugins.module_utils.diagnose.providers import PACKAGES

CHECKOUT = Path(__file__).parents[3]


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}


def operators() -> list[dict[str, Any]]:
    """Return every operator of all roles' defaults."""
    found = []
    for file in sorted((CHECKOUT / "roles").glob("*/defaults/main.yml")):
        role = file.parents[1].name
        found += read(file).get(f"{role}_operators", [])
    return found


OPERATORS = operators()


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: operator["name"])
def test_an_operator_is_named_everywhere(operator: dict[str, Any]) -> None:
    package = operator["name"]
    assert package in read(CHECKOUT / "roles/doctor/vars/main.yml")["doctor_operators"]
    assert package in {name for names in PACKAGES.values() for name in names}
    assert package in read(CHECKOUT / "sandbox/catalogs/packages.yaml")
    left = read(CHECKOUT / "roles/uninstall/vars/main.yml")["uninstall_operators"]
    assert [row for row in left if re.fullmatch(row.get("package", ""), package)]
    assert {"namespace", "channel", "source"} <= operator.keys()


def test_there_are_operators() -> None:
    assert len(OPERATORS) >= 9
