"""ClusterLogging: the collector on every node, once there is a forwarder that is of use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sandbox.kube import Object
from sandbox.operators._templates import load
from sandbox.operators.logging.common import FORWARDER, INSTANCE, LOGGING, instance, neighbours, operator
from sandbox.operators.logging.forwarder import verified
from sandbox.operators.logging.verification import Verified
from sandbox.simulator import Cluster
from sandbox.simulator.objects import conditions, daemon_set, make, now, service

COLLECTOR = "collector"
DAEMON_SET = ("apps/v1", "DaemonSet")
LABELS = {"component": COLLECTOR, "logging-infra": COLLECTOR, "provider": "openshift"}
CONSTRAINTS = Path(__file__).parent / "objects" / "scc.yaml"
RESTARTED = "kubectl.kubernetes.io/restartedAt"
PRIVILEGED = {f"pod-security.kubernetes.io/{mode}": "privileged" for mode in ("audit", "enforce", "warn")}
NAMESPACE_LABELS = PRIVILEGED | {"security.openshift.io/scc.podSecurityLabelSync": "false"}
NO_FORWARDER = "ClusterLogForwarder input validation error"


def _pod(pod: Object, logging: Object) -> bool:
    return neighbours(pod, logging) and pod["metadata"].get("labels", {}).get("component") == COLLECTOR


@operator.reconciles(*LOGGING, watches=[(*FORWARDER, neighbours), DAEMON_SET, ("v1", "Pod", _pod)])
def reconcile(cluster: Cluster, logging: Object) -> float | None:
    """Run the collector as the forwarder says; while that is of no use, what runs goes on as it was."""
    meta = logging["metadata"]
    if (meta["namespace"], meta["name"]) != (cluster.namespace, INSTANCE) or meta.get("deletionTimestamp"):
        return None
    forwarder = instance(cluster.kube, FORWARDER, meta["namespace"])
    if wait := cluster.pause(logging, "logging.reconcile", _identity(forwarder)):
        return wait
    prepare(cluster, logging)
    found = verified(cluster, forwarder) if forwarder else None
    dead_end = not (found and found.configuration)
    if found and not dead_end:
        logging = write(cluster, logging, dead_end=False)
        if due := run(cluster, logging, found, _identity(forwarder)):
            return due
    return report(cluster, logging, dead_end)


def _identity(forwarder: Object | None) -> str:
    return f"{forwarder['metadata']['uid']} {forwarder['metadata']['generation']}" if forwarder else "none"


def prepare(cluster: Cluster, logging: Object) -> None:
    """Let privileged pods into the namespace and make their ServiceAccount and what it may use."""
    if cluster.memory(logging).get("prepared"):
        return
    namespace = logging["metadata"]["namespace"]
    cluster.kube.patch(make("v1", "Namespace", namespace), {"metadata": {"labels": NAMESPACE_LABELS}})
    cluster.apply(make("v1", "ServiceAccount", "logcollector", namespace, owned_by=logging), *load(CONSTRAINTS))
    cluster.memory(logging)["prepared"] = True


def run(cluster: Cluster, logging: Object, found: Verified, change: str) -> float | None:
    """Create the collector; some time after a `change`, replace its pods when the configuration is another one."""
    namespace = logging["metadata"]["namespace"]
    there = cluster.kube.get(*DAEMON_SET, COLLECTOR, namespace)
    if there and _hash(there) == found.hash:
        return None
    if there and (wait := cluster.pause(logging, "logging.collect", change)):
        return wait
    ports = [("metrics", 24231, 24231), ("logfile-metrics", 2112, 2112)]
    wanted = pods(logging, found)
    cluster.apply(
        service(COLLECTOR, namespace, ports, LABELS, labels={"logging-infra": "support"}, owned_by=logging),
        make("v1", "ConfigMap", COLLECTOR, namespace, owned_by=logging, data={"fluent.conf": f"# {found.hash}\n"}),
    )
    if there:
        # The operator writes the whole template, and so takes away what a rollout restart has put there.
        cluster.kube.patch(there, {"spec": {"template": {"metadata": {"annotations": {RESTARTED: None}}}}})
    cluster.apply(wanted)
    return None


def pods(logging: Object, found: Verified) -> Object:
    """Return the DaemonSet; all its pods are replaced at once."""
    wanted = daemon_set(
        COLLECTOR,
        logging["metadata"]["namespace"],
        selector=LABELS,
        containers={COLLECTOR: [24231], "logfilesmetricexporter": [2112]},
        service_account="logcollector",
        labels=LABELS,
        owned_by=logging,
    )
    secrets = sorted({output["secret"]["name"] for output in found.configuration["outputs"] if output.get("secret")})
    pod: dict[str, Any] = wanted["spec"]["template"]["spec"]
    pod["containers"][0]["env"] = [{"name": "COLLECTOR_CONF_HASH", "value": found.hash}]
    pod["volumes"] = [{"name": name, "secret": {"secretName": name}} for name in secrets]
    pod["tolerations"] = [{"key": "node-role.kubernetes.io/master", "operator": "Exists", "effect": "NoSchedule"}]
    wanted["spec"]["updateStrategy"] = {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxUnavailable": "100%", "maxSurge": 0},
    }
    return wanted


def _hash(daemon_set_: Object) -> str:
    env = daemon_set_["spec"]["template"]["spec"]["containers"][0].get("env") or []
    return next((str(entry["value"]) for entry in env if entry["name"] == "COLLECTOR_CONF_HASH"), "")


def report(cluster: Cluster, logging: Object, dead_end: bool) -> float | None:
    """Say whether logs go anywhere and, some time later, how the pods are."""
    namespace = logging["metadata"]["namespace"]
    logging = write(cluster, logging, dead_end)
    if cluster.kube.get(*DAEMON_SET, COLLECTOR, namespace) is None:
        return None
    seen = pod_status(logging, cluster.kube.list("v1", "Pod", namespace, f"component={COLLECTOR}"))
    if wait := cluster.pause(logging, "logging.pods", json.dumps(seen["pods"])):
        return wait
    write(cluster, logging, dead_end, seen)
    return None


def write(cluster: Cluster, logging: Object, dead_end: bool, pods_seen: Object | None = None) -> Object:
    """Write the status; without `pods_seen`, what it says of pods stays."""
    verdict = ("True", NO_FORWARDER, NO_FORWARDER) if dead_end else ("False", "", "")
    before = logging.get("status", {}).get("collection", {}).get("logs", {}).get("fluentdStatus", {})
    status = {
        "collection": {"logs": {"fluentdStatus": before if pods_seen is None else pods_seen}},
        "conditions": conditions(logging, ("CollectorDeadEnd", *verdict)),
        "curation": {},
        "logStore": {},
        "visualization": {},
    }
    return cluster.set_status(logging, status)


def pod_status(logging: Object, listed: list[Object]) -> Object:
    """Return where the collector's pods are and how they are: by their containers, whatever the pods themselves say."""
    states: dict[str, list[str]] = {"failed": [], "notReady": [], "ready": []}
    for pod in listed:
        containers = pod.get("status", {}).get("containerStatuses") or [{"ready": False}]
        ready = "ready" if all(one["ready"] for one in containers) else "notReady"
        states["failed" if pod["status"].get("phase") == "Failed" else ready].append(pod["metadata"]["name"])
    nodes = {pod["metadata"]["name"]: pod["spec"]["nodeName"] for pod in listed if pod["spec"].get("nodeName")}
    problems = {pod["metadata"]["name"]: found for pod in listed if (found := _waiting(logging, pod))}
    return {
        **({"clusterCondition": problems} if problems else {}),
        "daemonSet": COLLECTOR,
        **({"nodes": nodes} if nodes else {}),
        "pods": {state: sorted(names) for state, names in states.items()},
    }


def _waiting(logging: Object, pod: Object) -> list[Object]:
    """Return a condition for each container of the pod that waits, with the time when that was first seen."""
    fluentd = logging.get("status", {}).get("collection", {}).get("logs", {}).get("fluentdStatus", {})
    before = fluentd.get("clusterCondition", {}).get(pod["metadata"]["name"], [])
    reasons = [
        one["state"]["waiting"]
        for one in pod["status"].get("containerStatuses") or []
        if "waiting" in one.get("state", {})
    ]
    return [
        next(
            (entry for entry in before if entry["reason"] == waiting["reason"]),
            {
                "type": "ContainerWaiting",
                "status": "True",
                "lastTransitionTime": now(),
                "reason": waiting["reason"],
                "message": waiting.get("message", ""),
            },
        )
        for waiting in reasons
        if waiting.get("reason")
    ]
