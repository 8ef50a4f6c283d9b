# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""OpenShift Service Mesh 2.3 (maistra.io): control plane and member roll."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..kube.objects import Object, condition, condition_text, section
from .state import Failed, Progressing, Ready, State, stale

# A Deployment that is replaced is gone for a moment.
LOST_GRACE = 60
# What a spec asks for that no retry finds, and for how many seconds it has to be said: the operator tries again at once
# after a change, and then after 5, 10, 20, 40 ... s. Other ReconcileErrors heal, as that of a webhook that starts.
RECONCILE_ERRORS = (("Error rendering helm charts", 30), (" is invalid: ", 90), ("denied the request", 120))


def control_plane(smcp: Object) -> State:
    """Judge a ServiceMeshControlPlane.

    `Ready` alone is not enough: with operator 2.3 it stays True with a component's Deployment deleted, so every
    component must be counted and none pending.
    """
    ready = condition(smcp, "Ready")
    # When it refuses a spec, the operator keeps observedGeneration at the last good one: this comes before `stale`.
    if ready.get("reason") == "ValidationError":
        return Failed(condition_text(ready, "the spec is invalid"), after=15)
    if ready.get("reason") == "ReconcileError" and (grace := _final(ready.get("message") or "")):
        return Failed(condition_text(ready, ""), after=grace)
    if ready.get("reason") == "DependencyMissingError":
        return Progressing(
            f"{condition_text(ready, '')} (the operator retries after growing intervals; an annotation triggers it)"
        )
    components = section(smcp, "status", "readiness", "components")
    count = section(smcp, "status", "annotations").get("readyComponentCount", "")
    missing = sorted(set(components.get("unready") or []) | set(components.get("pending") or []))
    waiting = stale(smcp, counted=True)
    if waiting or ready.get("status") != "True":
        said = condition_text(ready, waiting.reason if waiting else "not ready yet")
        return Progressing(f"{count} components, {said}" if count else said)
    done, _slash, total = count.partition("/")
    if not total or done != total or missing:
        said = f"{count or 'no'} components ready" + (f", missing: {', '.join(missing)}" if missing else "")
        if components.get("pending"):
            return Failed(f"{said} (its operator looks again only when the spec moves)", after=LOST_GRACE)
        return Progressing(said)
    return Ready(f"{count} components")


def _final(message: str) -> float | None:
    """Return for how many seconds the words of a ReconcileError have to stay, None when they may heal."""
    if "failed calling webhook" in message:
        return None
    return next((grace for words, grace in RECONCILE_ERRORS if words in message), None)


def member_roll(roll: Object, members: Iterable[str] = (), related: Sequence[Object] = ()) -> State:
    """Judge a ServiceMeshMemberRoll.

    `members` are the namespaces that must be configured (none given: those of the spec); `related` are the
    ServiceMeshControlPlanes of the roll's namespace. A roll says Configured before any mesh policy exists, so its
    `meshGeneration` must be that of a control plane which is itself up to date.
    """
    status = section(roll, "status")
    wanted = set(members) or set(section(roll, "spec").get("members") or [])
    waiting = stale(roll, counted=True)
    if waiting:
        return waiting
    ready = condition(roll, "Ready")
    missing = sorted(wanted - set(status.get("configuredMembers") or []))
    if missing:
        absent = sorted(set(missing) & _absent_namespaces(roll))
        return Progressing(
            f"not configured: {', '.join(missing)}" + (f" (do not exist: {', '.join(absent)})" if absent else "")
        )
    # A missing namespace of others keeps Ready False permanently: with `members`, only those count.
    if ready.get("status") != "True" and not (set(members) and ready.get("reason") == "ReconcileError"):
        return Progressing(condition_text(ready, "not ready yet"))
    for mesh in related:
        name, state = section(mesh, "metadata").get("name"), control_plane(mesh)
        if not isinstance(state, Ready):
            return replace(state, reason=f"control plane '{name}': {state.reason}")
        if status.get("meshGeneration") != section(mesh, "status").get("observedGeneration"):
            return Progressing(f"members do not follow the latest generation of control plane '{name}' yet")
    return Ready(f"{len(wanted)} members configured")


def _absent_namespaces(roll: Object) -> set[str]:
    """Return the members whose namespaces do not exist, as the roll reports them."""
    return {
        member["namespace"]
        for member in section(roll, "status").get("memberStatuses") or []
        if any(c.get("reason") == "NamespaceNotExists" for c in member.get("conditions") or [])
    }
