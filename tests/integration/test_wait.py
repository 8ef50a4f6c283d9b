"""seldon_wait against a real API server, with real controllers and simulated nodes."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import Any

from ansible_collections.seldon.openshift.plugins.modules import seldon_wait

from sandbox.cluster import Sandbox
from sandbox.kube import Object
from sandbox.process import ComponentDied
from tests.integration.cluster import Cluster
from tests.integration.engine import Result, run
from tests.integration.helpers import until


def deployment(name: str, **pod: Any) -> Object:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "x"}], **pod}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"replicas": 2, "selector": {"matchLabels": labels}, "template": template},
    }


def wait(cluster: Cluster, *targets: Object, **rest: Any) -> Result:
    return run(seldon_wait, cluster, resources=list(targets), **{"timeout": 90, **rest})


def target(kind: str, name: str, api_version: str = "apps/v1", **rest: Any) -> Object:
    return {"api_version": api_version, "kind": kind, "name": name, "namespace": "default", **rest}


def later(seconds: float, *steps: Any) -> None:
    """Call the steps in order, after a pause, beside the test."""
    threading.Timer(seconds, lambda: [step() for step in steps]).start()


def restart_api_server(sandbox: Sandbox) -> None:
    """Stop the API server and start it again, as soon as no passing connection of this machine occupies its port."""
    sandbox.processes.stop("kube-apiserver")
    for _attempt in range(10):
        try:
            return sandbox.up()
        except ComponentDied:
            time.sleep(1)
    return sandbox.up()


def states(result: Result) -> list[str]:
    return [entry["state"] for entry in result["resources"]]


def test_an_object_that_comes_later_is_waited_for_and_progress_is_told(empty_cluster: Cluster) -> None:
    lines: list[str] = []
    later(1, lambda: empty_cluster.kube.create(deployment("later")))
    result = run(seldon_wait, empty_cluster, lines=lines, resources=[target("Deployment", "later")], timeout=90)
    assert (states(result), result["changed"]) == (["ready"], False)
    assert lines[0].startswith("Deployment default/later: does not exist yet (")
    assert lines[-1].startswith("Deployment default/later: ready, 2/2 available (")


def test_a_kind_that_is_served_later_is_waited_for(empty_cluster: Cluster) -> None:
    group, kube = "example.com", empty_cluster.kube
    names = {"kind": "Gadget", "plural": "gadgets"}
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"gadgets.{group}"},
        "spec": {
            "group": group,
            "names": names,
            "scope": "Namespaced",
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
        },
    }
    gadget = {
        "apiVersion": f"{group}/v1",
        "kind": "Gadget",
        "metadata": {"name": "g", "namespace": "default"},
        "status": {"conditions": [{"type": "Works", "status": "True", "reason": "Tested"}]},
    }
    # An API server says Established a moment before it serves a kind.
    served = lambda: until(lambda: kube.resource(gadget["apiVersion"], gadget["kind"]))  # noqa: E731
    later(1, lambda: kube.create(definition), served, lambda: kube.create(gadget))
    result = wait(empty_cluster, target("Gadget", "g", f"{group}/v1", condition={"type": "Works", "reason": "Tested"}))
    assert states(result) == ["ready"]


def test_waiting_costs_less_than_a_request_a_second(empty_cluster: Cluster) -> None:
    names = [f"absent-{number}" for number in range(30)]
    targets = [target(kind, name) for name in names for kind in ("Deployment", "StatefulSet")]
    seconds = 15
    events = empty_cluster.requests(lambda: wait(empty_cluster, *targets, timeout=seconds))
    ours = [event for event in events if event["userAgent"] == "seldon.openshift"]
    requests = Counter(event["verb"] for event in ours if event["stage"] == "ResponseComplete")
    assert requests["watch"] <= 2
    # The diagnosis of a wait that failed reads on.
    assert sum(requests.values()) < seconds


def test_a_restart_of_the_api_server_in_the_middle_is_survived(empty_cluster: Cluster) -> None:
    after = deployment("after-the-restart")
    later(2, lambda: restart_api_server(empty_cluster.sandbox), lambda: empty_cluster.kube.create(after))
    assert states(wait(empty_cluster, target("Deployment", "after-the-restart"), timeout=180)) == ["ready"]


def test_what_can_not_become_ready_is_explained(empty_cluster: Cluster) -> None:
    empty_cluster.kube.create(deployment("homeless", nodeSelector={"moon": "yes"}))
    result = wait(empty_cluster, target("Deployment", "homeless"), timeout=5)
    assert result["failed"]
    assert "Deployment default/homeless is not ready after" in result["msg"]
    assert "is not scheduled: Unschedulable: 0/" in result["msg"]
    assert "oc describe deployment.apps homeless -n default" in result["msg"]


def test_a_refusal_is_told_once_and_not_of_an_earlier_cause(empty_cluster: Cluster) -> None:
    """Each try of the controller is an event, and a condition of the Deployment; another spec has another cause."""
    kube = empty_cluster.kube
    home = {"apiVersion": "v1", "metadata": {"name": "small"}}
    kube.create({**home, "kind": "Namespace"})
    quota = {**home, "kind": "ResourceQuota", "metadata": {"name": "none", "namespace": "small"}}
    kube.create({**quota, "spec": {"hard": {"pods": "0"}}})
    refused = deployment("refused")
    refused["metadata"]["namespace"] = "small"
    live = kube.create(refused)
    awaited = target("Deployment", "refused", namespace="small")
    first = wait(empty_cluster, awaited)
    assert "Deployment small/refused has failed" in first["msg"]
    assert first["msg"].count("exceeded quota") == 1, first["msg"]

    time.sleep(2)  # conditions and changes have whole seconds: of the same one, neither is the earlier
    kube.patch(quota, {"spec": {"hard": {"pods": "9"}}})
    kube.patch(live, {"spec": {"template": {"spec": {"nodeSelector": {"moon": "yes"}}}}})
    second = wait(empty_cluster, awaited, timeout=15)
    assert "is not scheduled: Unschedulable: 0/" in second["msg"]
    assert "exceeded quota" not in second["msg"], second["msg"]


def test_what_has_failed_for_good_ends_the_wait(empty_cluster: Cluster) -> None:
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "lost", "namespace": "default"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "none",
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
    empty_cluster.kube.set_status(empty_cluster.kube.create(claim), {"phase": "Lost"})
    result = wait(
        empty_cluster, target("PersistentVolumeClaim", "lost", "v1"), target("Deployment", "absent"), timeout=3600
    )
    assert states(result) == ["failed", "progressing"]
    assert "PersistentVolumeClaim default/lost has failed: phase Lost" in result["msg"]
    assert "Not ready yet: Deployment default/absent (does not exist yet)" in result["msg"]


def test_a_kind_whose_operator_nobody_asked_for_is_explained(empty_cluster: Cluster) -> None:
    result = wait(empty_cluster, target("Kafka", "seldon", "kafka.strimzi.io/v1beta2"), timeout=1)
    assert (
        "its operator amq-streams or strimzi-kafka-operator: nothing on the cluster subscribes to it" in result["msg"]
    )


def test_check_mode_looks_once(empty_cluster: Cluster) -> None:
    empty_cluster.kube.create(deployment("present"))
    wait(empty_cluster, target("Deployment", "present"))
    targets = [target("Deployment", "present"), target("Deployment", "absent")]
    result = run(seldon_wait, empty_cluster, check=True, resources=targets)
    assert (states(result), result.get("failed")) == (["ready", "progressing"], None)


def test_in_a_play(empty_cluster: Cluster) -> None:
    arguments = {"resources": [target("Deployment", "absent")], "timeout": 1}
    result = empty_cluster.task("seldon.openshift.seldon_wait", arguments)
    assert result["failed"]
    assert "Deployment default/absent is not ready after" in result["msg"]
