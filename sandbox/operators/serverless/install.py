"""Installs, changes and removes what KnativeServing and KnativeEventing stand for.

Both behave alike: no status for a while, then all of it at once; a change of the spec shows late in observedGeneration.
"""

from __future__ import annotations

from pathlib import Path

from sandbox.kube import ApiError, Object
from sandbox.operators._templates import load
from sandbox.operators.serverless.common import API_VERSION, MONITORED, operator
from sandbox.operators.serverless.products import EVENTING, SERVING, Product, objects, webhook_configurations
from sandbox.simulator import Cluster
from sandbox.simulator.objects import condition, conditions

DEPLOYMENT = ("apps/v1", "Deployment")
OBJECTS = Path(__file__).parent / "objects"
MIGRATION = (
    "Version migration is not eligible with message: not supported to upgrade or downgrade across multiple MINOR "
    "versions. The installed {kind} version is v1.5.0."
)


def _of(product: Product, watched: Object) -> bool:
    return watched["metadata"]["namespace"] in product.namespaces


@operator.reconciles(API_VERSION, SERVING.kind, watches=[(*DEPLOYMENT, lambda seen, _: _of(SERVING, seen))])
def serving(cluster: Cluster, obj: Object) -> float | None:
    """Bring Knative Serving, with Kourier in a namespace of its own."""
    return reconcile(cluster, obj, SERVING)


@operator.reconciles(API_VERSION, EVENTING.kind, watches=[(*DEPLOYMENT, lambda seen, _: _of(EVENTING, seen))])
def eventing(cluster: Cluster, obj: Object) -> float | None:
    """Bring Knative Eventing, whose webhooks have no rules before their own process has run."""
    return reconcile(cluster, obj, EVENTING)


def reconcile(cluster: Cluster, obj: Object, product: Product) -> float | None:
    """Bring the product to where the object wants it."""
    if obj["metadata"].get("deletionTimestamp"):
        return remove(cluster, obj, product)
    obj = cluster.set_finalizer(obj, product.finalizer, present=True)
    if obj["metadata"]["namespace"] != product.namespace:
        refuse(cluster, obj, product)
        return None
    obj = cluster.set_finalizer(obj, product.openshift_finalizer, present=True)
    if not eligible(obj):
        report(cluster, obj, product, MIGRATION.format(kind=product.kind))
        return None
    label(cluster, product)
    if wait := install(cluster, obj, product):
        return wait
    report(cluster, obj, product)
    return None


def eligible(obj: Object) -> bool:
    """Tell whether the version that is wanted is at most one minor version away from the installed one."""
    installed, wanted = obj.get("status", {}).get("version"), obj["spec"].get("version")
    if not installed or not wanted or wanted == "latest":
        return True
    return abs(_minor(installed) - _minor(wanted)) <= 1


def _minor(version: str) -> int:
    return int(version.removeprefix("v").split(".")[1])


def label(cluster: Cluster, product: Product) -> None:
    """Mark the namespace for monitoring and, for Eventing, as the product's."""
    namespace = cluster.kube.get("v1", "Namespace", product.namespace)
    wanted = MONITORED | product.namespace_labels
    if namespace and not wanted.items() <= namespace["metadata"]["labels"].items():
        cluster.kube.patch(namespace, {"metadata": {"labels": wanted}})


def install(cluster: Cluster, obj: Object, product: Product) -> float:
    """Create what is missing or has changed; return the seconds until it goes on, 0 when all is there."""
    name = product.namespace.replace("knative-", "")
    if "version" in obj.get("status", {}):
        changed = obj["status"]["observedGeneration"] != obj["metadata"]["generation"]
        if changed and (wait := cluster.pause(obj, "serverless.update")):
            return wait
    elif wait := cluster.pause(obj, f"serverless.{name}_definitions"):
        return wait
    else:
        cluster.install_definitions(product.definitions)
        if wait := cluster.pause(obj, f"serverless.{name}_objects"):
            return wait
    apply(cluster, obj, product)
    return 0.0 if "version" in obj.get("status", {}) else cluster.pause(obj, f"serverless.{name}_status")


def apply(cluster: Cluster, obj: Object, product: Product) -> None:
    """Write everything when the spec has changed or a Deployment is missing."""
    memory, generation = cluster.memory(obj), obj["metadata"]["generation"]
    missing = {component.name for component in product.components} - deployments(cluster, product).keys()
    if memory.get("applied") == generation and not missing:
        return
    if product.ingress:
        cluster.apply(product.ingress)
    for configuration in webhook_configurations(product):
        create(cluster, configuration)
    cluster.apply(*load(OBJECTS / f"{product.namespace}.yaml"), *objects(product, obj))
    memory["applied"] = generation


def create(cluster: Cluster, obj: Object) -> None:
    """Create the object unless it is there."""
    try:
        cluster.kube.create(obj)
    except ApiError as error:
        if error.status != 409:
            raise


def deployments(cluster: Cluster, product: Product) -> dict[str, Object]:
    """Return the Deployments in the product's namespaces by name."""
    found = [one for namespace in product.namespaces for one in cluster.kube.list(*DEPLOYMENT, namespace)]
    return {one["metadata"]["name"]: one for one in found}


def waiting(cluster: Cluster, obj: Object, product: Product) -> list[str]:
    """Return the Deployments that are not available; the fault `operand-not-ready` (`component`) keeps one so."""
    there = deployments(cluster, product)
    fault = cluster.fault("operand-not-ready", obj)
    broken = fault.get("component", product.components[0].name) if fault else None
    return [
        component.name
        for component in product.components
        if component.name == broken or condition(there.get(component.name, {}), "Available").get("status") != "True"
    ]


def report(cluster: Cluster, obj: Object, product: Product, not_eligible: str = "") -> None:
    """Write the whole status; when a version is refused, the rest of it stays as it was."""
    if not_eligible:
        available: tuple[str, str, str] = _kept(obj, "DeploymentsAvailable")
        eligibility = ready = ("False", "Error", not_eligible)
    else:
        names = ", ".join(waiting(cluster, obj, product))
        available = ready = ("False", "NotReady", f"Waiting on deployments: {names}") if names else ("True", "", "")
        eligibility = ("True", "", "")
    status = {
        "conditions": conditions(
            obj,
            ("DependenciesInstalled", "True", "", ""),
            ("DeploymentsAvailable", *available),
            ("InstallSucceeded", "True", "", ""),
            ("Ready", *ready),
            ("VersionMigrationEligible", *eligibility),
        ),
        "manifests": [f"/var/run/ko/{product.namespace}/{product.version}"],
        "observedGeneration": obj["metadata"]["generation"],
        "version": product.version,
    }
    cluster.set_status(obj, status)


def _kept(obj: Object, type_: str) -> tuple[str, str, str]:
    before = condition(obj, type_)
    return before["status"], before.get("reason", ""), before.get("message", "")


def refuse(cluster: Cluster, obj: Object, product: Product) -> None:
    """Say that the namespace is wrong: what admission, when it can be reached, does not let through."""
    message = f'Install failed with message: {product.title} must be installed into the namespace "{product.namespace}"'
    found = conditions(
        obj,
        ("DependenciesInstalled", "Unknown", "", ""),
        ("DeploymentsAvailable", "Unknown", "", ""),
        ("InstallSucceeded", "False", "Error", message),
        ("Ready", "False", "Error", message),
        ("VersionMigrationEligible", "True", "", ""),
    )
    cluster.set_status(obj, {"conditions": found, "observedGeneration": obj["metadata"]["generation"]})


def remove(cluster: Cluster, obj: Object, product: Product) -> float | None:
    """Take away what was installed; the namespace, the definitions and the rights to read metrics stay."""
    if obj["metadata"]["namespace"] != product.namespace:
        cluster.set_finalizer(obj, product.finalizer, present=False)
        return None
    if product.ingress:
        cluster.kube.delete(product.ingress)
    obj = cluster.set_finalizer(obj, product.openshift_finalizer, present=False)
    for configuration in webhook_configurations(product):
        cluster.kube.delete(configuration)
    there = deployments(cluster, product)
    for component in reversed(product.components):
        if component.name in there:
            cluster.kube.delete(there[component.name])
    if wait := cluster.pause(obj, "serverless.remove"):
        return wait
    cluster.set_finalizer(obj, product.finalizer, present=False)
    return None
