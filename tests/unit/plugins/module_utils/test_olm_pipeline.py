"""An operator that serves before OLM notes it in its Subscription, and what others have requested meanwhile."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.olm import installer
from ansible_collections.seldon.openshift.plugins.module_utils.olm.model import Installed, Operator, Snapshot
from ansible_collections.seldon.openshift.plugins.module_utils.readiness.state import Progressing

from tests.unit.plugins.module_utils.test_olm import PINNED, plan, subscription, version, world

Object = dict[str, Any]

LATER = replace(PINNED, name="mesh", namespace="meshes", starting_csv="mesh.v1")
HELD = {"installPlanApproval": "Manual", "startingCSV": "amq.v2"}
UNBOUND = world(
    namespace=True,
    subscriptions=[subscription(spec=HELD, currentCSV="amq.v2")],
    versions=[version("amq.v2")],
    established={"amq.v2.crd"},
)
COMING = replace(UNBOUND, versions=[version("amq.v2", "Installing")])
WAITS = world(
    namespace=True,
    subscriptions=[subscription("mesh", {"installPlanApproval": "Manual"}, currentCSV="mesh.v1")],
    plans=[plan("p", "mesh.v1")],
)


class Cluster:
    """What every namespace looks like, one look after the other (the last one stays), and what was patched."""

    check_mode = False

    def __init__(self, looks: dict[str, list[Snapshot]]) -> None:
        self.looks = looks
        self.observed: list[str] = []
        self.patched: list[tuple[str, Object]] = []

    def patch(self, obj: Object, body: Object, deadline: float) -> Object:
        self.patched.append((obj["metadata"]["name"], body))
        return obj

    def observer(self, _client: Cluster, operators: Sequence[Operator], _deadline: float) -> Any:
        self.observed += [operator.name for operator in operators]
        return Observer(self)


class Observer:
    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._is_complete = False
        self.informer = SimpleNamespace(wait=lambda _seconds: time.sleep(0.01), check=lambda: None)

    def __enter__(self) -> Observer:
        return self

    def __exit__(self, *_details: object) -> None:
        pass

    def complete(self) -> None:
        self._is_complete = True

    def snapshot(self, namespace: str) -> Snapshot:
        assert self._is_complete, "half of what is there must not be judged"
        looks = self._cluster.looks[namespace]
        return looks.pop(0) if len(looks) > 1 else looks[0]

    def look_up(self, _operator: Operator, _seen: Snapshot) -> None:
        pass


def install(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, seconds: float = 5, **options: Any
) -> tuple[installer.Installer, installer.OperatorStatus]:
    monkeypatch.setattr(installer, "Observer", cluster.observer)
    client: Any = cluster
    made = installer.Installer(client, [PINNED], time.monotonic() + seconds, lambda _line: None, **options)
    (result,) = made.install(wait=True)
    return made, result


def test_one_that_serves_is_done_before_olm_notes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    _made, result = install(Cluster({PINNED.namespace: [UNBOUND]}), monkeypatch, bound=False)
    assert isinstance(result.state, Installed)
    assert (result.state.csv, result.state.bound) == ("amq.v2", False)


def test_by_default_olm_s_note_is_awaited_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    _made, result = install(Cluster({PINNED.namespace: [UNBOUND]}), monkeypatch, seconds=0.1)
    assert result.state == Progressing("amq.v2 serves; OLM has yet to note it in the Subscription")
    bound = replace(UNBOUND, subscriptions=[subscription(spec=HELD, currentCSV="amq.v2", installedCSV="amq.v2")])
    _made, result = install(Cluster({PINNED.namespace: [UNBOUND, UNBOUND, bound]}), monkeypatch)
    assert isinstance(result.state, Installed)
    assert result.state.bound


def test_while_one_comes_the_plans_of_the_others_are_approved(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster({PINNED.namespace: [COMING] * 4 + [UNBOUND], LATER.namespace: [WAITS]})
    made, result = install(cluster, monkeypatch, bound=False, meanwhile=[PINNED, LATER])
    assert isinstance(result.state, Installed)
    assert cluster.patched == [("p", {"spec": {"approved": True}})]
    # The result of the task is of its own operators.
    assert (result.actions, [other.actions for other in made.meanwhile]) == (
        [],
        [["approve install plan p for mesh.v1"]],
    )


def test_what_others_wait_for_is_not_looked_at_when_all_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster({PINNED.namespace: [UNBOUND], LATER.namespace: [WAITS]})
    install(cluster, monkeypatch, bound=False, meanwhile=[LATER])
    assert (cluster.observed, cluster.patched) == ([PINNED.name], [])


def test_what_fails_of_the_others_is_theirs_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = replace(WAITS, plans=[plan("p", "mesh.v1", phase="Failed", approved=True)])
    cluster = Cluster({PINNED.namespace: [COMING] * 4 + [UNBOUND], LATER.namespace: [failed]})
    made, result = install(cluster, monkeypatch, bound=False, meanwhile=[LATER])
    assert isinstance(result.state, Installed)
    assert made.meanwhile == []
