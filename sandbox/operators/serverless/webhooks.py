"""Admission of KnativeServing and KnativeEventing, and what the operator's process does when it starts and ends.

OLM registers these webhooks from the CSV, with failurePolicy Ignore: while the process is down, everything passes.
"""

from __future__ import annotations

from typing import Any

from sandbox.kube import Object
from sandbox.operators._templates import load
from sandbox.operators.serverless.common import API_VERSION, MONITORED, PART_OF, operator
from sandbox.operators.serverless.install import OBJECTS, create
from sandbox.operators.serverless.products import EVENTING, SERVING, Product
from sandbox.simulator import Cluster
from sandbox.simulator.admission import Denied, Handler
from sandbox.simulator.objects import make

NAME = "serverless"
# The Go structs of Knative write these out although nobody set them.
WRITTEN: dict[str, Object] = {
    SERVING.kind: {"controller-custom-certs": {"name": "", "type": ""}, "registry": {}},
    EVENTING.kind: {"registry": {}},
}


@operator.starts
def start(cluster: Cluster) -> None:
    """Create the products' namespaces where they are missing and the dashboard, and answer admission."""
    for product in (SERVING, EVENTING):
        create(cluster, make("v1", "Namespace", product.namespace, labels=PART_OF))
    cluster.apply(*load(OBJECTS / "dashboard.yaml"))
    own = make("v1", "Namespace", cluster.namespace)
    cluster.kube.patch(own, {"metadata": {"labels": MONITORED}})
    cluster.admission.answer(NAME, "knative-openshift", cluster.namespace, handlers(cluster))


@operator.stops
def stop(cluster: Cluster) -> None:
    """Answer no longer; OLM takes the registration away with the CSV."""
    cluster.admission.leave(NAME)


def handlers(cluster: Cluster) -> dict[str, Handler]:
    """Return the webhooks by path."""
    found: dict[str, Handler] = {}
    for product in (SERVING, EVENTING):
        plural = f"{product.kind.lower()}s"
        found[f"/mutate-{plural}"] = write_out
        found[f"/validate-{plural}"] = _validator(cluster, product)
    return found


def write_out(request: Object) -> Object:
    """Decode the object and write it out again, with what the Go structs always carry. Raises Denied."""
    obj = request["object"]
    spec: dict[str, Any] = obj.get("spec") or {}
    if isinstance((spec.get("high-availability") or {}).get("replicas"), str):
        field = "HighAvailability.spec.high-availability.replicas"
        raise Denied(f"json: cannot unmarshal string into Go struct field {field} of type int32", reason="")
    return {**obj, "spec": {**WRITTEN[obj["kind"]], **spec}}


def _validator(cluster: Cluster, product: Product) -> Handler:
    def validate(request: Object) -> None:
        obj, namespace = request["object"], request["namespace"]
        if namespace != product.namespace:
            message = f"{product.kind} may only be created in {product.namespace} namespace"
            raise Denied(message, code=403, reason=message)
        others = [one["metadata"]["name"] for one in cluster.kube.list(API_VERSION, product.kind, namespace)]
        if any(name != obj["metadata"]["name"] for name in others):
            message = f"Only one {product.kind} allowed per namespace"
            raise Denied(message, code=403, reason=message)

    return validate
