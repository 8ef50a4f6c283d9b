"""Every role does the same, whether its booleans and numbers are such or texts that mean them.

A table from the argument specs: one host for each form. The roles really run, in a copy of the collection whose modules
write down what they were asked for (`recorder.py`); Ansible does all else.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from tests.unit.collection.typed_reads import CHECKOUT, argument_specs

Calls = list[str]  # lines of JSON, in which 1 is not true

RECORDER = Path(__file__).with_name("recorder.py")
TEXTS = {
    True: ("true", "True", "yes", "1", "y", "on", "TRUE", "t", "Yes", 1),
    False: ("false", "False", "no", "0", "n", "off", "FALSE", "f", "No", 0),
}
# The rooms that import all others, in the order in which a playbook opens them.
ROOMS = ("main", "namespaces", "wait", "validate", "remove")
# Who asks for more once there is something to remove.
FULL = ("model_namespace", "seldon_core_v2")


def typed(role: str, kind: str) -> dict[str, Any]:
    """Return the variables of a role that have this type, with their defaults."""
    return {name: option["default"] for name, option in argument_specs()[role].items() if option["type"] == kind}


def given(boolean: Callable[[], Any], number: Callable[[int], Any]) -> dict[str, Any]:
    """Return a host's variables: all booleans and numbers of the collection, also those in lists and Helm values."""
    roles = argument_specs()
    return {
        **{name: boolean() for role in roles for name in typed(role, "bool")},
        **{name: number(default + 1) for role in roles for name, default in typed(role, "int").items()},
        "seldon_model_namespaces": [
            {"name": "a", "gitops": boolean(), "v2": boolean()},
            {"name": "b", "v2": boolean()},
        ],
        "seldon_deploy_values": {
            "enableAppAuth": boolean(),
            "elasticsearch": {"basicAuth": boolean()},
            "gitops": {"argocd": {"enabled": boolean()}},
            "metadata": {"pg": {"enabled": boolean()}},
            "requestLogger": {"create": boolean()},
        },
        "seldon_core_v2_components_values": {"hodometer": {"enabled": boolean()}},
    }


def hosts() -> dict[str, dict[str, Any]]:
    """Return each host's variables."""
    native = {f"native_{value}": given(lambda value=value: value, int) for value in TEXTS}
    texts = {f"text_{value}": given(itertools.cycle(forms).__next__, str) for value, forms in TEXTS.items()}
    return {**native, **texts}


def rooms() -> Iterator[tuple[str, str]]:
    """Yield the roles that have booleans, with their rooms. All others hand their numbers to modules, which convert."""
    for role in (role for role in argument_specs() if typed(role, "bool")):
        there = {path.stem for path in (CHECKOUT / f"roles/{role}/tasks").glob("*.yml")}
        yield from ((role, room) for room in ROOMS if room in there)


def play(opened: Iterable[tuple[str, str]], **variables: Any) -> dict[str, Any]:
    """Return a play that opens these rooms of roles one after the other, whatever becomes of the others."""
    # Argument specs convert nothing: without them it is quicker.
    imports = [
        {"name": f"seldon.openshift.{role}", "tasks_from": room, "rolespec_validate": False} for role, room in opened
    ]
    failed = {"failed": "{{ ansible_failed_task.name }}", "said": "{{ ansible_failed_result.msg }}"}
    rescue = [{"name": "Failed", "seldon.openshift.record": failed}]
    tasks = [{"block": [{"ansible.builtin.import_role": each}], "rescue": rescue} for each in imports]
    return {"hosts": "clusters", "gather_facts": False, "vars": variables, "tasks": tasks}


def recording_collections(root: Path) -> None:
    """Make a copy of the collection, and of kubernetes.core, whose actions write down what they were asked for."""
    ours, theirs = (root / "ansible_collections" / name for name in ("seldon/openshift", "kubernetes/core"))
    core = Path(import_module("ansible_collections.kubernetes.core").__path__[0])
    links = {
        copy / path.relative_to(source): path
        for copy, source in ((ours, CHECKOUT), (theirs, core))
        for path in (source / "plugins").iterdir()
    }
    for folder in ("action", "plugin_utils"):
        del links[ours / "plugins" / folder]
        links |= {ours / "plugins" / folder / path.name: path for path in (CHECKOUT / "plugins" / folder).iterdir()}
    links.pop(theirs / "plugins/action")
    links |= {ours / name: CHECKOUT / name for name in ("meta", "roles")}
    links[ours / "plugins/plugin_utils/engine_action.py"] = RECORDER
    links |= dict.fromkeys(
        [ours / "plugins/action/record.py", *(theirs / f"plugins/action/{name}.py" for name in ("helm", "k8s"))],
        RECORDER,
    )
    for link, target in links.items():
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(target)


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Calls]:
    """Run all roles, and return what each host asked for."""
    root = tmp_path_factory.mktemp("forms")
    recording_collections(root)
    (root / "recorded").mkdir()
    usual = {
        "ansible_connection": "local",
        "seldon_git_repository": "https://git.example.com/acme/models",
    }
    (root / "hosts.json").write_text(json.dumps({"clusters": {"hosts": hosts(), "vars": usual}}))
    (root / "play.json").write_text(
        json.dumps([play(rooms()), play([(role, "remove") for role in FULL], populated=True)])
    )
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "K8S_AUTH_"))}
    settings = {
        "ANSIBLE_COLLECTIONS_PATH": str(root),
        "ANSIBLE_FORKS": "4",
        "HOME": str(root),
        "RECORD": str(root / "recorded"),
    }
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "hosts.json", "play.json"]
    done = subprocess.run(command, cwd=root, env={**clean, **settings}, capture_output=True, text=True)
    (root / "output").write_text(done.stdout + done.stderr)
    found = {path.name: path.read_text().splitlines() for path in (root / "recorded").iterdir()}
    assert found.keys() == hosts().keys(), done.stdout + done.stderr
    return found


@pytest.mark.parametrize("role", argument_specs())
def test_every_entry_point_takes_texts_and_refuses_what_means_nothing(role: str) -> None:
    specs = yaml.safe_load((CHECKOUT / f"roles/{role}/meta/argument_specs.yml").read_text())["argument_specs"]
    for spec in specs.values():
        validator = ArgumentSpecValidator(spec.get("options", {}))
        for kind, unusable, texts in (("bool", "maybe", TEXTS[True] + TEXTS[False]), ("int", "many", ("5",))):
            for name in typed(role, kind):
                assert [text for text in texts if validator.validate({name: text}).error_messages] == []
                assert validator.validate({name: unusable}).error_messages != []


@pytest.mark.parametrize("meant", [True, False])
def test_a_text_does_what_it_means(calls: dict[str, Calls], meant: bool) -> None:
    pairs = itertools.zip_longest(calls[f"text_{meant}"], calls[f"native_{meant}"])
    assert next((pair for pair in pairs if pair[0] != pair[1]), None) is None


def test_the_booleans_decide_something(calls: dict[str, Calls]) -> None:
    """Else the other test would compare what is the same anyway, or how the roles fail here."""
    assert [call for call in calls["native_True"] if json.loads(call)[1] == "Failed"] == []
    on, off = (set(calls[f"native_{meant}"]) for meant in (True, False))
    assert {role for role in argument_specs() if typed(role, "bool")} <= {json.loads(call)[0] for call in on ^ off}
