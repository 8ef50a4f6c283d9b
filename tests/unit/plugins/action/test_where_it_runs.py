"""Where the action runs its module: in Ansible's own process, or shipped to whatever Python the task names."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.action.seldon_token_secret import ActionModule
from ansible_collections.seldon.openshift.plugins.plugin_utils import engine_action

NAME = "seldon.openshift.seldon_token_secret"
OTHER = "/usr/bin/another-python"
Result = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """What a task says of where it runs. Without `interpreter`, a host has no `ansible_python_interpreter`."""

    transport: str = "local"
    become: bool = False
    async_seconds: int = 0
    interpreter: str = ""
    delegate_to: str = ""
    delegate_interpreter: str = ""

    @property
    def variables(self) -> dict[str, Any]:
        """The task's variables, those of the host that is delegated to apart."""
        delegated = {self.delegate_to: interpreter(self.delegate_interpreter)}
        return {"inventory_hostname": "cluster", **interpreter(self.interpreter), "ansible_delegated_vars": delegated}


def interpreter(path: str) -> dict[str, str]:
    """Return the variable that names it."""
    return {"ansible_python_interpreter": path} if path else {}


HERE = (
    Place(),
    Place(interpreter="auto_silent"),
    Place(interpreter=sys.executable),
    Place(interpreter=OTHER, delegate_to="bastion"),
)
ELSEWHERE = (
    Place(transport="ssh"),
    Place(become=True),
    Place(async_seconds=60),
    Place(interpreter=OTHER),
    Place(delegate_to="bastion", delegate_interpreter=OTHER),
)


def action(place: Place) -> ActionModule:
    """Return the action of a task with diff and one argument, in check mode unless it is asynchronous: never both."""
    task = SimpleNamespace(
        action=NAME,
        args={"namespace": "mine"},
        async_val=place.async_seconds,
        check_mode=not place.async_seconds,
        delegate_to=place.delegate_to,
        diff=True,
        environment=[],
    )
    shell = SimpleNamespace(tmpdir=None, env_prefix=lambda: "")
    connection = SimpleNamespace(transport=place.transport, become=place.become or None, _shell=shell)
    return ActionModule(task, connection, None, None, SimpleNamespace(template=lambda value: value), None)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Result:
    """What `execute` in this process, or Ansible's way to ship a module, was asked for."""
    asked: Result = {}

    def execute(*given: object) -> Result:
        asked["here"] = given
        return {}

    def ship(_action: ActionModule, **given: object) -> Result:
        asked["shipped"] = given
        return {}

    monkeypatch.setattr(engine_action, "execute", execute)
    monkeypatch.setattr(ActionModule, "_execute_module", ship)
    return asked


@pytest.mark.parametrize("place", HERE)
def test_a_module_runs_here(place: Place, calls: Result) -> None:
    action(place).run(task_vars=place.variables)
    assert calls.keys() == {"here"}
    run, params, check_mode, diff, *_rest = calls["here"]
    assert (run, check_mode, diff) == (ActionModule.module.run, True, True)
    assert (params["namespace"], params["name"]) == ("mine", "jwt-seldon")


@pytest.mark.parametrize("place", ELSEWHERE)
def test_a_module_is_shipped(place: Place, calls: Result) -> None:
    action(place).run(task_vars=place.variables)
    assert calls == {
        "shipped": {
            "module_name": NAME,
            "module_args": {"namespace": "mine"},
            "task_vars": place.variables,
            "wrap_async": place.async_seconds > 0,
        }
    }
