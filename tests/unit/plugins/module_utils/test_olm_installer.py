"""The installer's writes, where somebody else writes at the same time, or an answer is lost on its way back."""

from __future__ import annotations

import copy
import time
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError, EngineError, Unreachable
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import MANAGED_BY
from ansible_collections.seldon.openshift.plugins.module_utils.olm import installer
from ansible_collections.seldon.openshift.plugins.module_utils.olm.model import Operator, Snapshot
from ansible_collections.seldon.openshift.plugins.module_utils.readiness.state import Ready

from tests.unit.plugins.module_utils.test_olm import KAFKA, NAMESPACE, PINNED, catalog, manifest

Object = dict[str, Any]
KINDS = ("Namespace", "OperatorGroup", "Subscription")
LOST = Unreachable("reset", sent=True)
CUT = Unreachable("reset", sent=True)
BUSY = ApiError(500, "InternalError", "etcdserver: leader changed")


class Cluster:
    """API server and observer in one: `events` happen to the first creation of a kind.

    LOST: it arrives, its answer does not. "taken": somebody else creates the same just before it. Another error: it
    does not arrive. With `lag`, every look shows what was there one look earlier.
    """

    check_mode = False

    def __init__(self, events: dict[str, Any], lag: bool = False) -> None:
        self.events = events
        self.lag = lag
        self.objects: list[Object] = []
        self.arrived: list[str] = []
        self._looks: list[list[Object]] = []
        self.informer = SimpleNamespace(wait=lambda _seconds: True, check=lambda: None)

    def create(self, obj: Object, deadline: float) -> Object:
        event = self.events.pop(obj["kind"], None)
        if isinstance(event, Exception) and event is not LOST:
            raise event
        if event == "taken":
            self.objects.append(without_label(obj))
        if _key(obj) in map(_key, self.objects):
            raise ApiError(409, "AlreadyExists", "already exists")
        self.objects.append(obj)
        self.arrived.append(obj["kind"])
        if event is LOST:
            raise LOST
        return obj

    def patch(self, obj: Object, body: Object, deadline: float) -> Object:
        raise AssertionError(f"nothing is to be changed in {obj}: {body}")

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_details: object) -> None:
        pass

    def complete(self) -> None:
        pass

    def snapshot(self, _namespace: str) -> Snapshot:
        self._looks.append(copy.deepcopy(self.objects))
        shown = self._looks[-2 if self.lag and len(self._looks) > 1 else -1]
        of = {kind: [obj for obj in shown if obj["kind"] == kind] for kind in KINDS}
        return Snapshot(
            namespace=bool(of["Namespace"]),
            groups=of["OperatorGroup"],
            subscriptions=of["Subscription"],
            catalogs=[catalog()],
            manifests={"amq": [manifest()]},
        )

    def look_up(self, _operator: Operator, _seen: Snapshot) -> None:
        pass


def without_label(obj: Object) -> Object:
    return {**obj, "metadata": {key: value for key, value in obj["metadata"].items() if key != "labels"}}


def _key(obj: Object) -> tuple[str, str]:
    return obj["kind"], obj["metadata"]["name"]


def install(cluster: Any, monkeypatch: pytest.MonkeyPatch, operator: Operator = PINNED) -> installer.OperatorStatus:
    monkeypatch.setattr(installer, "Observer", lambda *_given: cluster)
    (result,) = installer.Installer(cluster, [operator], time.monotonic() + 20, lambda _line: None).install(wait=False)
    return result


def created(result: installer.OperatorStatus) -> list[str]:
    """Return the kinds of what the result says was created, in order."""
    return [action.split()[1] for action in result.actions]


@pytest.mark.parametrize("lag", [False, True], ids=["seen", "not-seen-yet"])
@pytest.mark.parametrize("kind", KINDS)
class TestOneOfTheCreations:
    def test_somebody_else_was_faster(self, kind: str, lag: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        cluster = Cluster({kind: "taken"}, lag)
        result = install(cluster, monkeypatch)
        assert isinstance(result.state, Ready), result.state
        assert created(result) == cluster.arrived == [each for each in KINDS if each != kind]
        assert sorted(map(_key, cluster.objects)) == [
            ("Namespace", NAMESPACE),
            ("OperatorGroup", f"seldon-openshift-{NAMESPACE}"),
            ("Subscription", "amq"),
        ]

    def test_it_arrives_and_its_answer_is_lost(self, kind: str, lag: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        cluster = Cluster({kind: LOST}, lag)
        result = install(cluster, monkeypatch)
        assert isinstance(result.state, Ready), result.state
        assert created(result) == cluster.arrived == list(KINDS)
        assert all(obj["metadata"]["labels"] == MANAGED_BY for obj in cluster.objects)

    @pytest.mark.parametrize("error", [CUT, BUSY], ids=["cut", "busy"])
    def test_it_does_not_arrive(self, kind: str, lag: bool, error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
        cluster = Cluster({kind: error}, lag)
        result = install(cluster, monkeypatch)
        assert isinstance(result.state, Ready), result.state
        assert created(result) == cluster.arrived == list(KINDS)


def test_all_answers_are_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster(dict.fromkeys(KINDS, LOST), lag=True)
    result = install(cluster, monkeypatch, KAFKA)
    assert created(result) == cluster.arrived == list(KINDS)


def test_a_refusal_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster({"Subscription": ApiError(403, "Forbidden", "no")})
    with pytest.raises(EngineError, match=r"could not create Subscription operators/amq, channel stable: 403"):
        install(cluster, monkeypatch)
