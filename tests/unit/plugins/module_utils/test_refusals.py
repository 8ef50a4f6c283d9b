"""Refusals in the API server's words, and which of them waiting heals."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.diagnose.pods import STUCK_SECONDS, workload_troubles
from ansible_collections.seldon.openshift.plugins.module_utils.readiness.refusals import judge, quantity
from ansible_collections.seldon.openshift.plugins.module_utils.readiness.registry import assess
from ansible_collections.seldon.openshift.plugins.module_utils.readiness.state import Failed, Progressing

Object = dict[str, Any]
LACKS = 'pods "x" is forbidden: failed quota: compute: must specify limits.cpu for: main; limits.memory for: main'
LIMITED = 'pods "x" is forbidden: maximum memory usage per Container is 1Gi, but limit is 4Gi'
ALONE = "exceeded quota: q, requested: limits.cpu=4, used: limits.cpu=0, limited: limits.cpu=2"
ONE_OF_TWO = (
    "exceeded quota: q, requested: limits.cpu=500m,requests.memory=3Gi, used: limits.cpu=0,requests.memory=0, "
    "limited: limits.cpu=2,requests.memory=2Gi"
)


@pytest.mark.parametrize(
    ("said", "after", "advice"),
    [
        (LACKS, 0, "give the namespace a LimitRange with defaults"),
        ('pods "x" is forbidden: failed quota: compute: must specify limits.cpu,requests.memory', 0, "LimitRange"),
        (LIMITED, 0, "oc describe limits -n models"),
        ("minimum cpu usage per Pod is 100m, but request is 50m", 0, "oc describe limits -n models"),
        ("maximum cpu usage per Pod is 2.  No limit is specified", 0, "oc describe limits -n models"),
        ("cpu max limit to request ratio per Container is 4, but provided ratio is 8.000000", 0, "oc describe limits"),
        ("maximum storage usage per PersistentVolumeClaim is 10Gi, but request is 100Gi", 0, "oc describe limits"),
        ("insufficient quota to match these scopes: [{PriorityClass In [high]}]", 0, "oc describe quota -n models"),
        ("Internal error occurred: 2 default StorageClasses were found", 0, "oc annotate storageclass NAME"),
        # Nobody's end makes room for what is more than the whole quota.
        (ALONE, 0, "smaller than this"),
        (ONE_OF_TWO, 0, "smaller than this"),
        ("exceeded quota: q, requested: pods=1, used: pods=5, limited: pods=5", 60, ""),
        ("exceeded quota: q, requested: limits.cpu=900m, used: limits.cpu=2, limited: limits.cpu=2", 60, ""),
        ("exceeded quota: q, requested: limits.cpu=2, used: limits.cpu=1, limited: limits.cpu=2", 60, ""),
        ("exceeded quota: q", 60, ""),
        ('unable to validate against any security context constraint: [provider "anyuid"', 60, ""),
        ('violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false', 60, ""),
        ("status unknown for quota: q, resources: limits.cpu", None, ""),
        ("failed calling webhook: connection refused", None, ""),
        ("", None, ""),
    ],
)
def test_what_a_refusal_means(said: str, after: float | None, advice: str) -> None:
    verdict = judge(said, "models")
    assert said.rstrip(".") in verdict.reason
    assert advice in verdict.reason
    if after is None:
        assert verdict == Progressing(said)
    else:
        assert isinstance(verdict, Failed)
        assert verdict.after == after


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1), ("500m", 0.5), ("1Gi", 2**30), ("2G", 2e9), ("1e3", 1000), (".5", 0.5), ("1Ki", 1024), ("x", None)],
)
def test_quantities(text: str, number: float | None) -> None:
    assert quantity(text) == number


def test_a_deployment_that_a_quota_refuses_ends_the_wait_at_once() -> None:
    refused = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": LACKS}
    obj = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d", "namespace": "models", "generation": 1},
        "spec": {"replicas": 1},
        "status": {"observedGeneration": 1, "conditions": [refused]},
    }
    verdict = assess(obj)
    assert isinstance(verdict, Failed)
    assert verdict.after == 0
    assert "oc describe quota,limits -n models" in verdict.reason


@pytest.mark.parametrize(
    ("kind", "spec", "lacking", "complete"),
    [
        ("StatefulSet", {"replicas": 3}, {"replicas": 1}, {"replicas": 3}),
        ("ReplicaSet", {"replicas": 1}, {}, {"replicas": 1}),
        (
            "DaemonSet",
            {},
            {"desiredNumberScheduled": 3},
            {"desiredNumberScheduled": 3, "currentNumberScheduled": 3},
        ),
    ],
)
def test_a_workload_that_cannot_create_pods_ends_the_wait(
    kind: str, spec: Object, lacking: Object, complete: Object
) -> None:
    workload = {"kind": kind, "metadata": {"name": "w", "namespace": "models", "uid": "w"}, "spec": spec}
    event = {
        "involvedObject": {"uid": "w"},
        "reason": "FailedCreate",
        "message": LACKS,
        "lastTimestamp": "2022-12-01T10:00:00Z",
    }
    soon, later = (datetime(2022, 12, 1, 10, minute, tzinfo=UTC) for minute in (1, 5))
    for read, after in ((None, 0), (soon, 0), (later, STUCK_SECONDS)):
        (found,) = workload_troubles({**workload, "status": lacking}, [event], read)
        assert isinstance(found, Failed)
        assert found.after == after, "an event of before may tell of what is mended by now"
    assert not list(workload_troubles({**workload, "status": complete}, [event]))


def test_what_an_operator_was_refused_ends_the_wait_after_a_minute() -> None:
    said = f"Failure executing: POST at: .../persistentvolumeclaims. Message: {LIMITED}"
    waiting = {"type": "NotReady", "status": "True", "reason": "KubernetesClientException", "message": said}
    kafka = {
        "apiVersion": "kafka.strimzi.io/v1beta2",
        "kind": "Kafka",
        "metadata": {"name": "seldon", "namespace": "seldon-kafka", "generation": 1},
        "status": {"observedGeneration": 1, "conditions": [waiting]},
    }
    verdict = assess(kafka)
    assert isinstance(verdict, Failed)
    assert verdict.after == 60
    assert "oc describe limits -n seldon-kafka" in verdict.reason
