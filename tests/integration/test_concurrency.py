"""Several that do the same at once: all end well, and nothing is there twice. Two whole site.yml: see conftest.py."""

from __future__ import annotations

import multiprocessing

from ansible_collections.seldon.openshift.plugins.modules import seldon_operator

from tests.integration.cluster import Cluster
from tests.integration.engine import run

OPERATORS = "operators.coreos.com/v1alpha1"
TASKS = 4


def names(cluster: Cluster, api_version: str, kind: str, namespace: str) -> list[str]:
    return sorted(obj["metadata"]["name"] for obj in cluster.kube.list(api_version, kind, namespace))


def test_an_operator_that_several_tasks_request_at_once_is_requested_once(empty_cluster: Cluster) -> None:
    empty_cluster.kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "race"}})
    # Nothing that site.yml installs: OLM takes a second provider of the same kinds for a conflict.
    operator = {"name": "stranger-operator", "namespace": "race", "target_namespaces": ["race"]}
    fork = multiprocessing.get_context("fork")
    results, start = fork.SimpleQueue(), fork.Barrier(TASKS)

    def install() -> None:
        start.wait()
        result = run(seldon_operator, empty_cluster, operators=[operator], timeout=120)
        results.put([result.get("msg"), *(entry["csv"] for entry in result["operators"])])

    tasks = [fork.Process(target=install) for _ in range(TASKS)]
    for task in tasks:
        task.start()
    for task in tasks:
        task.join()
    assert [results.get() for _ in tasks] == [[None, "stranger-operator.v1.1.0"]] * TASKS
    assert names(empty_cluster, OPERATORS, "Subscription", "race") == ["stranger-operator"]
    assert names(empty_cluster, "operators.coreos.com/v1", "OperatorGroup", "race") == ["seldon-openshift-race"]
