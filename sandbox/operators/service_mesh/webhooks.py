"""Admission: the webhooks of the operator's own process, and those of istiod."""

from __future__ import annotations

import re
from typing import Any

from sandbox.kube import Object
from sandbox.operators.service_mesh.common import CONTROL_PLANE, ROLL, operator, option, render
from sandbox.operators.service_mesh.components import CHARTS, marked
from sandbox.simulator import Cluster
from sandbox.simulator.admission import Denied, Handler

SUPPORTED = list(CHARTS)
NEWEST = SUPPORTED[-1]
# Versions that the operator knows but installs no longer.
KNOWN = {*SUPPORTED, "v1.1"}
VERSIONS = f"[{' '.join(SUPPORTED)}]"
NAMESPACE_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
GATEWAYS = ("istio-ingressgateway", "istio-egressgateway")


@operator.starts
def serve(cluster: Cluster) -> None:
    """Register and answer the operator's own webhooks."""
    controller, *configurations = render("webhooks.yaml", namespace=cluster.namespace)
    controller["metadata"]["namespace"] = cluster.namespace
    if cluster.deployment:
        controller["spec"]["selector"] = cluster.deployment["spec"]["selector"]["matchLabels"]
    cluster.apply(controller)
    cluster.admission.serve("service_mesh", configurations, handlers(cluster))


@operator.stops
def withdraw(cluster: Cluster) -> None:
    """Leave the webhooks behind, failing."""
    _, *configurations = render("webhooks.yaml", namespace=cluster.namespace)
    cluster.admission.withdraw("service_mesh", configurations)


def attend_istiod(cluster: Cluster, smcp: Object) -> None:
    """Let istiod's webhooks answer while its Deployment, which makes them known, has a ready pod."""
    meta = smcp["metadata"]
    found = cluster.kube.get("apps/v1", "Deployment", f"istiod-{meta['name']}", meta["namespace"])
    name, configurations = istiod(smcp)
    if found and found.get("status", {}).get("readyReplicas"):
        cluster.admission.serve(name, configurations, {"/validate": allow, "/inject": allow})
    elif found or cluster.admission.serves(name):
        cluster.admission.withdraw(name, configurations)


def remove_istiod(cluster: Cluster, smcp: Object) -> None:
    """Take istiod's webhooks away."""
    cluster.admission.remove(*istiod(smcp))


def istiod(smcp: Object) -> tuple[str, list[Object]]:
    """Return the name under which istiod's webhooks are served, and their configurations."""
    mesh, namespace = smcp["metadata"]["name"], smcp["metadata"]["namespace"]
    found = render("webhooks-istiod.yaml", mesh=mesh, namespace=namespace)
    return "istiod", [marked(obj, "istio-discovery", smcp) for obj in found]


def allow(_request: Object) -> None:
    """Allow what is asked, unchanged."""


def handlers(cluster: Cluster) -> dict[str, Handler]:
    """Return the operator's webhooks by path."""
    return {
        "/mutate-smcp": default_control_plane,
        "/validate-smcp": lambda request: validate_control_plane(cluster, request),
        "/mutate-smmr": drop_own_namespace,
        "/validate-smmr": lambda request: validate_roll(cluster, request),
        "/validate-smm": lambda request: validate_member(cluster, request),
    }


def default_control_plane(request: Object) -> Object:
    """Add the default profile and version; a version taken away on update is put back."""
    smcp = request["object"]
    before = option(request["oldObject"] or {}, "spec", "version", default=NEWEST)
    spec = {**smcp["spec"]}
    spec["version"] = spec.get("version") or before
    spec["profiles"] = spec.get("profiles") or ["default"]
    return {**smcp, "spec": spec}


def validate_control_plane(cluster: Cluster, request: Object) -> None:
    """Refuse unknown versions, wrong namespaces and gateways with reserved names. Raises Denied."""
    smcp, namespace = request["object"], request["namespace"]
    if smcp["metadata"].get("deletionTimestamp"):
        return
    if namespace == cluster.namespace:
        raise Denied("service mesh may not be installed in the same project/namespace as the operator")
    version = smcp["spec"]["version"]
    if version not in KNOWN:
        raise Denied(f"invalid Version specified; supported versions are: {VERSIONS}", reason="")
    if version not in SUPPORTED:
        raise Denied(f"Only '{VERSIONS}' versions are supported")
    others = [found["metadata"]["name"] for found in cluster.kube.list(*CONTROL_PLANE, namespace)]
    if any(name != smcp["metadata"]["name"] for name in others):
        raise Denied("only one service mesh may be installed per project/namespace")
    for kind in ("additionalIngress", "additionalEgress"):
        for name in option(smcp["spec"], "gateways", kind, default={}):
            if name in GATEWAYS:
                raise Denied(f'cannot define additional gateway named "{name}"')


def drop_own_namespace(request: Object) -> Object:
    """Take the mesh's own namespace out of the list, silently."""
    roll: Object = request["object"]
    members = option(roll, "spec", "members")
    if request["namespace"] not in (members or []):
        return roll
    return {**roll, "spec": {**roll["spec"], "members": [name for name in members if name != request["namespace"]]}}


def validate_roll(cluster: Cluster, request: Object) -> None:
    """Refuse lists that no mesh can have, and namespaces that the user may not use. Raises Denied."""
    roll, namespace = request["object"], request["namespace"]
    if roll["metadata"].get("deletionTimestamp"):
        return
    members: list[str] = option(roll, "spec", "members", default=[])
    if roll["metadata"]["name"] != "default":
        raise Denied("ServiceMeshMemberRoll must be named 'default'")
    if namespace == cluster.namespace:
        raise Denied("ServiceMeshMemberRoll may not be created in the same project/namespace as the operator")
    if "*" in members and len(members) > 1:
        raise Denied("when .spec.members contains an asterisk ('*'), it must contain no other entries")
    for name in members:
        if name != "*" and not NAMESPACE_NAME.fullmatch(name):
            raise Denied(f".spec.members contains invalid value '{name}'. Must be a valid namespace name.")
    if len(set(members)) < len(members):
        raise Denied("ServiceMeshMemberRoll may not contain duplicate namespaces in .spec.members")
    for other in cluster.kube.list(*ROLL):
        if other["metadata"]["namespace"] != namespace and set(option(other, "spec", "members", default=[])) & set(
            members
        ):
            raise Denied("one or more members are already defined in another ServiceMeshMemberRoll")
    added = sorted(set(members) - set(option(request["oldObject"] or {}, "spec", "members", default=[])))
    refuse_foreign_namespaces(cluster, request["userInfo"], added)


def refuse_foreign_namespaces(cluster: Cluster, user: Object, namespaces: list[str]) -> None:
    """Refuse namespaces in which the user may not update pods. Raises Denied."""
    may_all = namespaces and may(cluster, user, "update", "", "pods")
    if not namespaces or may_all:
        return
    if "*" in namespaces:
        raise Denied(f"user '{user['username']}' does not have permission to access all namespaces", 403, "Forbidden")
    foreign = [name for name in namespaces if not may(cluster, user, "update", "", "pods", name)]
    if foreign:
        message = f"does not have permission to access namespace(s): [{' '.join(foreign)}]"
        raise Denied(f"user '{user['username']}' {message}", 403, "Forbidden")


def validate_member(cluster: Cluster, request: Object) -> None:
    """Refuse members by another name, in the operator's namespace, or by users without the right. Raises Denied."""
    member = request["object"]
    if member["metadata"].get("deletionTimestamp"):
        return
    if member["metadata"]["name"] != "default":
        raise Denied('the ServiceMeshMember resource must be named "default"', reason="")
    if request["namespace"] == cluster.namespace:
        raise Denied("namespace where operator is installed cannot be added to any mesh")
    reference, user = member["spec"]["controlPlaneRef"], request["userInfo"]
    mesh = (reference["namespace"], reference["name"])
    if not may(cluster, user, "use", "maistra.io", "servicemeshcontrolplanes", *mesh):
        message = f"does not have permission to use ServiceMeshControlPlane {'/'.join(mesh)}"
        raise Denied(f"user '{user['username']}' {message}", 403, reason="")


def may(
    cluster: Cluster, user: Object, verb: str, group: str, resource: str, namespace: str = "", name: str = ""
) -> bool:
    """Ask the API server whether the user of an admission request has a right. Raises ApiError."""
    attributes = {"verb": verb, "group": group, "resource": resource, "namespace": namespace, "name": name}
    spec: dict[str, Any] = {
        "resourceAttributes": attributes,
        "user": user["username"],
        "groups": user.get("groups", []),
    }
    body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
    answer = cluster.kube.request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", body)
    return bool(answer["status"]["allowed"])
