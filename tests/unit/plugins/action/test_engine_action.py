"""One action for all modules of the engine: who has it, by which names a task finds it, what it costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).parents[4]
PLUGINS = "ansible_collections.seldon.openshift.plugins"
ACTIONS, MODULES = (sorted((CHECKOUT / "plugins" / kind).glob("*.py")) for kind in ("action", "modules"))
SHARED = "seldon_apply"
# What they do needs the controller: they judge the variables, run another module, encrypt, or reach no cluster.
OF_THEIR_OWN = {
    "seldon_backup",
    "seldon_helm",
    "seldon_preflight",
    "seldon_refuse",
    "seldon_release",
    "seldon_render",
    "seldon_report",
    "seldon_restore",
}
# They run where their task runs, as every module of Ansible.
WITHOUT = {"seldon_chart"}
Task = dict[str, Any]


def test_every_module_has_an_action_and_every_action_a_module() -> None:
    assert {path.stem for path in ACTIONS} | WITHOUT == {path.stem for path in MODULES}


def test_the_actions_of_the_engines_modules_are_one_file() -> None:
    assert {path.stem for path in ACTIONS if not path.is_symlink()} == {SHARED, *OF_THEIR_OWN}
    assert {str(path.readlink()) for path in ACTIONS if path.is_symlink()} == {f"{SHARED}.py"}


@pytest.mark.parametrize("name", [path.stem for path in MODULES if path.stem not in OF_THEIR_OWN | WITHOUT])
def test_an_action_runs_the_module_of_its_name(name: str) -> None:
    action = import_module(f"{PLUGINS}.action.{name}").ActionModule
    assert action.module is import_module(f"{PLUGINS}.modules.{name}")


@dataclass(frozen=True)
class Refused:
    """A task whose arguments, those of `module_defaults` included, its module does not know."""

    module: str
    task: Task
    arguments: tuple[str, ...]


# Without `resources`, that would be said first.
WAIT = {"resources": []}
WAIT_BY_KEYWORD = {"module": "seldon.openshift.seldon_wait", **WAIT}
WAIT_BY_SHORT_NAME = {"seldon_wait": WAIT, "collections": ["seldon.openshift"]}
OF_WAIT = ("of_group", "of_wait")
REFUSED = {
    "full name": Refused("seldon_wait", {"seldon.openshift.seldon_wait": WAIT}, OF_WAIT),
    "short name": Refused("seldon_wait", WAIT_BY_SHORT_NAME, OF_WAIT),
    "action": Refused("seldon_wait", {"action": WAIT_BY_KEYWORD}, OF_WAIT),
    "local action": Refused("seldon_wait", {"local_action": WAIT_BY_KEYWORD}, OF_WAIT),
    "argument": Refused("seldon_wait", {"seldon.openshift.seldon_wait": {**WAIT, "mine": 1}}, ("mine", *OF_WAIT)),
    "another module": Refused("seldon_token_secret", {"seldon.openshift.seldon_token_secret": {}}, ("of_group",)),
    "the shared file": Refused("seldon_apply", {"seldon.openshift.seldon_apply": {}}, ("of_group",)),
    "an action of its own": Refused("seldon_preflight", {"seldon.openshift.seldon_preflight": {}}, ("of_group",)),
}
# Before ansible-core 2.19, `module_defaults` do not hold for a module that a template names.
TEMPLATE = Refused(
    "seldon_wait", {"action": "seldon.openshift.seldon_{{ 'wait' }}", "args": {**WAIT, "mine": 1}}, ("mine",)
)
ALL = {**REFUSED, "template": TEMPLATE}
DEFAULTS = {"group/seldon.openshift.seldon": {"of_group": 1}, "seldon.openshift.seldon_wait": {"of_wait": 1}}


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Run all these tasks in one play, and return what each of them said."""
    folder = tmp_path_factory.mktemp("action")
    texts = {name: f"{{{{ {variable(name)}.msg }}}}" for name in ALL}
    copy = {"content": "{{ texts | to_json }}", "dest": str(folder / "messages.json")}
    with_defaults = {"module_defaults": DEFAULTS, "block": [registered(name) for name in REFUSED]}
    ansible(folder, with_defaults, registered("template"), {"ansible.builtin.copy": copy, "vars": {"texts": texts}})
    return json.loads((folder / "messages.json").read_text())


def registered(name: str) -> Task:
    return {"name": name, **ALL[name].task, "ignore_errors": True, "register": variable(name)}


def variable(name: str) -> str:
    return name.replace(" ", "_")


def ansible(folder: Path, *tasks: Task) -> str:
    """Run a play of these tasks, and return what Python said of the imports of Ansible's own process."""
    (folder / "play.json").write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    found = [import_module(f"ansible_collections.{name}") for name in ("seldon.openshift", "kubernetes.core")]
    roots = [str(Path(package.__path__[0]).parents[2]) for package in found]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "K8S_AUTH_"))}
    done = subprocess.run(
        [str(Path(sys.executable).parent / "ansible-playbook"), "play.json"],
        cwd=folder,
        env=clean | {"ANSIBLE_COLLECTIONS_PATH": ":".join(roots), "PYTHONPROFILEIMPORTTIME": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stderr


@pytest.mark.parametrize("name", ALL)
def test_an_error_names_the_module_and_its_arguments(messages: dict[str, str], name: str) -> None:
    refused = ALL[name]
    said = f"Unsupported parameters for (seldon.openshift.{refused.module}) module: {', '.join(refused.arguments)}. "
    assert messages[name].startswith(said)


def test_workers_inherit_the_kubernetes_library(tmp_path: Path) -> None:
    imports = ansible(tmp_path, registered("full name"), registered("another module"), registered("full name"))
    assert [line.rpartition("|")[2].strip() for line in imports.splitlines()].count("kubernetes") == 1
