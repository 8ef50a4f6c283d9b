"""The operator of Seldon Core 2.1.0: its Servers, and the Models that they load.

A Helm release brings it into the namespace of its models and it looks at no other; one cluster may have several.
"""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.kube import Object
from sandbox.simulator import Cluster, Operator, owned
from sandbox.simulator.objects import available, condition, conditions, make

MANAGER, SCHEDULER = "seldon-controller-manager", "seldon-scheduler"
DEPLOYMENT, STATEFUL_SET = ("apps/v1", "Deployment"), ("apps/v1", "StatefulSet")
SERVER = ("mlops.seldon.io/v1alpha1", "Server")
MODEL = ("mlops.seldon.io/v1alpha1", "Model")
SERVER_CONFIG = ("mlops.seldon.io/v1alpha1", "ServerConfig")
FINALIZER = "seldon.server.finalizer"
PORTS: dict[str, tuple[int, str | int]] = {"http": (9000, "http"), "grpc": (9500, "grpc"), "agent": (9005, 9005)}

operator = Operator("seldon_v2", manager="manager", platform=True)


def scheduler_answers(cluster: Cluster, namespace: str) -> bool:
    """Tell whether the scheduler of this namespace can be reached."""
    found = cluster.kube.get(*STATEFUL_SET, SCHEDULER, namespace)
    return bool(found and found.get("status", {}).get("readyReplicas"))


def _runs(cluster: Cluster, namespace: str) -> bool:
    manager = cluster.kube.get(*DEPLOYMENT, MANAGER, namespace)
    return available(manager) and scheduler_answers(cluster, namespace)


def _same_namespace(watched: Object, server: Object) -> bool:
    return bool(watched["metadata"]["namespace"] == server["metadata"]["namespace"])


def _manager(watched: Object, server: Object) -> bool:
    return watched["metadata"]["name"] == MANAGER and _same_namespace(watched, server)


def _scheduler_or_own(watched: Object, server: Object) -> bool:
    scheduler = watched["metadata"]["name"] == SCHEDULER and _same_namespace(watched, server)
    return scheduler or owned(watched, server)


@operator.reconciles(
    *SERVER,
    watches=[(*DEPLOYMENT, _manager), (*STATEFUL_SET, _scheduler_or_own), (*SERVER_CONFIG, _same_namespace)],
)
def reconcile(cluster: Cluster, server: Object) -> float | None:
    """Run the Server's pods; what its first status says is true of a StatefulSet that wants no pods yet."""
    namespace = server["metadata"]["namespace"]
    if not _runs(cluster, namespace):
        return None
    if server["metadata"].get("deletionTimestamp"):
        # The claims of the pods stay: a StatefulSet of Kubernetes 1.24 never deletes them.
        cluster.set_finalizer(server, FINALIZER, present=False)
        return None
    server = cluster.set_finalizer(server, FINALIZER, present=True)
    config = cluster.kube.get(*SERVER_CONFIG, server["spec"]["serverConfig"], namespace)
    if config is None:
        return None  # said in the operator's log only
    if wait := cluster.pause(server, "seldon_v2.reconcile"):
        return wait
    cluster.apply(*_services(server))
    stateful_set = cluster.kube.apply(_stateful_set(server, config))
    cluster.set_status(server, _status(server, stateful_set))
    return None


@operator.reconciles(*MODEL, watches=[(*SERVER, _same_namespace), (*DEPLOYMENT, _manager)])
def load(cluster: Cluster, model: Object) -> float | None:
    """Let a ready Server load the Model; below gs://nowhere there is none. The real one has a finalizer, too."""
    namespace = model["metadata"]["namespace"]
    if not _runs(cluster, namespace) or model["metadata"].get("deletionTimestamp"):
        return None
    if wait := cluster.pause(model, "seldon_v2.reconcile"):
        return wait
    reason = _refusal(cluster, model)
    entries = [
        (kind, "False" if reason else "True", reason or "ModelAvailable", "") for kind in ("ModelReady", "Ready")
    ]
    cluster.set_status(model, {"conditions": conditions(model, *entries), "replicas": 0 if reason else 1})
    return None


def _refusal(cluster: Cluster, model: Object) -> str:
    """Return why no Server has loaded the Model, empty when one has."""
    servers = cluster.kube.list(*SERVER, model["metadata"]["namespace"])
    room = any(condition(server, "Ready").get("status") == "True" for server in servers)
    if not room or cluster.fault("model-unschedulable", model):
        return "ScheduleFailed: Failed to schedule model as no matching server had enough suitable replicas"
    failed = str(model["spec"]["storageUri"]).startswith("gs://nowhere")
    return "ModelFailed: rclone: directory not found" if failed else ""


def _replicas(server: Object) -> int:
    return int(server["spec"].get("replicas", 1))


def _services(server: Object) -> Iterator[Object]:
    """Yield a headless Service for each replica."""
    name, namespace = server["metadata"]["name"], server["metadata"]["namespace"]
    ports = [
        {"name": title, "port": port, "protocol": "TCP", "targetPort": target}
        for title, (port, target) in PORTS.items()
    ]
    for index in range(_replicas(server)):
        own = f"{name}-{index}"
        labels = {"seldon-server-replica": name, "seldon-server-replica-name": own}
        spec = {"clusterIP": "None", "ports": ports, "selector": {"statefulset.kubernetes.io/pod-name": own}}
        yield make("v1", "Service", own, namespace, labels=labels, owned_by=server, spec=spec)


def _stateful_set(server: Object, config: Object) -> Object:
    name, namespace = server["metadata"]["name"], server["metadata"]["namespace"]
    label, selector = {"app": "seldon-server"}, {"seldon-server-name": name}
    spec = {
        "replicas": _replicas(server),
        "serviceName": name,  # there is no Service of this name
        "podManagementPolicy": "Parallel",
        "selector": {"matchLabels": selector},
        "template": {"metadata": {"labels": label | selector}, "spec": config["spec"]["podSpec"]},
        "volumeClaimTemplates": [
            {"metadata": {"name": entry["name"]}, "spec": entry["spec"]}
            for entry in config["spec"]["volumeClaimTemplates"]
        ],
    }
    return make(*STATEFUL_SET, name, namespace, labels=label, owned_by=server, spec=spec)


def _status(server: Object, stateful_set: Object) -> Object:
    counts = stateful_set.get("status", {})
    matches = counts.get("readyReplicas", 0) >= counts.get("replicas", 0)
    reason = f"StatefulSet replicas {'matches' if matches else 'does not match'} desired replicas"
    value = "True" if matches else "False"
    entries = [("Ready", value, "" if matches else reason, ""), ("StatefulSetReady", value, reason, "")]
    before = server.get("status", {})
    return {
        "conditions": conditions(server, *entries),
        "loadedModels": before.get("loadedModels", 0),
        "replicas": _replicas(server),
        "selector": f"seldon-server-name={server['metadata']['name']}",
    }
