"""Task files of one name do one job in every role: who knows one role knows them all (docs/architecture.md)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.unit.collection.typed_reads import CHECKOUT

Task = dict[str, Any]
Files = dict[str, list[Task]]  # the tasks of each file of a role

# Entry points that mean the same in every role which has them.
KNOWN = {"refuse", "apply", "main", "credentials", "wait", "validate", "remove"}
OURS = "seldon.openshift."
IMPORTS = ("ansible.builtin.import_tasks", "ansible.builtin.include_tasks")
REPAIR = "{{ seldon_repair | seldon.openshift.boolean }}"
# The role namespaces creates those for models, too; of the others, site.yml does something else between the parts.
OPENED_BY_MAIN = {
    "namespaces": ["refuse", "apply.yml"],
    "serverless": ["apply.yml", "broker.yml"],
    "seldon_core_v1": ["configure.yml", "apply.yml"],
    "seldon_core_v2": ["definitions.yml", "apply.yml"],
}
LOAD_SHARED = {
    "name": "Load the shared variables",
    "ansible.builtin.import_role": {"name": f"{OURS}common", "allow_duplicates": False},
}
VALIDATE_INPUT = {"name": "Validate the input", IMPORTS[0]: "refuse.yml"}


def task_files(role: str) -> Files:
    folder = CHECKOUT / "roles" / role / "tasks"
    return {path.stem: yaml.safe_load(path.read_text()) for path in sorted(folder.glob("*.yml"))}


def flat(tasks: list[Task]) -> Iterator[Task]:
    """Yield every task of a file or a playbook, those in blocks too."""
    for task in tasks:
        yield task
        for part in ("pre_tasks", "tasks", "block", "rescue", "always"):
            yield from flat(task.get(part) or [])


def imported(tasks: list[Task]) -> set[str]:
    """Return the task files of the same role that tasks import, without their ending."""
    found = (task[module] for task in flat(tasks) for module in IMPORTS if module in task)
    return {(each if isinstance(each, str) else each["file"]).removesuffix(".yml") for each in found}


def opened() -> set[tuple[str, str]]:
    """Return the (role, task file) that playbooks and other roles open."""
    files = [*CHECKOUT.glob("playbooks/*.yml"), *CHECKOUT.glob("roles/*/tasks/*.yml")]
    tasks = [task for file in files for task in flat(yaml.safe_load(file.read_text()))]
    roles = [task["ansible.builtin.import_role"] for task in tasks if "ansible.builtin.import_role" in task]
    return {(role["name"].removeprefix(OURS), role.get("tasks_from", "main")) for role in roles}


def variables(role: str, folder: str) -> dict[str, Any]:
    path = CHECKOUT / "roles" / role / folder / "main.yml"
    return (yaml.safe_load(path.read_text()) or {}) if path.exists() else {}


def without_name(task: Task) -> Task:
    return {key: value for key, value in task.items() if key not in ("name", "when")}


ROLES = {path.name: task_files(path.name) for path in sorted((CHECKOUT / "roles").iterdir())}
# The chapters of the installation; all others are tools.
CHAPTERS = {role: files for role, files in ROLES.items() if "validate" in files}


def with_file(name: str) -> list[Any]:
    return [pytest.param(role, files[name], id=role) for role, files in CHAPTERS.items() if name in files]


@pytest.mark.parametrize("role", CHAPTERS)
def test_every_chapter_judges_applies_validates_and_removes(role: str) -> None:
    assert {"refuse", "apply", "main", "validate", "remove"} <= CHAPTERS[role].keys()
    # The namespaces are there at once.
    assert ("wait" in CHAPTERS[role]) == (role != "namespaces")


@pytest.mark.parametrize("role", ROLES)
def test_a_task_file_is_a_documented_entry_point_or_a_part_of_one(role: str) -> None:
    files = ROLES[role]
    specs = yaml.safe_load((CHECKOUT / f"roles/{role}/meta/argument_specs.yml").read_text())["argument_specs"]
    entries = specs.keys() & files.keys()
    assert {name for name in files if name in KNOWN or (role, name) in opened()} <= entries
    # Where a role has no tasks, `main` documents its defaults.
    assert specs.keys() - entries <= ({"main"} if not files else set())
    parts = {part for tasks in files.values() for part in imported(tasks)}
    assert files.keys() - entries <= parts
    assert parts <= files.keys()


@pytest.mark.parametrize(("role", "tasks"), with_file("refuse"))
def test_refuse_reports_the_role_s_problems(role: str, tasks: list[Task]) -> None:
    *looks, last = tasks
    assert last == {
        "name": "Fail on invalid input",
        f"{OURS}seldon_refuse": {
            "problems": f"{{{{ {role}_problems }}}}",
            "later": "{{ preflight_collects | default(false) }}",
        },
        "register": f"{role}_refused",
    }
    assert f"{role}_problems" in variables(role, "vars")
    # What they need of the cluster, they read.
    assert [task for task in looks if not {f"{OURS}seldon_cluster_info", IMPORTS[0]} & task.keys()] == []


@pytest.mark.parametrize("role", sorted(ROLES.keys() - {"common"}))
def test_main_brings_its_variables_so_that_each_role_runs_alone(role: str) -> None:
    assert ROLES[role]["main"][0] == LOAD_SHARED


@pytest.mark.parametrize("role", ROLES)
def test_no_role_depends_on_another(role: str) -> None:
    """Ansible would read it anew for each import."""
    assert yaml.safe_load((CHECKOUT / f"roles/{role}/meta/main.yml").read_text())["dependencies"] == []


@pytest.mark.parametrize("role", CHAPTERS)
def test_main_validates_the_input_and_applies(role: str) -> None:
    _shared, first, *parts = CHAPTERS[role]["main"]
    assert first == VALIDATE_INPUT
    opened_by_main = [
        task.get("ansible.builtin.import_role", {}).get("tasks_from") or task[IMPORTS[0]] for task in parts
    ]
    assert opened_by_main == OPENED_BY_MAIN.get(role, ["apply.yml"])


@pytest.mark.parametrize("role", CHAPTERS)
def test_who_installs_operators_says_which(role: str) -> None:
    """So that site.yml requests those of all roles at once."""
    has_operators = f"{role}_operators" in variables(role, "defaults")
    assert (f"{role}_wanted_operators" in variables(role, "vars")) == has_operators


@pytest.mark.parametrize(("role", "tasks"), with_file("credentials"))
def test_credentials_are_written_by_one_task_and_by_main(role: str, tasks: list[Task]) -> None:
    assert [task["register"] for task in tasks] == [f"{role}_renewed"]
    assert "credentials" in imported(CHAPTERS[role]["apply"])


@pytest.mark.parametrize(("role", "tasks"), with_file("wait"))
def test_wait_waits_once_and_shows_a_summary(role: str, tasks: list[Task]) -> None:
    assert without_name(tasks[0]) == {
        f"{OURS}seldon_wait": {
            "resources": f"{{{{ {role}_readiness }}}}",
            "timeout": f"{{{{ {role}_timeout }}}}",
        },
        "register": f"{role}_awaited",
    }
    assert "when" not in tasks[0], f"{role}_readiness is empty where there is nothing to wait for"
    # site.yml waits for all chapters at once, and shows all summaries at once.
    summary = {"name": "Show summary", "ansible.builtin.debug": {"msg": f"{{{{ {role}_summary }}}}"}}
    assert tasks[1:] == [summary]
    assert {f"{role}_readiness", f"{role}_summary"} <= variables(role, "vars").keys()
    assert f"{role}_timeout" in variables(role, "defaults")


@pytest.mark.parametrize(("role", "tasks"), with_file("validate"))
def test_validate_checks_by_the_role_s_settings(role: str, tasks: list[Task]) -> None:
    (task,) = (without_name(each) for each in tasks)
    asked = dict(task.pop(f"{OURS}seldon_check"))
    # What the role has applied, where its checks compare that; and what is never shown.
    more = {name for name in asked if name not in ("chapter", "settings")}
    assert more <= {"resources", "files", "templates", "secrets"}
    assert asked.get("secrets", f"{{{{ {role}_check_secrets }}}}") == f"{{{{ {role}_check_secrets }}}}"
    assert (asked["chapter"], asked["settings"]) == (role, f"{{{{ {role}_check_settings }}}}")
    assert task == {"register": f"{role}_checked"}
    assert f"{role}_check_settings" in variables(role, "vars")
