"""A variable of the version before is one of today, or is refused with what says the same now."""

from __future__ import annotations

import subprocess
from pathlib import Path

import yaml
from ansible_collections.seldon.openshift.plugins.plugin_utils.variables import REMOVED, options, specifications

from tests.previous import COMMIT

CHECKOUT = Path(__file__).parents[3]


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout


def variables_then() -> set[str]:
    """Return the names of all variables of all roles at the version before."""
    files = git("ls-tree", "-r", "--name-only", COMMIT, "roles").split()
    specs = [yaml.safe_load(git("show", f"{COMMIT}:{file}")) for file in files if file.endswith("argument_specs.yml")]
    entries = [entry for spec in specs for entry in spec["argument_specs"].values()]
    return {name for entry in entries for name in entry.get("options") or {}}


def test_a_variable_that_is_gone_is_refused_with_what_says_the_same() -> None:
    then, now = variables_then(), {*options(specifications())}
    assert len(then) > 100
    assert then - now - {*REMOVED} == set()


def test_no_variable_of_today_is_refused() -> None:
    assert {*REMOVED} & {*options(specifications())} == set()
