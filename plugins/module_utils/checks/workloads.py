# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Workloads that must run: rolled out, and with pods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..kube.objects import Kind, Reference, section
from ..readiness.state import Progressing, State
from .model import Finding, judged
from .observed import Observed


def rollout(cluster: Observed, reference: Reference) -> State:
    """Return the state of a Deployment, StatefulSet, DaemonSet or DeploymentConfig; scaled to none is not ready."""
    workload = cluster.get(reference)
    if workload is not None and section(workload, "spec").get("replicas") == 0:
        return Progressing("scaled to 0")
    return cluster.state(reference)


def rollouts(cluster: Observed, kind: Kind, namespace: str, names: Iterable[str]) -> Iterator[Finding]:
    """Yield a finding for each workload of `kind` (see rollout) in `namespace`."""
    for name in names:
        reference = kind.named(name, namespace)
        look = f"oc describe {kind.name.lower()} {name} -n {namespace}"
        yield judged(str(reference), rollout(cluster, reference), look)
