"""A role whose mode installs nothing hands an empty list to the modules: it costs no request, with or without OLM."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.modules import seldon_operator, seldon_wait


def unreachable(check_mode: bool) -> Any:
    """Return a client with which every request fails."""
    return SimpleNamespace(check_mode=check_mode)


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(("state", "wait"), [("present", False), ("present", True), ("absent", True)])
def test_no_operators_cost_no_request(state: str, wait: bool, check_mode: bool) -> None:
    params = {
        "operators": [],
        "meanwhile": [],
        "bound": True,
        "state": state,
        "wait": wait,
        "force": False,
        "timeout": 900,
    }
    result = seldon_operator.run(unreachable(check_mode), params, check_mode, pytest.fail)
    assert result == {"changed": False, "operators": []} | (
        {} if state == "absent" else {"warnings": [], "meanwhile": []}
    )


@pytest.mark.parametrize("check_mode", [True, False])
def test_nothing_to_wait_for_costs_no_request(check_mode: bool) -> None:
    params = {"resources": [], "timeout": 900}
    result = seldon_wait.run(unreachable(check_mode), params, check_mode, pytest.fail)
    assert result == {"changed": False, "resources": []}
