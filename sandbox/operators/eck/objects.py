"""Services, StatefulSets and claims of an Elasticsearch."""

from __future__ import annotations

import hashlib
import json

from sandbox.kube import Object
from sandbox.operators.eck.common import PORT, STATEFUL_SET_NAME, labels, resource
from sandbox.simulator import Cluster
from sandbox.simulator.objects import Labels, make, owner, service, stateful_set

VERSION = "elasticsearch.k8s.elastic.co/version"
CLAIM: Object = {
    "metadata": {"name": "elasticsearch-data"},
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
}


def services(es: Object) -> list[Object]:
    """Return the Services: for nodes among themselves, for users, for the operator, and one for each node set."""
    namespace, own = es["metadata"]["namespace"], labels(es)
    https, transport = [("https", PORT, PORT)], [("tls-transport", 9300, 9300)]

    def make_service(suffix: str, ports: list[tuple[str, int, int]], selector: Labels, headless: bool) -> Object:
        made = service(resource(es, suffix), namespace, ports, selector, labels=selector, owned_by=es)
        if headless:
            made["spec"] |= {"clusterIP": "None", "publishNotReadyAddresses": True}
        return made

    return [
        make_service("transport", transport, own, headless=True),
        make_service("http", https, own, headless=False),
        make_service("internal-http", https, own, headless=False),
        *(
            make_service(name, https, own | {STATEFUL_SET_NAME: resource(es, name)}, headless=True)
            for name in (node_set["name"] for node_set in es["spec"]["nodeSets"])
        ),
    ]


def nodes(es: Object, node_set: Object, replicas: int, there: Object | None) -> Object:
    """Return the StatefulSet of a node set; the operator itself deletes the pods that are to be replaced."""
    name = resource(es, node_set["name"])
    own = labels(es) | {STATEFUL_SET_NAME: name}
    made = stateful_set(
        name,
        es["metadata"]["namespace"],
        service=name,
        selector=own,
        containers={"elasticsearch": [PORT, 9300]},
        replicas=replicas,
        pod_labels={VERSION: es["spec"]["version"]},
        pod_annotations={"elasticsearch.k8s.elastic.co/config-hash": _hash(node_set.get("config"))},
        labels=own,
        owned_by=es,
    )
    claims = node_set.get("volumeClaimTemplates") or [{**CLAIM, "metadata": {**CLAIM["metadata"], "labels": own}}]
    # Claims of a StatefulSet cannot change.
    made["spec"]["volumeClaimTemplates"] = there["spec"]["volumeClaimTemplates"] if there else claims
    made["spec"]["updateStrategy"] = {"type": "OnDelete"}
    return made


def budget(es: Object) -> Object:
    """Return the PodDisruptionBudget of all nodes."""
    own = labels(es)
    spec = {"minAvailable": wanted(es), "selector": {"matchLabels": own}}
    meta = es["metadata"]
    return make(
        "policy/v1",
        "PodDisruptionBudget",
        resource(es, "default"),
        meta["namespace"],
        labels=own,
        owned_by=es,
        spec=spec,
    )


def adopt_claims(cluster: Cluster, es: Object) -> None:
    """Make the Elasticsearch the owner of its claims: they, and the data, go with it."""
    for node_set in es["spec"]["nodeSets"]:
        selector = f"{STATEFUL_SET_NAME}={resource(es, node_set['name'])}"
        for claim in cluster.kube.list("v1", "PersistentVolumeClaim", es["metadata"]["namespace"], selector):
            # Before it is bound, the scheduler writes it too, and gives way for seconds when it meets somebody else.
            if claim["status"].get("phase") == "Bound" and not claim["metadata"].get("ownerReferences"):
                cluster.kube.patch(claim, {"metadata": {"ownerReferences": [owner(es)]}})


def wanted(es: Object) -> int:
    """Return the number of nodes that the spec asks for."""
    return sum(node_set.get("count", 0) for node_set in es["spec"]["nodeSets"])


def _hash(config: Object | None) -> str:
    text = json.dumps(config or {}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:10]
