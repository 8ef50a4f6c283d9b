"""OpenShift's service-ca: a serving certificate for each Service that asks for one."""

from __future__ import annotations

import os
from pathlib import Path

from sandbox.kube import Object
from sandbox.service_ca import PKI, ServiceCa, wanted
from sandbox.simulator import Cluster, Operator

operator = Operator("service_ca", manager="service-ca-operator", platform=True)


def _asks(service: Object) -> bool:
    return bool(wanted(service))


@operator.reconciles("v1", "Service", where=_asks)
def reconcile(cluster: Cluster, service: Object) -> float | None:
    """Make the Secret with certificate and key, of which the Service is the owner."""
    if not _asks(service):
        return None
    if wait := cluster.pause(service, "service_ca.sign"):
        return wait
    ServiceCa(cluster.kube, Path(os.environ[PKI])).serve(service)
    return None
