# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Membership of namespaces in a service mesh: pure functions over rolls and members (OpenShift Service Mesh 2.x).

A namespace joins by its name in the one ServiceMeshMemberRoll of a control plane's namespace, or by a ServiceMeshMember
of its own. Both are named `default`. The operator makes the member objects of a roll's namespaces itself, and drops the
control plane's own namespace from a roll without a word, so that listing it never comes to rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..kube.kinds import MEMBER, MEMBER_ROLL
from ..kube.objects import Object, Objects, section
from .edit import union_of, without

EVERY_NAMESPACE = "*"
# On member objects that the operator made for a roll's namespaces.
_CREATED_BY = "maistra.io/created-by"


def roll(control_plane_namespace: str) -> Object:
    """Return a roll without members."""
    return {**MEMBER_ROLL.named("default", control_plane_namespace).bare(), "spec": {"members": []}}


def member(namespace: str, control_plane_namespace: str, control_plane_name: str) -> Object:
    """Return the member object that makes `namespace` part of a mesh."""
    reference = {"namespace": control_plane_namespace, "name": control_plane_name}
    return {**MEMBER.named("default", namespace).bare(), "spec": {"controlPlaneRef": reference}}


def listed(member_roll: Object | None) -> list[str]:
    """Return the namespaces that a roll names."""
    return list(section(member_roll, "spec").get("members") or [])


def joining(namespaces: Sequence[str]) -> Callable[[Object], Object]:
    """Return the function that adds `namespaces` to a roll, after those there; `*` covers them already."""

    def mutate(member_roll: Object) -> Object:
        if EVERY_NAMESPACE in listed(member_roll):
            return member_roll
        return _with_members(member_roll, union_of(listed(member_roll), list(namespaces)))

    return mutate


def leaving(namespaces: Sequence[str]) -> Callable[[Object], Object]:
    """Return the function that takes `namespaces` off a roll."""

    def mutate(member_roll: Object) -> Object:
        return _with_members(member_roll, without(listed(member_roll), list(namespaces)))

    return mutate


def elsewhere(
    namespaces: Sequence[str], control_plane_namespace: str, rolls: Objects, members: Objects
) -> dict[str, str]:
    """Return those of `namespaces` that belong to another mesh, each with the object that says so."""
    found: dict[str, str] = {}
    for each in rolls:
        home = each["metadata"]["namespace"]
        if home != control_plane_namespace:
            found.update({name: str(MEMBER_ROLL.named("default", home)) for name in listed(each) if name in namespaces})
    for each in members:
        home, reference = each["metadata"]["namespace"], section(each, "spec").get("controlPlaneRef") or {}
        if home in namespaces and reference.get("namespace") != control_plane_namespace:
            plane = f"{reference.get('namespace')}/{reference.get('name')}"
            found[home] = f"{MEMBER.named('default', home)} (control plane {plane})"
    return found


def is_made_by_roll(member_object: Object) -> bool:
    """Say whether the operator made a member object for a roll, and would make it again."""
    return _CREATED_BY in section(member_object["metadata"], "annotations")


def _with_members(member_roll: Object, members: list[str]) -> Object:
    if members == listed(member_roll):
        return member_roll
    return {**member_roll, "spec": {**section(member_roll, "spec"), "members": members}}
