"""Copies of credentials on a cluster in memory: written, never over what somebody else wrote, and removed."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.apply.policy import Policy
from ansible_collections.seldon.openshift.plugins.module_utils.credentials import copies
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError, EngineError

from tests.unit.apiserver import ApiServer, managed

Object = dict[str, Any]

HEALING = Policy()

pytestmark = pytest.mark.usefixtures("clock")


def secret(name: str = "s", **data: str) -> Object:
    return copies.copy_of(name, "n", data or {"a": "MQ=="})


def write(server: ApiServer, *wanted: Object, policy: Policy = HEALING) -> list[str]:
    outcomes = copies.write(server, list(wanted), policy, time.monotonic() + 60, [].append)
    return [outcome.action for outcome in outcomes]


def remove(server: ApiServer, *objects: Object) -> tuple[list[str], list[str]]:
    outcomes, warnings = copies.remove(server, list(objects), time.monotonic() + 60, [].append)
    return [outcome.action for outcome in outcomes], warnings


@pytest.mark.parametrize(
    ("live", "action", "writes"),
    [
        pytest.param(None, "created", 1, id="absent"),
        pytest.param(managed(secret()), "unchanged", 0, id="ours"),
        pytest.param(managed(secret(a="Mg==")), "updated", 1, id="ours with an earlier value"),
        pytest.param(secret(), "unchanged", 2, id="of somebody else with the same value, after a dry run"),
    ],
)
def test_what_is_written(live: Object | None, action: str, writes: int) -> None:
    server = ApiServer(*([live] if live else []))
    assert write(server, secret()) == [action]
    assert len(server.writes) == writes
    assert (server.held(secret()) or {})["data"]["a"] == "MQ=="


def test_values_of_somebody_else_stay_unless_they_may_be_replaced() -> None:
    server = ApiServer(secret(a="Mg=="))
    with pytest.raises(EngineError, match=r"(?s)Secret n/s.*not managed by this collection.*a\..*The others are done"):
        write(server, secret(), secret("t"))
    assert (server.held(secret()) or {})["data"] == {"a": "Mg=="}
    assert server.held(secret("t"))
    assert write(server, secret(), policy=Policy(adopt=True)) == ["updated"]
    assert (server.held(secret()) or {})["data"] == {"a": "MQ=="}


def test_check_mode_refuses_the_same_and_writes_nothing() -> None:
    server = ApiServer(secret(a="Mg=="), check_mode=True)
    with pytest.raises(EngineError, match="not managed by this collection"):
        write(server, secret())
    assert write(server, secret("t")) == ["created"]
    assert server.held(secret("t")) is None


def test_only_what_is_ours_as_a_whole_is_removed() -> None:
    grown = managed(secret("grown"))
    grown["data"]["theirs"] = "Mg=="
    server = ApiServer(managed(secret("ours")), secret("foreign"), grown)
    actions, warnings = remove(server, *map(secret, ("ours", "foreign", "grown", "absent")))
    assert actions == ["deleted", "absent"]
    assert [name for name in ("foreign", "grown") if any(name in line for line in warnings)] == ["foreign", "grown"]
    assert server.names("Secret") == ["foreign", "grown"]


def test_what_could_not_be_written_or_removed_is_an_error() -> None:
    def refuse(method: str, _path: str) -> None:
        if method != "GET":
            raise ApiError(403, "Forbidden")

    server = ApiServer(managed(secret("ours")))
    server.before_request = refuse
    with pytest.raises(EngineError, match="403"):
        write(server, secret())
    with pytest.raises(EngineError, match="403"):
        remove(server, secret("ours"))
