"""Every role does the same, whether its booleans and numbers are such or texts that mean them.

A table from the argument specs: one host for each form. The roles really run, against the recorder (`recording.py`).
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from tests.plays import SHARED
from tests.unit.collection.recording import Calls, recorded
from tests.unit.collection.typed_reads import CHECKOUT, argument_specs

TEXTS = {
    True: ("true", "True", "yes", "1", "y", "on", "TRUE", "t", "Yes", 1),
    False: ("false", "False", "no", "0", "n", "off", "FALSE", "f", "No", 0),
}
# The entry points that import all others, in the order in which a playbook opens them.
ENTRIES = ("main", "namespaces", "wait", "validate", "remove")
# Who asks for more once there is something to remove or to try.
FULL = (("backup", "main"), ("model_namespace", "remove"), ("seldon_core_v2", "remove"), ("try_model", "main"))


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
        "backup_dir": "x",
        "restore_path": "x",
        "try_model_namespace": "x",
    }


def hosts() -> dict[str, dict[str, Any]]:
    """Return each host's variables."""
    native = {f"native_{value}": given(lambda value=value: value, int) for value in TEXTS}
    texts = {f"text_{value}": given(itertools.cycle(forms).__next__, str) for value, forms in TEXTS.items()}
    return {**native, **texts}


def entries() -> Iterator[tuple[str, str]]:
    """Yield the roles that have booleans, with their entry points. Others hand numbers to modules, which convert."""
    for role in (role for role in argument_specs() if typed(role, "bool")):
        there = {path.stem for path in (CHECKOUT / f"roles/{role}/tasks").glob("*.yml")}
        opened = ((role, entry) for entry in ENTRIES if entry in there)
        yield from (each for each in opened if each != ("try_model", "main"))


def play(opened: Iterable[tuple[str, str]], **variables: Any) -> dict[str, Any]:
    """Return a play that opens these entries of roles one after the other, whatever becomes of the others."""
    # Argument specs convert nothing: without them it is quicker.
    imports = [
        {"name": f"seldon.openshift.{role}", "tasks_from": entry, "rolespec_validate": False} for role, entry in opened
    ]
    failed = {"failed": "{{ ansible_failed_task.name }}", "said": "{{ ansible_failed_result.msg }}"}
    rescue = [{"name": "Failed", "seldon.openshift.record": failed}]
    tasks = [{"block": [{"ansible.builtin.import_role": each}], "rescue": rescue} for each in imports]
    return {"hosts": "clusters", "gather_facts": False, "vars": variables, "tasks": [SHARED, *tasks]}


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Calls]:
    """Run all roles, and return what each host asked for."""
    plays = [play(entries()), play(FULL, populated=True)]
    found, output = recorded(plays, hosts(), tmp_path_factory.mktemp("forms"))
    assert found.keys() == hosts().keys(), output
    return found


@pytest.mark.parametrize("role", argument_specs())
def test_every_entry_point_takes_texts_and_refuses_what_means_nothing(role: str) -> None:
    specs = yaml.safe_load((CHECKOUT / f"roles/{role}/meta/argument_specs.yml").read_text())["argument_specs"]
    for spec in specs.values():
        options = spec.get("options", {})
        for kind, unusable, texts in (("bool", "maybe", TEXTS[True] + TEXTS[False]), ("int", "many", ("5",))):
            for name in typed(role, kind).keys() & options.keys():
                validator = ArgumentSpecValidator({name: options[name]})
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
    # Those of the role common are read by all others; the role rights writes a file, which nobody records.
    assert {role for role in argument_specs() if typed(role, "bool")} - {"common", "rights"} <= {
        json.loads(call)[0] for call in on ^ off
    }
