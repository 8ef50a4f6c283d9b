#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The module seldon_mesh_member."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_mesh_member
short_description: Let namespaces join or leave an OpenShift Service Mesh
version_added: 1.0.0
author:
  - Contributors to the seldon.openshift collection (@seldonio)
description:
  - Adds namespaces to the member roll of a service mesh, or removes them. Members that others added stay.
  - >-
    Any number of writers may do so at once and none is lost; applying a roll as a whole would replace the list, as its
    definition has no keys to merge by.
  - A namespace that belongs to another mesh is refused before anything is written.
  - >-
    It does not wait until the mesh has taken the namespaces in (M(seldon.openshift.seldon_wait) does), and a namespace
    may be listed before it exists.
options:
  members:
    description:
      - The namespaces. The control plane's own is left out with a warning, as the mesh never lists it.
    type: list
    elements: str
    required: true
  control_plane_namespace:
    description:
      - The namespace of the mesh's control plane.
    type: str
    default: istio-system
  control_plane_name:
    description:
      - The name of the ServiceMeshControlPlane, which V(member) objects refer to.
    type: str
    default: basic
  mode:
    description:
      - V(roll) edits the ServiceMeshMemberRoll C(default), and creates it when there is none.
      - >-
        V(member) puts a ServiceMeshMember C(default) into each namespace instead, which needs no rights on the roll but
        the verb C(use) on the control plane, and the namespaces.
    type: str
    choices: [roll, member]
    default: roll
  state:
    description:
      - Whether the namespaces shall belong to the mesh.
    type: str
    choices: [present, absent]
    default: present
  timeout:
    description:
      - Seconds in which to win against other writers and what fails for a moment.
      - What is being deleted is not changed but made anew once it is gone, also within this time.
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
    description: Shows the roll, or the member objects.
    support: full
"""

EXAMPLES = r"""
- name: Let namespaces join the mesh
  seldon.openshift.seldon_mesh_member:
    control_plane_namespace: istio-system
    members: [seldon, seldon-system]

- name: Take one out
  seldon.openshift.seldon_mesh_member:
    members: [seldon]
    state: absent
"""

RETURN = r"""
results:
  description:
    - What was done with each object, in the form of RV(seldon.openshift.seldon_apply#module:results); in check mode,
      what would be done.
  returned: success
  type: list
  elements: dict
members:
  description: >-
    In mode V(roll), all namespaces that the roll names now; in mode V(member), those of O(members) in the mesh.
  returned: success
  type: list
  elements: str
  sample: [bookinfo, seldon, seldon-system]
progress:
  description: What the task waited for. In-process, these lines are printed while it waits.
  returned: when it waited and ran as an ordinary module
  type: list
  elements: str
"""

import time
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.apply.outcome import Outcome, summary
from ansible_collections.seldon.openshift.plugins.module_utils.apply.remove import remove_set
from ansible_collections.seldon.openshift.plugins.module_utils.apply.waves import parallel
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError, KindNotServed
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import MEMBER, MEMBER_ROLL
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Reference
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import Progress
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main
from ansible_collections.seldon.openshift.plugins.module_utils.shared import members as mesh
from ansible_collections.seldon.openshift.plugins.module_utils.shared.edit import Edit, edit, result_of

ARGUMENT_SPEC: dict[str, Any] = {
    "members": {"type": "list", "elements": "str", "required": True},
    "control_plane_namespace": {"type": "str", "default": "istio-system"},
    "control_plane_name": {"type": "str", "default": "basic"},
    "mode": {"type": "str", "choices": ["roll", "member"], "default": "roll"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "timeout": {"type": "int", "default": 60},
}


def run(client: Client, params: dict[str, Any], _check_mode: bool, progress: Progress) -> dict[str, Any]:
    """Let the namespaces of `params` (as in DOCUMENTATION) join or leave, and return the result."""
    home = params["control_plane_namespace"]
    names = [name for name in params["members"] if name != home]
    deadline = time.monotonic() + params["timeout"]
    if params["mode"] == "roll":
        result = _in_roll(client, names, home, params["state"], deadline, progress)
    elif params["state"] == "present":
        result = _join_by_members(client, names, home, params["control_plane_name"], deadline, progress)
    else:
        result = _leave_by_members(client, names, home, params["control_plane_name"], deadline, progress)
    if len(names) < len(params["members"]):
        result["warnings"] = [f"{home} is the control plane's own namespace: a mesh never lists it as a member."]
    return result


def _in_roll(
    client: Client, names: list[str], home: str, state: str, deadline: float, progress: Progress
) -> dict[str, Any]:
    if state == "absent":
        made = edit(client, mesh.roll(home), mesh.leaving(names), deadline, progress)
    else:
        join, checked = mesh.joining(names), False

        def mutate(roll: dict[str, Any]) -> dict[str, Any]:
            nonlocal checked
            wanted = join(roll)
            if wanted != roll and not checked:  # an unchanged roll costs one request and no more
                _refuse_members_of_others(client, names, home, deadline)
                checked = True
            return wanted

        made = edit(client, mesh.roll(home), mutate, deadline, progress)
    return {**result_of(made), "members": mesh.listed(made.after)}


def _join_by_members(
    client: Client, names: list[str], home: str, plane: str, deadline: float, progress: Progress
) -> dict[str, Any]:
    _refuse_members_of_others(client, names, home, deadline)

    def join(name: str) -> Edit:
        wanted = mesh.member(name, home, plane)
        return edit(client, {**wanted, "spec": {}}, lambda live: {**live, "spec": wanted["spec"]}, deadline, progress)

    return {**result_of(*parallel(join, names)), "members": names}


def _leave_by_members(
    client: Client, names: list[str], home: str, plane: str, deadline: float, progress: Progress
) -> dict[str, Any]:
    wanted = [mesh.member(name, home, plane) for name in names]
    found = [live for live in parallel(lambda obj: _live_member(client, obj, deadline), wanted) if live]
    ours = [live for live in found if live["spec"]["controlPlaneRef"]["namespace"] == home]
    by_roll = [live["metadata"]["namespace"] for live in ours if mesh.is_made_by_roll(live)]
    if by_roll:
        raise EngineError(
            f"{', '.join(by_roll)}: listed in {Reference.of(mesh.roll(home))}, whose operator makes the member again. "
            "Use mode: roll to take it out."
        )
    outcomes: list[Outcome] = remove_set(client, ours, deadline, progress)
    failed = [f"{outcome.obj['metadata']['namespace']}: {outcome.message}" for outcome in outcomes if outcome.message]
    if failed:
        raise EngineError("; ".join(failed))
    return {**summary(outcomes), "members": []}


def _live_member(client: Client, obj: dict[str, Any], deadline: float) -> dict[str, Any] | None:
    try:
        return client.get(Reference.of(obj), deadline)
    except KindNotServed:
        return None


def _refuse_members_of_others(client: Client, names: list[str], home: str, deadline: float) -> None:
    try:
        rolls = client.list(MEMBER_ROLL, deadline=deadline)
        members = client.list(MEMBER, deadline=deadline)
    except KindNotServed:
        return  # the write reports it, and check mode looks past it
    taken = mesh.elsewhere(names, home, rolls, members)
    if taken:
        told = "; ".join(f"{name} by {holder}" for name, holder in taken.items())
        raise EngineError(
            f"a namespace can be a member of one service mesh only, and another one has: {told}. Remove it there first."
        )


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
