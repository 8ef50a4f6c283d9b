"""A quarter of all requests fails on the way to the API server: the end state is the same as without."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.modules import (
    seldon_apply,
    seldon_credentials,
    seldon_mesh_member,
    seldon_operator,
    seldon_wait,
)

from sandbox.definitions import Definitions
from sandbox.fates import KINDS
from sandbox.kube import Object
from tests.integration.cluster import Cluster
from tests.integration.engine import run
from tests.integration.faulty import Faulty, behind_faults
from tests.integration.test_edits import ALERTS, LOGS, MONITORING, PROJECTS, Shared
from tests.integration.test_wait import deployment, target

OBJECTS = 200
CSVS = ["jaeger-operator.v1.39.0-3", "kiali-operator.v1.57.3", "servicemeshoperator.v2.3.0"]


@pytest.fixture(scope="module")
def faulty(empty_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Faulty]:
    with behind_faults(empty_cluster, tmp_path_factory.mktemp("faults") / "log") as faulty:
        yield faulty


@pytest.fixture(scope="module")
def losing(empty_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Faulty]:
    """No creation is answered."""
    log = tmp_path_factory.mktemp("losing") / "log"
    with behind_faults(empty_cluster, log, "--kinds", "lost", "--rate", "1") as losing:
        yield losing


def test_two_hundred_objects_come_stay_and_go(empty_cluster: Cluster, faulty: Faulty) -> None:
    kinds = ("ConfigMap", "Secret", "ServiceAccount", "Service")
    objects: list[Object] = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "faults"}}]
    for number in range(OBJECTS - 1):
        kind = kinds[number % len(kinds)]
        obj = {"apiVersion": "v1", "kind": kind, "metadata": {"name": f"o{number}", "namespace": "faults"}}
        objects.append(obj | ({"spec": {"ports": [{"port": 80}]}} if kind == "Service" else {}))
    assert "msg" not in run(seldon_apply, faulty, resources=objects)
    assert run(seldon_apply, empty_cluster, resources=objects)["summary"] == {"unchanged": OBJECTS}
    assert run(seldon_apply, faulty, resources=objects)["summary"] == {"unchanged": OBJECTS}
    gone = run(seldon_apply, faulty, resources=objects, state="absent")
    assert gone["summary"] == {"deleted": OBJECTS}, gone.get("msg")
    assert empty_cluster.kube.get("v1", "Namespace", "faults") is None


def test_edits_lose_nothing_of_anybody(empty_cluster: Cluster, faulty: Faulty) -> None:
    definitions = Definitions.from_environment().load("service_mesh", "gitops", "logging")
    homes = ["faulty-mesh", PROJECTS.namespace, LOGS.namespace]
    namespaces = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in homes]
    assert "msg" not in run(seldon_apply, empty_cluster, resources=[*definitions, *namespaces])
    names = [f"n{number}" for number in range(8)]
    for name in names:
        pipeline = {"name": name, "inputRefs": ["audit"], "outputRefs": ["default"]}
        work: list[tuple[Shared, Object]] = [
            (PROJECTS, {"destinations": [{"namespace": name}]}),
            (LOGS, {"inputs": [], "outputs": [], "pipelines": [pipeline]}),
            (MONITORING, {"settings": {name: {"a": 1}}}),
            (ALERTS, {"name": name}),
        ]
        for shared, given in work:
            result = shared.edit(faulty, **given)
            assert result.get("changed"), result
            assert not shared.edit(empty_cluster, **given)["changed"]
        members = run(seldon_mesh_member, faulty, control_plane_namespace="faulty-mesh", members=[name])
        assert members.get("changed"), members
    assert members["members"] == names
    assert [each["namespace"] for each in (PROJECTS.get(faulty) or {})["spec"]["destinations"]] == names
    assert [each["name"] for each in (LOGS.get(faulty) or {})["spec"]["pipelines"]] == names
    assert sorted((MONITORING.meaning(faulty) or {})["data"]["config.yaml"]) == names
    config: Any = (ALERTS.meaning(faulty) or {})["data"]["alertmanager.yaml"]
    assert {each["name"] for each in config["receivers"]} >= {*names, "Default", "Watchdog", "Critical"}


def test_three_operators_are_installed(empty_cluster: Cluster, faulty: Faulty) -> None:
    packages = ("jaeger-product", "kiali-ossm", "servicemeshoperator")
    operators = [{"name": package, "namespace": "openshift-operators"} for package in packages]
    result = run(seldon_operator, faulty, operators=operators, timeout=300)
    assert [entry["csv"] for entry in result["operators"]] == CSVS, result.get("msg")
    again = run(seldon_operator, empty_cluster, operators=operators, timeout=60)
    assert (again["changed"], [entry["csv"] for entry in again["operators"]]) == (False, CSVS)


def test_a_wait_misses_nothing_that_comes_while_watches_break(empty_cluster: Cluster, faulty: Faulty) -> None:
    names = [f"w{number}" for number in range(10)]

    def create() -> None:
        for name in names:
            time.sleep(0.5)
            empty_cluster.kube.create(deployment(name))

    threading.Thread(target=create).start()
    result = run(seldon_wait, faulty, resources=[target("Deployment", name) for name in names], timeout=120)
    assert {entry["state"] for entry in result["resources"]} == {"ready"}, result


def test_what_was_created_without_an_answer_is_taken_for_our_own(empty_cluster: Cluster, losing: Faulty) -> None:
    operator = {"name": "stranger-operator", "namespace": "lost", "target_namespaces": ["lost"]}
    result = run(seldon_operator, losing, operators=[operator], timeout=120)
    assert (result.get("msg"), result["changed"]) == (None, True)
    (first,) = result["operators"]
    kinds = ["Namespace", "OperatorGroup", "Subscription"]
    assert (first["csv"], [action.split()[1] for action in first["actions"]]) == ("stranger-operator.v1.1.0", kinds)
    groups = empty_cluster.kube.list("operators.coreos.com/v1", "OperatorGroup", "lost")
    assert [group["metadata"]["name"] for group in groups] == ["seldon-openshift-lost"]
    assert not run(seldon_operator, losing, operators=[operator], timeout=120)["changed"]

    secret = {"name": "made-up", "namespace": "lost", "generate": ["password"]}
    made = run(seldon_credentials, losing, **secret)
    assert (made["changed"], made["generated"]) == (True, ["password"])
    value = empty_cluster.kube.get("v1", "Secret", "made-up", "lost")
    assert not run(seldon_credentials, losing, **secret)["changed"]
    assert empty_cluster.kube.get("v1", "Secret", "made-up", "lost") == value

    assert losing.faults().count("lost") == len(losing.faults()) > len(kinds)


def test_every_kind_of_fault_was_there(faulty: Faulty, losing: Faulty) -> None:
    assert {*faulty.faults(), *losing.faults()} == set(KINDS)
