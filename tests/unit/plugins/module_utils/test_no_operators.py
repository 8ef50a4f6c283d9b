"""A role whose mode installs nothing hands an empty list to the modules: it costs no request, with or without OLM."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.modules import seldon_operator, seldon_wait


def unreachable(check_mode: bool) -> Any:
    """Return a client with which every request fails."""
    return SimpleNamespace(check_mode=check_mode)


def parameters(**given: Any) -> dict[str, Any]:
    """Return the module's parameters, which name no operators unless given."""
    usual = {"bound": True, "state": "present", "wait": True, "force": False, "repair": True, "timeout": 900}
    return {"operators": [], "meanwhile": [], "earlier": [], **usual, **given}


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(("state", "wait"), [("present", False), ("present", True), ("absent", True)])
def test_no_operators_cost_no_request(state: str, wait: bool, check_mode: bool) -> None:
    result = seldon_operator.run(unreachable(check_mode), parameters(state=state, wait=wait), check_mode, pytest.fail)
    assert result == {"changed": False, "operators": []} | (
        {} if state == "absent" else {"warnings": [], "meanwhile": []}
    )


KAFKA = {"name": "amq-streams", "namespace": "kafka", "source_namespace": "openshift-marketplace", "upgrade": False}
SEEN = {"name": "amq-streams", "namespace": "kafka", "csv": "amqstreams.v2.2.0-4", "adopted": False}


def test_what_an_earlier_task_found_installed_is_told_again_without_a_request() -> None:
    earlier = [{**SEEN, "state": "installed", "actions": ["approve install plan p for amqstreams.v2.2.0-4"]}]
    params = parameters(operators=[KAFKA], earlier=earlier)
    result = seldon_operator.run(unreachable(check_mode=False), params, False, pytest.fail)
    assert (result["changed"], result["operators"]) == (False, [{**SEEN, "state": "installed", "actions": []}])


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param({**SEEN, "state": "progressing"}, id="on its way"),
        pytest.param({**SEEN, "state": "installed", "namespace": "other"}, id="elsewhere"),
        pytest.param({"state": "installed"}, id="without a name"),
    ],
)
def test_whatever_else_an_earlier_task_told_is_looked_at(seen: dict[str, Any]) -> None:
    with pytest.raises(AttributeError):  # the client's: it was asked
        seldon_operator.run(
            unreachable(check_mode=False), parameters(operators=[KAFKA], earlier=[seen]), False, pytest.fail
        )


@pytest.mark.parametrize("check_mode", [True, False])
def test_nothing_to_wait_for_costs_no_request(check_mode: bool) -> None:
    params = {"resources": [], "timeout": 900}
    result = seldon_wait.run(unreachable(check_mode), params, check_mode, pytest.fail)
    assert result == {"changed": False, "resources": []}
