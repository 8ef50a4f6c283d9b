"""SeldonDeployments: their objects made one step after the other, and what their status says meanwhile."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.kube import ApiError, Object
from sandbox.operators.seldon_v1 import objects
from sandbox.operators.seldon_v1.common import DEPLOYMENT, MODEL, VIRTUAL_SERVICE, environment, istio_enabled, operator
from sandbox.simulator import Cluster, owned
from sandbox.simulator.objects import available, condition, conditions

Changes = dict[str, tuple[str, str, str]]  # condition type: status, reason, message

# The reasons are Seldon's own sentences, also where they are misspelt.
ALWAYS: Changes = {
    "HpasReady": ("True", "No HPAs defined", ""),
    "KedaReady": ("True", "No KEDA resources defined", ""),
    "PdbsReady": ("True", "No PDBs defined", ""),
}
NO_SERVICES = ("False", "Not all services created", "")
NO_ROUTES = ("False", "Not all VirtualServices created", "")
READY = ("True", "", "")
RUNNING: Changes = ALWAYS | {
    "AmbassadorMappingsReady": ("True", "No Ambassador Mappaings defined", ""),
    "Ready": READY,
    "ServicesReady": ("True", "All services created", ""),
}
MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"


def _concerns(watched: Object, model: Object) -> bool:
    """Tell whether a Deployment is one of the model's, or the operator's own."""
    return (
        owned(watched, model) or watched["metadata"].get("labels", {}).get("sandbox.seldon/operator") == operator.name
    )


@operator.reconciles(*MODEL, watches=[(*DEPLOYMENT, _concerns)])
def reconcile(cluster: Cluster, model: Object) -> float | None:
    """Make Services, Deployments and, with Istio, routes; everything is owned by the model and goes with it."""
    variables = _environment(cluster)
    if variables is None or model["metadata"].get("deletionTimestamp"):
        return None
    if wait := cluster.pause(model, "seldon_v1.reconcile"):
        return wait
    if _ensure(cluster, model, objects.services(model)):
        cluster.set_status(
            model, _status(model, "Creating", ALWAYS | {"Ready": NO_SERVICES, "ServicesReady": NO_SERVICES})
        )
        return 0.0
    wanted = list(objects.deployments(model, variables))
    if _ensure(cluster, model, wanted):
        _misgivings(cluster, model, wanted)
        return None
    live = [
        cluster.kube.get(*DEPLOYMENT, obj["metadata"]["name"], obj["metadata"]["namespace"]) or obj for obj in wanted
    ]
    if not all(_observed(obj) for obj in live):
        return None
    unavailable = [obj for obj in live if condition(obj, "Available")["status"] != "True"]
    if unavailable or not all(available(obj) for obj in live):
        cluster.set_status(model, _status(model, "Creating", _waiting(unavailable), live))
        return None
    changes = RUNNING | {"DeploymentsReady": _availability(live[0])}
    if not istio_enabled(variables):
        changes |= {"istioVirtualServicesReady": ("True", "No VirtualServices defined", "")}
        cluster.set_status(model, _status(model, "Available", changes, live))
        return None
    return _route(cluster, model, variables, changes, live)


def _environment(cluster: Cluster) -> dict[str, str] | None:
    """Return the environment of the operator's process; None while it is being replaced, or about to exit."""
    if cluster.deployment is None:
        return None
    manager = cluster.kube.get(*DEPLOYMENT, cluster.deployment["metadata"]["name"], cluster.namespace)
    if not manager or not available(manager):
        return None
    variables = environment(manager)
    return None if istio_enabled(variables) and not cluster.installed(*VIRTUAL_SERVICE) else variables


def _ensure(cluster: Cluster, model: Object, wanted: Iterable[Object]) -> bool:
    """Create the objects, or bring them to what is wanted; tell whether anything changed. Raises ApiError."""
    changed = False
    for obj in wanted:
        kind, name = obj["kind"], obj["metadata"]["name"]
        before = cluster.kube.get(obj["apiVersion"], kind, name, obj["metadata"]["namespace"])
        if before is None:
            cluster.kube.create(obj)
        elif cluster.kube.patch(obj, obj)["metadata"].get("generation") == before["metadata"].get("generation"):
            continue
        verb = "Update" if before else "Create"
        cluster.event(model, "Normal", f"{verb}{kind}", f'{verb}d {kind} "{name}"')
        changed = True
    return changed


def _misgivings(cluster: Cluster, model: Object, wanted: list[Object]) -> None:
    """Record what nearly every installation shows: a success, and a Warning that means nothing."""
    cluster.event(model, "Normal", "Updated", f'Updated SeldonDeployment "{model["metadata"]["name"]}"')
    for obj in wanted:
        name = obj["metadata"]["name"]
        text = f'Operation cannot be fulfilled on deployments.apps "{name}": {MODIFIED}'
        cluster.event(model, "Warning", "InternalError", text)


def _route(
    cluster: Cluster, model: Object, variables: dict[str, str], changes: Changes, live: list[Object]
) -> float | None:
    """Make the routes; without the kind DestinationRule the model has failed until that is there."""
    routed = {"istioVirtualServicesReady": ("True", "All VirtualServices created", "")}
    try:
        made = _ensure(cluster, model, [objects.virtual_service(model, variables)])
        made |= _ensure(cluster, model, objects.destination_rules(model))
    except ApiError as error:
        if not error.message.startswith("no matches for kind"):
            raise
        cluster.event(model, "Warning", "InternalError", error.message)
        cluster.set_status(model, _status(model, "Failed", changes, live) | {"description": error.message})
        return cluster.latency("seldon_v1.retry")
    if made:
        routed = {"istioVirtualServicesReady": NO_ROUTES, "Ready": NO_ROUTES}
    cluster.set_status(model, _status(model, "Available", changes | routed, live))
    return 0.0 if made else None


def _observed(deployment: Object) -> bool:
    """Tell whether the Deployment's status speaks of its newest spec."""
    observed = deployment.get("status", {}).get("observedGeneration", 0)
    return bool(observed >= deployment["metadata"].get("generation", 1) and condition(deployment, "Available"))


def _availability(deployment: Object) -> tuple[str, str, str]:
    entry = condition(deployment, "Available")
    return entry["status"], entry["reason"], entry["message"]


def _waiting(unavailable: list[Object]) -> Changes:
    """Return the conditions while pods are missing, or while they are replaced one by one."""
    if not unavailable:
        return ALWAYS | {"Ready": NO_SERVICES, "ServicesReady": NO_SERVICES}
    missing = _availability(unavailable[0])
    return ALWAYS | {"DeploymentsReady": missing, "Ready": missing, "ServicesReady": NO_SERVICES}


def _status(model: Object, state: str, changes: Changes, live: Iterable[Object] = ()) -> Object:
    """Return the status with the conditions changed; no generation is ever written into it."""
    before = model.get("status", {}).get("conditions") or []
    known = {entry["type"]: (entry["status"], entry.get("reason", ""), entry.get("message", "")) for entry in before}
    entries = [(type_, *content) for type_, content in sorted((known | changes).items())]
    status: Object = {"conditions": conditions(model, *entries), "state": state}
    counts = {obj["metadata"]["name"]: _counts(obj) for obj in live}
    if counts:
        status |= {"address": {"url": objects.address(model)}, "deploymentStatus": counts}
        status["replicas"] = sum(count.get("replicas", 0) for count in counts.values())
    return status


def _counts(deployment: Object) -> Object:
    status = deployment.get("status", {})
    return {key: status[key] for key in ("availableReplicas", "replicas") if status.get(key)}
