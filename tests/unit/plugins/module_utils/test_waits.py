"""What is waited for by looking again: kinds that are served later, catalogues that settle, operators that go."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.apply.apply import apply_set
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError, EngineError, KindNotServed
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import (
    CATALOG_SOURCE,
    CLUSTER_SERVICE_VERSION,
    SUBSCRIPTION,
)
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import MANAGED_BY, Kind
from ansible_collections.seldon.openshift.plugins.module_utils.olm.model import Operator
from ansible_collections.seldon.openshift.plugins.module_utils.olm.remover import uninstall
from ansible_collections.seldon.openshift.plugins.module_utils.preflight.observe import _settled_catalogs

from tests.unit.apiserver import ApiServer
from tests.unit.clock import Clock

Object = dict[str, Any]
LATER, NEVER = Kind("example.com/v1", "Later"), Kind("example.com/v1", "Never")


class Unserved:
    """Serves none of the kinds that it is asked for, or has no answer."""

    check_mode = False

    def __init__(self, error: EngineError | None = None) -> None:
        self.error = error

    def resource(self, kind: Kind, _deadline: float) -> None:
        raise KindNotServed(kind)

    def serves(self, _kind: Kind) -> bool:
        if self.error:
            raise self.error
        return False


def test_kinds_that_are_never_served_fail_by_name_at_the_deadline(clock: Clock) -> None:
    server: Any = Unserved()
    lines: list[str] = []
    objects = [NEVER.named("a", "n").bare(), LATER.named("b", "n").bare()]
    outcomes = apply_set(server, objects, False, clock.now + 10, lines.append)
    assert [(each.action, each.unserved) for each in outcomes] == [("failed", True)] * 2
    assert "the cluster does not serve Never of example.com/v1 after 10 s" in outcomes[0].message
    assert lines == ["waiting until the cluster serves: Later of example.com/v1, Never of example.com/v1"]


def test_an_error_ends_the_wait_for_a_kind(clock: Clock) -> None:
    server: Any = Unserved(ApiError(403, "Forbidden"))
    (outcome,) = apply_set(server, [NEVER.named("a", "n").bare()], False, clock.now + 10, [].append)
    assert (outcome.action, outcome.message, outcome.unserved, clock.slept) == ("failed", "403 Forbidden", False, 0)


def catalog(state: str) -> Object:
    return {**CATALOG_SOURCE.named("c", "m").bare(), "status": {"connectionState": {"lastObservedState": state}}}


@pytest.mark.parametrize(
    ("answers_after", "state", "waited"), [(0, "READY", (0, 0)), (5, "READY", (5, 7)), (99, "CONNECTING", (20, 20))]
)
def test_catalogues_are_taken_as_they_are_when_they_answer_or_the_time_is_over(
    clock: Clock, answers_after: float, state: str, waited: tuple[float, float]
) -> None:
    lines: list[str] = []

    def look() -> list[Object]:
        return [catalog("READY" if clock.slept >= answers_after else "CONNECTING")]

    assert _settled_catalogs(look, 20, lines.append) == [catalog(state)]
    assert waited[0] <= round(clock.slept, 3) <= waited[1]
    assert lines == (["waiting for the catalogues: m/c"] if answers_after else [])


OPERATOR = Operator(name="amq-streams", namespace="n")


def installed(**metadata: Any) -> list[Object]:
    subscription = SUBSCRIPTION.named("amq-streams", "n").bare()
    subscription["metadata"].update(labels=MANAGED_BY)
    version = CLUSTER_SERVICE_VERSION.named("amq.v2", "n").bare()
    version["metadata"].update(metadata)
    return [
        {**subscription, "spec": {"name": "amq-streams"}, "status": {"installedCSV": "amq.v2"}},
        {**version, "status": {"phase": "Succeeded"}},
    ]


def test_removal_of_an_operator_ends_when_all_of_it_is_gone(clock: Clock) -> None:
    server = ApiServer(*installed(), lingers=3)
    (status,) = uninstall(server, [OPERATOR], False, clock.now + 60, [].append)
    assert status.actions == ["delete Subscription n/amq-streams", "delete ClusterServiceVersion n/amq.v2"]
    assert server.names("Subscription") == server.names("ClusterServiceVersion") == []
    assert clock.slept > 0


def test_what_keeps_an_operator_is_named(clock: Clock) -> None:
    server = ApiServer(*installed(finalizers=["example.com/keep"]))
    with pytest.raises(
        EngineError,
        match=r"ClusterServiceVersion n/amq\.v2: .*still being deleted after 60 s: finalizers example\.com/keep",
    ):
        uninstall(server, [OPERATOR], False, clock.now + 60, [].append)
