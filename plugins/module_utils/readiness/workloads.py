# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Workloads: Deployment, StatefulSet, DaemonSet, DeploymentConfig, by the rules of `kubectl rollout status`."""

from __future__ import annotations

from ..kube.objects import Object, condition, condition_text, holds, section
from . import refusals
from .state import Failed, Progressing, Ready, State, stale
from .written import is_of_before


def deployment(obj: Object) -> State:
    """Judge a Deployment: the current template everywhere, every replica available, no old ones left."""
    waiting = stale(obj, counted=True)
    if waiting:
        return waiting
    refused, progress = condition(obj, "ReplicaFailure"), condition(obj, "Progressing")
    # It comes from any ReplicaSet, and stays while an old one does not try again.
    if refused.get("status") == "True" and not is_of_before(refused, obj):
        return refusals.judge(condition_text(refused, "pods cannot be created"), obj["metadata"].get("namespace"))
    status, wanted = section(obj, "status"), section(obj, "spec").get("replicas", 1)
    available = status.get("availableReplicas", 0)
    seen = f"{available}/{wanted} available"
    if status.get("updatedReplicas", 0) == status.get("replicas", 0) == wanted == available:
        return Ready(seen)
    if progress.get("reason") == "ProgressDeadlineExceeded":
        return Failed(f"{seen}: {condition_text(progress, '')}", after=60)
    return Progressing(
        f"{seen}, {status.get('updatedReplicas', 0)} of {status.get('replicas', 0)} pods are of the current template"
    )


def stateful_set(obj: Object) -> State:
    """Judge a StatefulSet; with updateStrategy OnDelete its operator decides which revision runs."""
    waiting = stale(obj, counted=True)
    if waiting:
        return waiting
    status, spec = section(obj, "status"), section(obj, "spec")
    wanted, ready = spec.get("replicas", 1), status.get("readyReplicas", 0)
    if ready != wanted:
        return Progressing(f"{ready}/{wanted} ready")
    rolling = section(spec, "updateStrategy").get("type", "RollingUpdate") == "RollingUpdate"
    partition = section(spec, "updateStrategy", "rollingUpdate").get("partition", 0)
    if (
        rolling
        and status.get("updatedReplicas", 0) < wanted - partition
        and status.get("currentRevision") != status.get("updateRevision")
    ):
        return Progressing(f"{ready}/{wanted} ready, {status.get('updatedReplicas', 0)} of the current template")
    return Ready(f"{ready}/{wanted} ready")


def daemon_set(obj: Object) -> State:
    """Judge a DaemonSet: the current template ready on every node that it wants."""
    waiting = stale(obj, counted=True)
    if waiting:
        return waiting
    status = section(obj, "status")
    wanted, ready = status.get("desiredNumberScheduled", 0), status.get("numberReady", 0)
    if ready == wanted == status.get("updatedNumberScheduled", 0):
        return Ready(f"{ready}/{wanted} ready")
    return Progressing(f"{ready}/{wanted} ready, {status.get('updatedNumberScheduled', 0)} of the current template")


def deployment_config(obj: Object) -> State:
    """Judge a DeploymentConfig of OpenShift."""
    waiting = stale(obj, counted=True)
    if waiting:
        return waiting
    status, wanted = section(obj, "status"), section(obj, "spec").get("replicas", 1)
    if not status.get("latestVersion"):
        return Progressing("no rollout yet (an image trigger waits for its ImageStreamTag)")
    ready, available = status.get("readyReplicas", 0), status.get("availableReplicas", 0)
    if ready == available == status.get("updatedReplicas", 0) == wanted and holds(obj, "Available"):
        return Ready(f"{available}/{wanted} available")
    return Progressing(
        f"{available}/{wanted} available: {condition_text(condition(obj, 'Available'), 'not available yet')}"
    )
