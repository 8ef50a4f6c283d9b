# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What the operator of Service Mesh 2.3 does not mend of its control plane, and what makes it: pure functions.

Once a generation is installed, it only watches (`isFullyReconciled`): a deleted Deployment comes back when the spec
moves. A Deployment that was scaled to 0 stays so even then, as the operator patches what has changed since its last
patch; and it counts as ready.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from ..kube.objects import Object, Reference, condition, is_terminating, section

OWNER = "maistra.io/owner"
# The part of the spec that the operator hands to its charts unread; a value here moves the generation and nothing else.
UNREAD, MARK = "techPreview", "seldonRepair"
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


@dataclass(frozen=True)
class Idle:
    """A Deployment of the mesh that was scaled to 0, and how many replicas the operator once gave it."""

    deployment: Reference
    replicas: int


def idle(deployments: Iterable[Object]) -> list[Idle]:
    """Return the Deployments without replicas to which the operator has given some."""
    found = [Idle(Reference.of(each), _given(each)) for each in deployments if _stopped(each)]
    return [each for each in found if each.replicas]


def lost(smcp: Object) -> list[str]:
    """Return the components of an installed control plane whose Deployments are gone, none while it changes."""
    status = section(smcp, "status")
    installed = status.get("observedGeneration") == section(smcp, "metadata").get("generation")
    if not installed or condition(smcp, "Reconciled").get("status") != "True":
        return []
    return sorted(section(smcp, "status", "readiness", "components").get("pending") or [])


def marked(smcp: Object) -> bool:
    """Tell whether the mark of a repair is in the spec: that of one that was stopped."""
    return MARK in section(smcp, "spec", UNREAD)


def mark(smcp: Object) -> Object:
    """Return the merge patch that moves the spec."""
    return {"spec": {UNREAD: {MARK: str(section(smcp, "metadata").get("generation"))}}}


def unmark(smcp: Object) -> Object:
    """Return the merge patch that takes the mark away, and what was made for it."""
    others = section(smcp, "spec", UNREAD).keys() - {MARK}
    return {"spec": {UNREAD: {MARK: None} if others else None}}


def _stopped(deployment: Object) -> bool:
    return section(deployment, "spec").get("replicas") == 0 and not is_terminating(deployment)


def _given(deployment: Object) -> int:
    """Return the replicas of the operator's last patch; without a number there, one."""
    text = section(deployment, "metadata", "annotations").get(_LAST_APPLIED)
    try:
        replicas = section(json.loads(text or "{}"), "spec").get("replicas", 1)
    except ValueError:
        return 1
    return replicas if isinstance(replicas, int) else 1
