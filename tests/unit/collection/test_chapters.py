# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""A role that belongs to the installation is in every list that has to name it: a forgotten line fails here.

The task files of a role say where it is needed (CONTRIBUTING.md, 'Adding a chapter').
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.seldon.openshift.plugins.module_utils.checks.registry import CHAPTERS as CHECKED
from ansible_collections.seldon.openshift.plugins.modules import seldon_check

CHECKOUT = Path(__file__).parents[3]
CHAPTERS = sorted(path.parents[1].name for path in (CHECKOUT / "roles").glob("*/tasks/validate.yml"))
PREFIX = "seldon.openshift."


def read(path: str) -> Any:
    return yaml.safe_load((CHECKOUT / path).read_text(encoding="utf-8"))


def tasks_of(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every task of a play or a file of tasks, those in blocks too."""
    for each in node if isinstance(node, list) else [node]:
        yield each
        for part in ("pre_tasks", "tasks", "post_tasks", "block", "rescue", "always"):
            yield from tasks_of(each.get(part) or [])


def imported(path: str) -> dict[tuple[str, str], set[str]]:
    """Return the (role, task file) that a file imports, each with the tags that the import carries."""
    found = {}
    for task in tasks_of(read(path)):
        role = task.get("ansible.builtin.import_role")
        if role:
            tags = task.get("tags") or []
            key = (role["name"].removeprefix(PREFIX), role.get("tasks_from", "main"))
            found[key] = {tags} if isinstance(tags, str) else set(tags)
    return found


def with_file(name: str) -> list[str]:
    return [role for role in CHAPTERS if (CHECKOUT / "roles" / role / "tasks" / f"{name}.yml").exists()]


def test_site_yml_applies_each_chapter_under_its_tag() -> None:
    opened = {role: tags for (role, entry), tags in imported("playbooks/site.yml").items() if entry == "apply"}
    assert opened.keys() & {*CHAPTERS} == {*with_file("apply")}
    assert [role for role in CHAPTERS if role not in opened[role]] == []


def test_site_yml_waits_for_all_chapters_at_once_under_the_tags_of_those_that_wait() -> None:
    title = "Wait for all chapters"
    (task,) = [task for task in tasks_of(read("playbooks/site.yml")) if task.get("name") == title]
    assert {*task["tags"]} == {*with_file("wait")}
    assert {*with_file("wait")} < {*read("roles/preflight/vars/main.yml")["preflight_chapters"]}


PLAYBOOKS = sorted(path.stem for path in (CHECKOUT / "playbooks").glob("*.yml"))
OPENING = [f"playbooks/{name}.yml" for name in PLAYBOOKS] + [
    f"playbooks/tasks/{name}.yml" for name in ("collect", "adoption", "model_namespaces")
]


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_every_playbook_begins_with_a_look_at_the_variables_of_all_roles(name: str) -> None:
    (play,) = read(f"playbooks/{name}.yml")
    assert "tasks/variables.yml" in [task.get("ansible.builtin.import_tasks") for task in play["pre_tasks"]]


@pytest.mark.parametrize("path", OPENING)
def test_no_playbook_lets_ansible_validate_them_again(path: str) -> None:
    """It would do so at each import, whatever the tag."""
    roles = [
        task["ansible.builtin.import_role"] for task in tasks_of(read(path)) if "ansible.builtin.import_role" in task
    ]
    assert [role["name"] for role in roles if role.get("rolespec_validate", True)] == []


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_a_playbook_knows_its_tags(name: str) -> None:
    """It refuses others: with a misspelt one, nothing would run and nothing would fail."""
    (play,) = read(f"playbooks/{name}.yml")
    given = re.search(r"tags=(\[.*\])", play["hosts"])
    used = set().union(*(tags for path in opening(f"playbooks/{name}.yml") for tags in imported(path).values()))
    used -= {"always", "preflight"}
    assert used == {*yaml.safe_load(given[1])} if given else used <= {*CHAPTERS}
    assert bool(used) == (given is None or given[1] != "[]")


def opening(path: str) -> Iterator[str]:
    """Yield a playbook, and the files of tasks that stand for its chapters."""
    yield path
    for task in tasks_of(read(path)):
        if part := task.get("ansible.builtin.import_tasks"):
            yield f"playbooks/{part}"
        role = task.get("ansible.builtin.import_role", {}).get("name", "").removeprefix(PREFIX)
        if role in ("preflight", "validate"):
            yield f"roles/{role}/tasks/main.yml"


def test_site_yml_judges_the_input_once() -> None:
    """The preflight has done it, so that no role does it again."""
    parts = {"apply", "definitions", "configure", "broker"}
    assert {file for _role, file in imported("playbooks/site.yml")} == {"main", "baseline", *parts}
    assert [role for role, file in imported("playbooks/site.yml") if file == "main"] == ["preflight", "validate"]


def test_whatever_the_tag_the_namespaces_are_there_first() -> None:
    assert imported("playbooks/site.yml")["namespaces", "apply"] == {*CHAPTERS}


def test_uninstall_yml_removes_every_chapter() -> None:
    assert {role for role, file in imported("playbooks/uninstall.yml") if file == "remove"} == {*with_file("remove")}
    assert with_file("remove") == CHAPTERS


def test_uninstall_yml_removes_each_chapter_under_its_tag_alone() -> None:
    opened = {role: tags for (role, file), tags in imported("playbooks/uninstall.yml").items() if file == "remove"}
    assert opened == {role: {role} for role in CHAPTERS}


def test_drift_yml_reads_every_chapter_under_its_tag_and_goes_on_when_it_cannot() -> None:
    opened = {}
    for task in tasks_of(read("playbooks/tasks/collect.yml")):
        if "rescue" in task:
            role = task["block"][0]["ansible.builtin.import_role"]["name"].removeprefix(PREFIX)
            opened[role] = (task["tags"], task["rescue"][0]["vars"]["unread_chapter"])
    assert opened == {role: (role, role) for role in with_file("main")}


def test_rotate_yml_copies_the_credentials_of_every_chapter() -> None:
    opened = {role: tags for (role, file), tags in imported("playbooks/rotate.yml").items() if file == "credentials"}
    assert opened == {role: {role} for role in with_file("credentials")}


def test_the_role_validate_looks_at_every_chapter_under_its_tag() -> None:
    looked = {
        role: tags for (role, file), tags in imported("roles/validate/tasks/main.yml").items() if file == "validate"
    }
    assert looked == {role: {role} for role in CHAPTERS}
    assert sorted(read("roles/validate/vars/main.yml")["validate_chapters"]) == CHAPTERS


def test_preflight_judges_the_input_of_every_chapter() -> None:
    judged = imported("roles/preflight/tasks/main.yml")
    del judged["common", "main"]
    assert {role for role, _file in judged} == {*with_file("refuse")}
    assert {file for _role, file in judged} == {"refuse"}
    assert sorted(read("roles/preflight/vars/main.yml")["preflight_chapters"]) == with_file("refuse")
    assert [role for (role, _file), tags in judged.items() if not tags & {role, "always"}] == []


def test_every_chapter_has_checks() -> None:
    assert sorted(CHECKED) == CHAPTERS
    assert sorted(seldon_check.ARGUMENT_SPEC["chapter"]["choices"]) == CHAPTERS


def test_readme_lists_every_tag() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", (CHECKOUT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert {*CHAPTERS} - {*rows} == set()
