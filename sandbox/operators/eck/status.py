"""The status of an Elasticsearch as ECK writes it: phase, health and conditions disagree at times. Pure functions."""

from __future__ import annotations

from typing import Any

from sandbox.kube import Object
from sandbox.operators.eck.common import resource
from sandbox.simulator.objects import condition, conditions, now

READY, APPLYING, INVALID = "Ready", "ApplyingChanges", "Invalid"
NO_UUID = "Elasticsearch cluster UUID is not reconciled"
UNREACHABLE = "Elasticsearch cannot be reached yet, re-queuing"
NO_LICENSE = "Could not verify license, re-queuing"
UPSCALE = "Upscale in progress"
UPGRADE = "Nodes upgrade in progress"
NOT_BACK = "Nodes upgrade: some nodes are not back in the cluster yet"
CHANGES = (UPSCALE, UPGRADE, NOT_BACK)
NO_ENDPOINT, SILENT, ANSWERS = (
    "has no endpoint",
    "has endpoints but Elasticsearch is unavailable",
    "has endpoints",
)


def status(
    es: Object, *, incomplete: str, service: str, health: str, nodes: int, version: str, **operations: Any
) -> Object:
    """Return the whole status.

    `incomplete` says what is not done yet ('' when all is), `service` how the operator reaches Elasticsearch, `nodes`
    is the number of ready ones, `version` the lowest one that runs; `operations` are lists of nodes by operation.
    """
    meta, wanted = es["metadata"], es["spec"]["version"]
    running = ("True", "", f"All nodes are running version {wanted}")
    if version != wanted:
        running = ("False", "", f"Upgrading from {version} to {wanted}")
    address = f"Service {meta['namespace']}/{resource(es, 'internal-http')} {service}"
    found = {
        "conditions": conditions(
            es,
            ("ReconciliationComplete", "False" if incomplete else "True", "", incomplete),
            ("RunningDesiredVersion", *running),
            ("ElasticsearchIsReachable", "True" if service == ANSWERS else "False", "", address),
        ),
        "health": health,
        "inProgressOperations": _operations(es, operations),
        "observedGeneration": meta["generation"],
        "phase": APPLYING if incomplete else READY,
        "version": version,
    }
    # A count of 0 is left out.
    return found | ({"availableNodes": nodes} if nodes else {})


def invalid(es: Object) -> Object:
    """Return the status of a spec that cannot be: everything else keeps its old value, conditions too."""
    before = es.get("status") or {}
    return before | {"phase": INVALID, "health": "unknown", "observedGeneration": es["metadata"]["generation"]}


def late(es: Object, complete: Object, nodes: int) -> Object:
    """Return the status that says Ready while it still counts and names what it saw before."""
    before = es["status"]
    running = condition(es, "RunningDesiredVersion")
    found = [running if entry["type"] == running["type"] else entry for entry in complete["conditions"]]
    return complete | {"conditions": found, "availableNodes": nodes, "version": before["version"]}


def reachable(es: Object) -> bool:
    """Tell whether the status says that Elasticsearch answers."""
    return bool(condition(es, "ElasticsearchIsReachable").get("status") == "True")


def incomplete(es: Object) -> str:
    """Return what the status says is not done yet."""
    return str(condition(es, "ReconciliationComplete").get("message", ""))


def _operations(es: Object, operations: dict[str, list[Object]]) -> Object:
    before = (es.get("status") or {}).get("inProgressOperations", {})
    result = {}
    for name in ("downscale", "upgrade", "upscale"):
        nodes, then = operations.get(name) or [], before.get(name, {})
        same = then and nodes == then.get("nodes", [])
        result[name] = {"lastUpdatedTime": then["lastUpdatedTime"] if same else now()}
        result[name] |= {"nodes": nodes} if nodes else {}
    return result
