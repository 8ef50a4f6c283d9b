"""The nodes of an Elasticsearch as Kubernetes sees them, and what is still to be done about them."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.kube import Object
from sandbox.operators.eck import objects, status
from sandbox.operators.eck.common import STATEFUL_SET, STATEFUL_SET_NAME, resource
from sandbox.operators.eck.validation import parse
from sandbox.simulator import Cluster
from sandbox.simulator.objects import condition


@dataclass(frozen=True)
class Nodes:
    """The StatefulSets and pods of an Elasticsearch."""

    sets: dict[str, Object]  # StatefulSets by name
    pods: list[Object]

    @property
    def ready(self) -> int:
        """The number of ready nodes."""
        return sum(
            condition(pod, "Ready").get("status") == "True"
            for pod in self.pods
            if not pod["metadata"].get("deletionTimestamp")
        )

    @property
    def stale(self) -> bool:
        """Whether a StatefulSet has not been looked at since it changed."""
        return any(
            found.get("status", {}).get("observedGeneration", 0) < found["metadata"]["generation"]
            for found in self.sets.values()
        )

    @property
    def planned(self) -> int:
        """The number of nodes that the StatefulSets are to have now."""
        return sum(found["spec"]["replicas"] for found in self.sets.values())

    @property
    def outdated(self) -> list[Object]:
        """The pods that are to be replaced, the next one last."""
        newest = {name: found.get("status", {}).get("updateRevision") for name, found in self.sets.items()}
        old = [
            pod
            for pod in self.pods
            if pod["metadata"]["labels"]["controller-revision-hash"]
            != newest[pod["metadata"]["labels"][STATEFUL_SET_NAME]]
        ]
        return sorted(old, key=lambda pod: str(pod["metadata"]["name"]))

    @property
    def versions(self) -> list[str]:
        """The versions that run, the lowest first."""
        found = {pod["metadata"]["labels"][objects.VERSION] for pod in self.pods}
        return sorted(found, key=lambda version: parse(version) or (0, 0, 0))


def look(cluster: Cluster, es: Object) -> Nodes:
    """Return the nodes as they are."""
    namespace = es["metadata"]["namespace"]
    names = [resource(es, node_set["name"]) for node_set in es["spec"]["nodeSets"]]
    found = {name: cluster.kube.get(*STATEFUL_SET, name, namespace) for name in names}
    selector = f"{STATEFUL_SET_NAME} in ({','.join(names)})"
    return Nodes(
        {name: one for name, one in found.items() if one},
        cluster.kube.list("v1", "Pod", namespace, selector),
    )


def progress(es: Object, nodes: Nodes, outdated: list[Object], settled: bool) -> Object:
    """Return what is not done yet, and the nodes that it concerns."""
    if outdated:
        names = [pod["metadata"]["name"] for pod in outdated]
        deleted = {"message": "Deleting pod for rolling upgrade", "name": names[-1], "status": "DELETED"}
        return {
            "incomplete": status.UPGRADE,
            "upgrade": [*({"name": name, "status": "PENDING"} for name in names[:-1]), deleted],
        }
    if coming := upscale(es, nodes):
        return {"incomplete": status.UPSCALE, "upscale": coming}
    back = settled or es["status"]["phase"] == status.READY
    return {"incomplete": "" if back else status.NOT_BACK}


def upscale(es: Object, nodes: Nodes) -> list[Object]:
    """Return the nodes that are still to come."""
    there = {pod["metadata"]["name"] for pod in nodes.pods}
    result = []
    for node_set in es["spec"]["nodeSets"]:
        name = resource(es, node_set["name"])
        for index in range(node_set["count"]):
            node = f"{name}-{index}"
            if node not in there:
                planned = index < nodes.sets[name]["spec"]["replicas"]
                expected = {"message": "Creating master node", "name": node, "status": "EXPECTED"}
                limited = {"message": "Limiting master nodes creation to one at a time", "name": node}
                result.append(expected if planned else limited | {"status": "PENDING"})
    return result
