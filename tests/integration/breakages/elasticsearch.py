"""How Elasticsearch and its credentials break."""

from __future__ import annotations

import base64

from sandbox.kube import Kube, Object
from tests.integration.breakages import Breakage, patched, removed, unready_pods
from tests.integration.helpers import set_pods, until

LOGS, SYSTEM = "seldon-logs", "seldon-system"
NODES = "elasticsearch.k8s.elastic.co/cluster-name=elasticsearch-seldon"
USER = ("v1", "Secret", "elasticsearch-seldon-es-elastic-user", LOGS)
EMPTY = {"data": {"password": ""}}
OTHER = {"data": {"password": base64.b64encode(b"of yesterday").decode()}}


def _renewed(kube: Kube) -> Object:
    """Let the operator make another password; return the Secret as it was."""
    before = kube.get(*USER)
    assert before
    kube.delete(before)
    until(lambda: kube.get(*USER))
    return before


def _as_before(kube: Kube, before: Object) -> None:
    now = kube.get(*USER)
    assert now
    kube.patch(now, {"data": before["data"]})


def _one_node_down(kube: Kube) -> Object:
    (pod,) = [each for each in kube.list("v1", "Pod", LOGS, NODES) if each["metadata"]["name"].endswith("-0")]
    kube.patch(pod, {"metadata": {"annotations": {"sandbox.seldon/pod": "CrashLoopBackOff"}}})
    return pod


def _memory_mapped(kube: Kube) -> Object:
    live = kube.get("elasticsearch.k8s.elastic.co/v1", "Elasticsearch", "elasticsearch-seldon", LOGS)
    assert live
    sets = [{**each, "config": {"node.store.allow_mmap": True}} for each in live["spec"]["nodeSets"]]
    kube.patch(live, {"spec": {"nodeSets": sets}})
    return live


def _as_they_were(kube: Kube, live: Object) -> None:
    kube.patch(live, {"spec": {"nodeSets": live["spec"]["nodeSets"]}})


BREAKAGES = [
    unready_pods("elasticsearch.operators", "seldon-operator-eck", "name=elastic-operator"),
    Breakage("elasticsearch.applied", "a setting of the nodes changed", _memory_mapped, _as_they_were, status="warn"),
    unready_pods("elasticsearch.ready", LOGS, NODES),
    Breakage(
        "elasticsearch.ready",
        "one node of three crashes",
        _one_node_down,
        lambda kube, _: set_pods(kube, LOGS, NODES, "Ready"),
    ),
    removed("elasticsearch.network", "networking.k8s.io/v1", "NetworkPolicy", "seldon-elasticsearch", LOGS),
    removed("elasticsearch.credentials", "v1", "Secret", "elastic-credentials", LOGS, subject=LOGS),
    patched("elasticsearch.credentials", "v1", "Secret", "elastic-credentials", SYSTEM, EMPTY, subject=SYSTEM),
    Breakage("elasticsearch.credentials", "the operator made another password", _renewed, _as_before, subject=SYSTEM),
    patched("elasticsearch.login", "v1", "Secret", "elastic-credentials", SYSTEM, OTHER, subject=SYSTEM),
]
