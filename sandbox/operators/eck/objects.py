"""Services, StatefulSets and claims of an Elasticsearch."""

from __future__ import annotations

import copy
import hashlib
import json
from decimal import Decimal

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
    for container in _containers(node_set):
        if container["name"] == "elasticsearch":
            kept = {key: value for key, value in container.items() if key in ("env", "resources")}
            made["spec"]["template"]["spec"]["containers"][0] |= kept
    return made


def written(node_set: Object) -> Object:
    """Return a node set as the operator writes it back: whole, as its Go structs are, with quantities in short form."""
    found = copy.deepcopy(node_set)
    template = found.setdefault("podTemplate", {})
    template.setdefault("metadata", {}).setdefault("creationTimestamp", None)
    template.setdefault("spec", {}).setdefault("containers", None)
    claims = found.get("volumeClaimTemplates") or []
    for claim in claims:
        claim.setdefault("spec", {})
        claim.setdefault("status", {})
    for holder in [*_containers(found), *(claim["spec"] for claim in claims)]:
        for amounts in holder.setdefault("resources", {}).values():
            amounts.update({name: _short(str(amount)) for name, amount in amounts.items()})
    return found


def _containers(node_set: Object) -> list[Object]:
    return list(((node_set.get("podTemplate") or {}).get("spec") or {}).get("containers") or [])


def _short(amount: str) -> str:
    """Return a quantity of bytes or processors as Go marshals it; others are left as they are."""
    if amount.endswith("Mi") and amount[:-2].isdigit() and int(amount[:-2]) % 1024 == 0:
        return f"{int(amount[:-2]) // 1024}Gi"
    if amount.endswith("m") and amount[:-1].isdigit() and int(amount[:-1]) % 1000 == 0:
        return str(int(amount[:-1]) // 1000)
    if "." in amount and amount.replace(".", "").isdigit():
        return f"{int(Decimal(amount) * 1000)}m"
    return amount


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
