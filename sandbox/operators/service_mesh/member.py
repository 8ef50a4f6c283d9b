"""ServiceMeshMember: what one namespace gets from its mesh, and loses again."""

from __future__ import annotations

from sandbox.kube import ApiError, Object
from sandbox.operators.service_mesh.common import (
    CONTROL_PLANE,
    FINALIZER,
    GENERATION,
    MEMBER,
    MEMBER_OF,
    OWNER,
    control_plane_of,
    operator,
    option,
    reconciled_version,
)
from sandbox.simulator import Cluster
from sandbox.simulator.objects import conditions, make

NETWORK = ("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition")
POLICY = ("networking.k8s.io/v1", "NetworkPolicy")
BINDING = ("rbac.authorization.k8s.io/v1", "RoleBinding")
MISSING = "the referenced ServiceMeshControlPlane object does not exist"
OPERATORS_OWN = {OWNER, f"{OWNER}-name", "app.kubernetes.io/version"}


def of_control_plane(smcp: Object, member: Object) -> bool:
    """Tell whether the member refers to the control plane."""
    reference = member["spec"]["controlPlaneRef"]
    return bool(
        (reference["namespace"], reference["name"]) == (smcp["metadata"]["namespace"], smcp["metadata"]["name"])
    )


@operator.reconciles(*MEMBER, watches=[(*CONTROL_PLANE, of_control_plane)])
def reconcile(cluster: Cluster, member: Object) -> float | None:
    """Give the namespace what the control plane has for its members so far; what people delete there stays deleted."""
    reference = member["spec"]["controlPlaneRef"]
    if member["metadata"].get("deletionTimestamp"):
        leave(cluster, member)
        return None
    member = cluster.set_finalizer(member, FINALIZER, present=True)
    if wait := cluster.pause(member, "service_mesh.member"):
        return wait
    smcp = control_plane_of(cluster.kube, reference["namespace"])
    common = {
        "annotations": {"controlPlaneRef": f"{reference['namespace']}/{reference['name']}"},
        "observedGeneration": member["metadata"]["generation"],
    }
    if smcp is None or smcp["metadata"]["name"] != reference["name"]:
        states = [(type_, "False", "ErrorControlPlaneMissing", MISSING) for type_ in ("Reconciled", "Ready")]
        known = {key: value for key, value in member.get("status", {}).items() if key.startswith("mesh")}
        cluster.set_status(member, known | common | {"conditions": conditions(member, *states)})
        return None
    join(cluster, member, smcp)
    generation = option(smcp, "status", "observedGeneration")
    mesh = {"meshGeneration": generation} if generation else {}
    mesh["meshReconciledVersion"] = reconciled_version(generation) if generation else "-0"
    done = conditions(member, ("Reconciled", "True", "", ""), ("Ready", "True", "", ""))
    cluster.set_status(member, common | mesh | {"conditions": done})
    return None


def join(cluster: Cluster, member: Object, smcp: Object) -> None:
    """Label the namespace, and copy the policies and role bindings of the control plane that are for members."""
    namespace, mesh = member["metadata"]["namespace"], smcp["metadata"]["namespace"]
    set_label(cluster, namespace, mesh)
    version = smcp["spec"]["version"].replace(".", "-")
    cluster.apply(make(*NETWORK, f"{version}-istio-cni", namespace, labels={MEMBER_OF: mesh}, spec={"config": ""}))
    for kind in (BINDING, POLICY):
        for source in cluster.kube.list(*kind, mesh, f"{OWNER}={mesh}"):
            if for_members(source):
                cluster.apply(copied(source, namespace, mesh))


def for_members(source: Object) -> bool:
    """Tell whether an object of the control plane is copied to members."""
    internal = source["metadata"]["annotations"].get("maistra.io/internal") == "true"
    return not internal and source.get("roleRef", {}).get("kind") != "Role"


def copied(source: Object, namespace: str, mesh: str) -> Object:
    """Return an object of the control plane as a member gets it: without owner."""
    meta = source["metadata"]
    labels = {name: value for name, value in meta["labels"].items() if name not in OPERATORS_OWN} | {MEMBER_OF: mesh}
    content = {name: source[name] for name in ("spec", "roleRef", "subjects") if name in source}
    annotations = {GENERATION: meta["annotations"][GENERATION]}
    api_version, kind = source["apiVersion"], source["kind"]
    return make(api_version, kind, meta["name"], namespace, labels=labels, annotations=annotations, **content)


def leave(cluster: Cluster, member: Object) -> None:
    """Take everything of the mesh out of the namespace."""
    if FINALIZER not in member["metadata"].get("finalizers", []):
        return
    namespace = member["metadata"]["namespace"]
    found = cluster.kube.get("v1", "Namespace", namespace)
    if found and found["metadata"].get("deletionTimestamp") and "conditions" in member.get("status", {}):
        states = [
            (type_, "False", "ErrorRemovingNamespace", "namespace is terminating") for type_ in ("Reconciled", "Ready")
        ]
        member = cluster.set_status(member, member["status"] | {"conditions": conditions(member, *states)})
    mesh = member["spec"]["controlPlaneRef"]["namespace"]
    for kind in (BINDING, NETWORK, POLICY):
        for obj in cluster.kube.list(*kind, namespace, f"{MEMBER_OF}={mesh}"):
            cluster.kube.delete(obj)
    set_label(cluster, namespace, None)
    cluster.set_finalizer(member, FINALIZER, present=False)


def set_label(cluster: Cluster, namespace: str, mesh: str | None) -> None:
    """Label the namespace as a member, or remove the label."""
    obj = make("v1", "Namespace", namespace)
    try:
        cluster.kube.patch(obj, {"metadata": {"labels": {MEMBER_OF: mesh}}})
    except ApiError as error:
        if error.status != 404:
            raise
