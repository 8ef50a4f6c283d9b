# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Workloads that must run: rolled out, and with pods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..kube.objects import section
from ..readiness.state import Progressing, State
from .model import Finding, judged
from .observed import Observed

VERSIONS = {"DeploymentConfig": "apps.openshift.io/v1"}


def rollout(cluster: Observed, kind: str, name: str, namespace: str) -> State:
    """Return the state of a Deployment, StatefulSet, DaemonSet or DeploymentConfig; scaled to none is not ready."""
    api_version = VERSIONS.get(kind, "apps/v1")
    workload = cluster.get(api_version, kind, name, namespace)
    if workload is not None and section(workload, "spec").get("replicas") == 0:
        return Progressing("scaled to 0")
    return cluster.state(api_version, kind, name, namespace)


def rollouts(cluster: Observed, namespace: str, kind: str, names: Iterable[str]) -> Iterator[Finding]:
    """Yield a finding for each workload of `kind` (see rollout) in `namespace`."""
    for name in names:
        state = rollout(cluster, kind, name, namespace)
        yield judged(f"{kind} {namespace}/{name}", state, f"oc describe {kind.lower()} {name} -n {namespace}")
