"""How the way of the logs breaks."""

from __future__ import annotations

import base64

from sandbox.kube import Kube, Object
from tests.integration.breakages import Breakage, patched, removed, unready_pods

LOGS, LOGGING = "seldon-logs", "openshift-logging"
API = "logging.openshift.io/v1"
COLLECTOR = ("apps/v1", "DaemonSet", "collector", LOGGING)
SECRET = ("v1", "Secret", "seldon-elasticsearch", LOGGING)
BAD = {"name": "bad", "inputRefs": ["audit"], "outputRefs": ["nowhere"]}
ELSEWHERE = {"name": "seldon-elasticsearch", "type": "elasticsearch", "url": "https://other:9200"}


def _another_password(kube: Kube) -> Object:
    secret = kube.get(*SECRET)
    assert secret
    kube.patch(secret, {"data": {"password": base64.b64encode(b"of yesterday").decode()}})
    return secret


def _restarted(kube: Kube, before: Object) -> None:
    secret, collector = kube.get(*SECRET), kube.get(*COLLECTOR)
    assert secret
    assert collector
    kube.patch(secret, {"data": {"password": before["data"]["password"]}})
    at = {"kubectl.kubernetes.io/restartedAt": "2099-01-01T00:00:00Z"}
    kube.patch(collector, {"spec": {"template": {"metadata": {"annotations": at}}}})


def _others_pipeline(kube: Kube) -> Object:
    forwarder = kube.get(API, "ClusterLogForwarder", "instance", LOGGING)
    assert forwarder
    kube.patch(forwarder, {"spec": {"pipelines": [*forwarder["spec"]["pipelines"], BAD]}})
    return forwarder


def _without_it(kube: Kube, forwarder: Object) -> None:
    kube.patch(forwarder, {"spec": {"pipelines": forwarder["spec"]["pipelines"]}})


BREAKAGES = [
    unready_pods("logging.operators", LOGGING, "name=cluster-logging-operator"),
    patched(
        "logging.applied",
        "v1",
        "Namespace",
        LOGGING,
        None,
        {"metadata": {"labels": {"openshift.io/cluster-monitoring": "false"}}},
        status="warn",
    ),
    removed("logging.forwarder", API, "ClusterLogForwarder", "instance", LOGGING),
    patched("logging.forwarder", API, "ClusterLogForwarder", "instance", LOGGING, {"spec": {"outputs": [ELSEWHERE]}}),
    Breakage("logging.forwarder", "a pipeline of others is invalid", _others_pipeline, _without_it, status="warn"),
    unready_pods("logging.collector", LOGGING, "component=collector", "CrashLoopBackOff"),
    patched(
        "logging.collector",
        API,
        "ClusterLogging",
        "instance",
        LOGGING,
        {"spec": {"managementState": "Unmanaged"}},
        status="warn",
    ),
    # In this order: after it, the collectors are as good as restarted, whatever comes back into the Secret.
    Breakage("logging.current", "its Secret has another password", _another_password, _restarted),
    patched("logging.credentials", *SECRET, {"data": {"ca-bundle.crt": None}}),
    removed("logging.network", "networking.k8s.io/v1", "NetworkPolicy", "seldon-container-logs", LOGS),
]
