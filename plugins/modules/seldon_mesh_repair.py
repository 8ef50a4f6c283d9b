#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The module seldon_mesh_repair."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_mesh_repair
short_description: Repair what the operator of a service mesh does not mend
version_added: 1.0.0
author:
  - Contributors to the seldon.openshift collection (@seldonio)
description:
  - >-
    Once it has installed a ServiceMeshControlPlane, the operator of OpenShift Service Mesh 2.3 only watches it. A
    Deployment that was deleted, or scaled to 0, stays so, while the control plane says C(Ready).
  - >-
    A Deployment that was scaled to 0 gets back the replicas that the operator once gave it. For a deleted one, the spec
    is moved: C(techPreview.seldonRepair) is set and taken away again, and the operator installs the control plane
    again.
  - A control plane that does not exist, or that is being installed, is left alone.
options:
  name:
    description:
      - The name of the ServiceMeshControlPlane.
    type: str
    default: basic
  namespace:
    description:
      - Its namespace.
    type: str
    default: istio-system
  repair:
    description:
      - Whether to repair. With V(false), warnings say what is found, and what to type.
    type: bool
    default: true
  timeout:
    description:
      - Seconds for what fails for a moment. It does not wait for the operator.
    type: int
    default: 60
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - seldon.openshift.engine
attributes:
  check_mode:
    description: The API server tries the change without keeping it.
    support: full
  diff_mode:
    description: The warnings say what is changed.
    support: none
"""

EXAMPLES = r"""
- name: Repair the control plane
  seldon.openshift.seldon_mesh_repair:
    name: basic
    namespace: istio-system
"""

RETURN = r"""
results:
  description:
    - What was done with each object, in the form of RV(seldon.openshift.seldon_apply#module:results); in check mode,
      what would be done.
  returned: success
  type: list
  elements: dict
scaled:
  description: The names of the Deployments that were scaled to 0.
  returned: success
  type: list
  elements: str
  sample: [grafana]
lost:
  description: The components whose Deployments were deleted.
  returned: success
  type: list
  elements: str
  sample: [istio-ingress]
"""

import time
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.apply.changes import CHANGED, LEFT, Change
from ansible_collections.seldon.openshift.plugins.module_utils.apply.outcome import Outcome
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import KindNotServed
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import CONTROL_PLANE, DEPLOYMENT
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Object, Reference, is_terminating
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import Progress
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main
from ansible_collections.seldon.openshift.plugins.module_utils.shared import control_plane

ARGUMENT_SPEC: dict[str, Any] = {
    "name": {"type": "str", "default": "basic"},
    "namespace": {"type": "str", "default": "istio-system"},
    "repair": {"type": "bool", "default": True},
    "timeout": {"type": "int", "default": 60},
}


def run(client: Client, params: dict[str, Any], _check_mode: bool, _progress: Progress) -> dict[str, Any]:
    """Repair the control plane of `params` (as in DOCUMENTATION), and return the result. Raises EngineError."""
    deadline = time.monotonic() + params["timeout"]
    smcp = _read(client, CONTROL_PLANE.named(params["name"], params["namespace"]), deadline)
    if smcp is None or is_terminating(smcp):
        return {"changed": False, "results": [], "scaled": [], "lost": [], "warnings": []}
    owned = client.list(
        DEPLOYMENT, params["namespace"], f"{control_plane.OWNER}={params['namespace']}", deadline=deadline
    )
    stopped, lost = control_plane.idle(owned), control_plane.lost(smcp)
    repair = "" if not params["repair"] else "To be repaired" if client.check_mode else "Repaired"
    if repair:
        for each in stopped:
            client.patch(each.deployment.bare(), {"spec": {"replicas": each.replicas}}, deadline=deadline)
        _move(client, smcp, bool(lost), deadline)
    moved = [smcp] if lost or control_plane.marked(smcp) else []
    return {
        "changed": params["repair"] and bool(stopped or moved),
        "results": [outcome.report() for outcome in _outcomes(stopped, moved, params["repair"])],
        "scaled": [each.deployment.name for each in stopped],
        "lost": lost,
        "warnings": [
            *(_scaled(each, repair) for each in stopped),
            *([_moved(smcp, lost, repair)] if lost else []),
        ],
    }


def _read(client: Client, reference: Reference, deadline: float) -> Object | None:
    try:
        return client.get(reference, deadline)
    except KindNotServed:
        return None


def _move(client: Client, smcp: Object, wanted: bool, deadline: float) -> None:
    """Move the spec when that is `wanted`, and leave nothing of a move in it, nor of one that was stopped."""
    if wanted and not control_plane.marked(smcp):
        client.patch(smcp, control_plane.mark(smcp), deadline=deadline)
    if wanted or control_plane.marked(smcp):
        client.patch(smcp, control_plane.unmark(smcp), deadline=deadline)


def _outcomes(stopped: list[control_plane.Idle], moved: list[Object], repair: bool) -> list[Outcome]:
    action, fate = ("updated", CHANGED) if repair else ("unchanged", LEFT)
    scaled = [
        Outcome(each.deployment.bare(), action, fields=[Change(".spec.replicas", 0, each.replicas, fate=fate)])
        for each in stopped
    ]
    return [*scaled, *(Outcome(smcp, action, "its operator has to look again") for smcp in moved)]


def _scaled(found: control_plane.Idle, repair: str) -> str:
    here, replicas = found.deployment, found.replicas
    what = f"{here} of the service mesh was scaled to 0, which its operator takes for ready"
    command = f"oc scale deployment {here.name} -n {here.namespace} --replicas={replicas}"
    return f"{what}. {repair}: scaled to {replicas}" if repair else f"{what}. To repair it, type: {command}"


def _moved(smcp: Object, lost: list[str], repair: str) -> str:
    here = Reference.of(smcp)
    what = (
        f"{here} has lost the Deployments of {', '.join(lost)}, and its operator looks again only when the spec moves"
    )
    patch = f"oc patch {here.kind.qualified} {here.name} -n {here.namespace} --type merge -p"
    commands = f"""{patch} '{{"spec":{{"techPreview":{{"seldonRepair":"1"}}}}}}'"""
    return f"{what}. {repair}: spec moved" if repair else f"{what}. To repair it, type: {commands}"


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
