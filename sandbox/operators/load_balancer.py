"""The cloud's load balancers: an address for each Service of type LoadBalancer, as on AWS."""

from __future__ import annotations

from sandbox.kube import Object
from sandbox.simulator import Cluster, Operator

DOMAIN = "eu-central-1.elb.amazonaws.com"

operator = Operator("load_balancer", manager="aws-cloud-controller-manager", platform=True)


def _wanted(service: Object) -> bool:
    return bool(service["spec"].get("type") == "LoadBalancer")


@operator.reconciles("v1", "Service", where=_wanted)
def reconcile(cluster: Cluster, service: Object) -> float | None:
    """Publish the host name of the Service's own load balancer; the API server drops it when the type changes."""
    if not _wanted(service):
        return None
    if wait := cluster.pause(service, "load_balancer.address"):
        return wait
    # The cloud provider names a load balancer after the Service's uid, 32 characters at most.
    name = f"a{service['metadata']['uid'].replace('-', '')}"[:32]
    cluster.set_status(service, {"loadBalancer": {"ingress": [{"hostname": f"{name}.{DOMAIN}"}]}})
    return None
