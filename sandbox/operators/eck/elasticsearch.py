"""Reconciles an Elasticsearch: objects at once, then nodes, then what the operator sees of them."""

from __future__ import annotations

import copy

from sandbox.kube import Object
from sandbox.operators.eck import objects, secrets, status
from sandbox.operators.eck.common import API_VERSION, KIND, OWNER, PORT, STATEFUL_SET, operator, resource
from sandbox.operators.eck.network import Source, admits
from sandbox.operators.eck.nodes import Nodes, look, progress
from sandbox.operators.eck.validation import errors_in, refusal
from sandbox.simulator import Cluster, owned

POLICY = ("networking.k8s.io/v1", "NetworkPolicy")
UUID = "elasticsearch.k8s.elastic.co/cluster-uuid"
MASTERS = "elasticsearch.k8s.elastic.co/initial-master-nodes"
# The blocks of its Go structs, which it writes where there are none, and owns then.
ENDPOINT: Object = {"service": {"metadata": {}, "spec": {}}, "tls": {"certificate": {}}}
WRITTEN: Object = {
    "auth": {},
    "http": ENDPOINT,
    "monitoring": {"logs": {}, "metrics": {}},
    "transport": ENDPOINT,
    "updateStrategy": {"changeBudget": {}},
}
HINTS = "eck.k8s.elastic.co/orchestration-hints"


def _ours(secret: Object, es: Object) -> bool:
    meta = secret["metadata"]
    named = meta.get("labels", {}).get(f"{OWNER}-name") == es["metadata"]["name"]
    return owned(secret, es) or (named and meta["namespace"] == es["metadata"]["namespace"])


def _neighbour(policy: Object, es: Object) -> bool:
    return bool(policy["metadata"]["namespace"] == es["metadata"]["namespace"])


@operator.reconciles(
    API_VERSION,
    KIND,
    watches=[STATEFUL_SET, ("v1", "Secret", _ours), (*POLICY, _neighbour)],
    gone=secrets.delete_unowned,
)
def reconcile(cluster: Cluster, es: Object) -> float | None:
    """Create everything, then report; without a finalizer, deletion is up to garbage collection."""
    if es["metadata"].get("deletionTimestamp"):
        return None
    if errors := errors_in(es):
        refuse(cluster, es, refusal(errors, es))
        return None
    if wait := cluster.pause(es, "eck.notice"):
        return wait
    if cluster.memory(es).get("applied") != es["metadata"]["generation"]:
        cluster.apply(*objects.services(es), objects.budget(es))
    secrets.apply(cluster, es)
    if not {UUID, MASTERS} & es["metadata"].get("annotations", {}).keys():
        masters = [f"{resource(es, one['name'])}-{n}" for one in es["spec"]["nodeSets"] for n in range(one["count"])]
        es = annotate(
            cluster, es, {MASTERS: ",".join(masters), HINTS: '{"no_transient_settings":false,"service_accounts":false}'}
        )
    nodes = look(cluster, es)
    if scale(cluster, es, nodes):
        nodes = look(cluster, es)
    objects.adopt_claims(cluster, es)
    return report(cluster, es, nodes)


def refuse(cluster: Cluster, es: Object, message: str) -> None:
    """Say that the spec is invalid; why, only an event says."""
    wanted = status.invalid(es)
    if es.get("status") != wanted:
        cluster.event(es, "Warning", "Validation", message)
        cluster.set_status(es, wanted)


def annotate(cluster: Cluster, es: Object, annotations: dict[str, str | None]) -> Object:
    """Write annotations (None takes one away); as the Go structs are written whole, empty blocks come into the spec."""
    wanted = copy.deepcopy(es)
    spec, meta = wanted["spec"], wanted["metadata"]
    meta["annotations"] = {
        key: value for key, value in (meta.get("annotations", {}) | annotations).items() if value is not None
    }
    wanted["spec"] = completed(WRITTEN, spec)
    wanted["spec"]["nodeSets"] = [objects.written(node_set) for node_set in spec["nodeSets"]]
    return cluster.kube.replace(wanted)


def completed(blocks: Object, given: Object) -> Object:
    """Return `given` with the blocks that it lacks, at every depth."""
    both = {key: completed(blocks[key], given[key]) for key in blocks.keys() & given.keys()}
    return {**blocks, **given, **both}


def scale(cluster: Cluster, es: Object, nodes: Nodes) -> bool:
    """Create or change the StatefulSets where needed; a cluster that has formed gets new masters one by one."""
    formed = UUID in es["metadata"]["annotations"]
    memory, generation = cluster.memory(es), es["metadata"]["generation"]
    changed = False
    for node_set in es["spec"]["nodeSets"]:
        there = nodes.sets.get(resource(es, node_set["name"]))
        replicas, now = node_set["count"], there["spec"]["replicas"] if there else 0
        if formed and replicas > now:
            replicas = now + (1 if nodes.ready >= nodes.planned else 0)
        if memory.get("applied") != generation or there is None or replicas != now:
            cluster.apply(objects.nodes(es, node_set, replicas, there))
            changed = True
    memory["applied"] = generation
    return changed


def report(cluster: Cluster, es: Object, nodes: Nodes) -> float | None:
    """Write what the operator sees; return the seconds until it sees more."""
    before = es.get("status") or {}
    formed = UUID in es["metadata"]["annotations"]
    seen: Object = {"nodes": nodes.ready, "version": (nodes.versions or [es["spec"]["version"]])[0]}
    unreachable = status.UNREACHABLE if formed else status.NO_UUID
    if not nodes.ready:
        seen |= {"incomplete": unreachable, "service": status.NO_ENDPOINT, "health": before.get("health", "unknown")}
        cluster.set_status(es, status.status(es, **seen))
        return None
    answers = not blocked(cluster, es)
    if answers and not formed and (wait := cluster.pause(es, "eck.start")):
        cluster.set_status(es, silent(es, seen, unreachable))
        return wait
    if wait := notice(cluster, es, answers):
        if not status.reachable(es):
            cluster.set_status(es, silent(es, seen, unreachable))
        return wait
    if answers:
        return converge(cluster, es, nodes, seen)
    if status.reachable(es):
        if status.incomplete(es) != status.NO_LICENSE:
            cluster.event(es, "Warning", "Unexpected", f"{status.NO_LICENSE}: elasticsearch client")
        seen |= {"incomplete": status.NO_LICENSE, "service": status.ANSWERS, "health": before["health"]}
        es = cluster.set_status(es, status.status(es, **seen))
        if wait := cluster.pause(es, "eck.unreachable", str(cluster.memory(es)["asked"])):
            return wait
    cluster.set_status(es, silent(es, seen, unreachable))
    return None


def silent(es: Object, seen: Object, unreachable: str) -> Object:
    """Return the status while pods are ready but nobody answers."""
    return status.status(es, **seen | {"incomplete": unreachable, "service": status.SILENT, "health": "unknown"})


def blocked(cluster: Cluster, es: Object) -> bool:
    """Tell whether NetworkPolicies, or the fault `operand-not-ready`, keep the operator from reaching the nodes."""
    if cluster.fault("operand-not-ready", es):
        return True
    namespace, pod = es["metadata"]["namespace"], objects.nodes(es, es["spec"]["nodeSets"][0], 1, None)
    own = cluster.kube.get("v1", "Namespace", cluster.namespace) or {"metadata": {}}
    template = cluster.deployment["spec"]["template"] if cluster.deployment else {"metadata": {}}
    source = Source(cluster.namespace, own["metadata"].get("labels", {}), template["metadata"].get("labels", {}))
    policies = cluster.kube.list(*POLICY, namespace)
    return not admits(policies, namespace, pod["spec"]["template"]["metadata"]["labels"], PORT, source)


def notice(cluster: Cluster, es: Object, answers: bool) -> float:
    """Return the seconds until the operator asks again and sees that Elasticsearch answers, or does no longer."""
    memory = cluster.memory(es)
    if memory.setdefault("answers", status.reachable(es)) is answers:
        return 0.0
    asked = memory.get("asked", 0)
    if wait := cluster.pause(es, "eck.poll", str(asked)):
        return wait
    memory |= {"answers": answers, "asked": asked + 1}
    return 0.0


def converge(cluster: Cluster, es: Object, nodes: Nodes, seen: Object) -> float | None:
    """Form the cluster, add nodes, replace outdated ones, one at a time; then it is Ready."""
    if nodes.stale:
        return None
    if UUID not in es["metadata"]["annotations"]:
        es = annotate(cluster, es, {UUID: es["metadata"]["uid"].replace("-", "")[:22], MASTERS: None})
    outdated, before = nodes.outdated, status.incomplete(es)
    settled = nodes.ready >= nodes.planned == len(nodes.pods)
    if before == status.UPGRADE and not outdated and not settled:
        return None
    seen |= {"service": status.ANSWERS, "health": health(cluster, es)} | progress(es, nodes, outdated, settled)
    wanted = status.status(es, **seen)
    memory = cluster.memory(es)
    memory["late"] = not seen["incomplete"] and (memory.get("late") or before in status.CHANGES)
    if memory["late"]:
        es = cluster.set_status(es, status.late(es, wanted, objects.wanted(es) - 1))
        if wait := cluster.pause(es, "eck.count"):
            return wait
        memory["late"] = False
    cluster.set_status(es, wanted)
    if outdated and settled:
        cluster.kube.delete(outdated[-1])
    return None


def health(cluster: Cluster, es: Object) -> str:
    """Return the health: a single node has no place for replicas. The fault `elasticsearch-health` sets `health`."""
    fault = cluster.fault("elasticsearch-health", es)
    found = str(fault["health"]) if fault else "green" if objects.wanted(es) > 1 else "yellow"
    if found == "red" != es["status"].get("health"):
        cluster.event(es, "Warning", "Unhealthy", "Elasticsearch cluster health degraded")
    return found
