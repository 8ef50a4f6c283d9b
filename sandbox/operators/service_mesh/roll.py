"""ServiceMeshMemberRoll: one ServiceMeshMember for each listed namespace, and what has become of them."""

from __future__ import annotations

from sandbox.kube import ApiError, Object
from sandbox.operators.service_mesh.common import (
    CONTROL_PLANE,
    FINALIZER,
    MEMBER,
    ROLL,
    control_plane_of,
    listed,
    operator,
    option,
    reconciled_version,
)
from sandbox.simulator import Cluster
from sandbox.simulator.objects import condition, conditions, make

CREATED_BY = {"maistra.io/created-by": "servicemeshmemberroll-controller"}
MISSING = "No ServiceMeshControlPlane exists in the namespace"
CONFIGURED = "All namespaces have been configured successfully"


def same_mesh(smcp: Object, roll: Object) -> bool:
    """Tell whether the control plane is the roll's."""
    return bool(smcp["metadata"]["namespace"] == roll["metadata"]["namespace"])


def of_mesh(member: Object, roll: Object) -> bool:
    """Tell whether the member belongs to the roll's mesh, or is in a namespace that the roll lists."""
    return same_roll(member, roll) or member["metadata"]["namespace"] in wanted_members(roll)


def is_listed(namespace: Object, roll: Object) -> bool:
    """Tell whether the roll lists the namespace."""
    return namespace["metadata"]["name"] in wanted_members(roll)


def wanted_members(roll: Object) -> list[str]:
    """Return the namespaces that the roll lists, sorted."""
    return sorted(option(roll, "spec", "members", default=[]))


@operator.reconciles(*ROLL, watches=[(*CONTROL_PLANE, same_mesh), (*MEMBER, of_mesh), ("v1", "Namespace", is_listed)])
def reconcile(cluster: Cluster, roll: Object) -> float | None:
    """Create and delete members, and sum up their states."""
    members = {found["metadata"]["namespace"]: found for found in cluster.kube.list(*MEMBER) if of_mesh(found, roll)}
    mine = {name: found for name, found in members.items() if same_roll(found, roll)}
    if roll["metadata"].get("deletionTimestamp"):
        for member in mine.values():
            if created_by_roll(member):
                cluster.kube.delete(member)
        cluster.set_finalizer(roll, FINALIZER, present=False)
        return None
    roll = cluster.set_finalizer(roll, FINALIZER, present=True)
    smcp = control_plane_of(cluster.kube, roll["metadata"]["namespace"])
    if smcp is None:
        cluster.set_status(roll, without_control_plane(roll))
        return None
    wanted = wanted_members(roll)
    namespaces = existing_namespaces(cluster)
    # Everything is still there when the new list is first noted.
    if option(roll, "status", "observedGeneration") not in (None, roll["metadata"]["generation"]):
        roll = cluster.set_status(roll, roll["status"] | {"observedGeneration": roll["metadata"]["generation"]})
    for name in wanted:
        if name in namespaces and name not in members:
            create_member(cluster, smcp, name)
    for name, member in mine.items():
        if name not in wanted and created_by_roll(member):
            cluster.kube.delete(member)
    cluster.set_status(roll, summary(roll, smcp, members, sorted({*wanted, *mine}), namespaces))
    return None


def same_roll(member: Object, roll: Object) -> bool:
    """Tell whether the member refers to the roll's mesh."""
    return bool(option(member, "spec", "controlPlaneRef", "namespace") == roll["metadata"]["namespace"])


def created_by_roll(member: Object) -> bool:
    """Tell whether the operator made the member; those that people made are theirs."""
    annotations: dict[str, str] = member["metadata"].get("annotations", {})
    return CREATED_BY.items() <= annotations.items()


def existing_namespaces(cluster: Cluster) -> set[str]:
    """Return the namespaces that are there to stay."""
    found = cluster.kube.list("v1", "Namespace")
    return {obj["metadata"]["name"] for obj in found if not obj["metadata"].get("deletionTimestamp")}


def create_member(cluster: Cluster, smcp: Object, namespace: str) -> None:
    """Make the namespace a member."""
    reference = {key: smcp["metadata"][key] for key in ("name", "namespace")}
    member = make(*MEMBER, "default", namespace, annotations=CREATED_BY, spec={"controlPlaneRef": reference})
    try:
        cluster.kube.create(member)
    except ApiError as error:
        # The namespace or the member changed meanwhile, and that is noticed.
        if error.status not in (403, 404, 409):
            raise


def summary(roll: Object, smcp: Object, members: dict[str, Object], names: list[str], namespaces: set[str]) -> Object:
    """Return the roll's status: the namespaces `names`, and how far each is."""
    generation = option(smcp, "status", "observedGeneration")
    version = reconciled_version(generation) if generation else "-0"
    going = [name for name in names if members.get(name, {}).get("metadata", {}).get("deletionTimestamp")]
    statuses: list[Object] = [
        {"namespace": name, "conditions": member_conditions(roll, members.get(name), name, namespaces)}
        for name in names
    ]
    reconciled = [
        entry["namespace"] for entry in statuses if condition({"status": entry}, "Reconciled").get("status") == "True"
    ]
    configured = [name for name in reconciled if name not in going]
    current = [
        name for name in configured if option(members[name], "status", "meshReconciledVersion", default="-0") == version
    ]
    pending = [name for name in names if name not in current and name not in going]
    ready = ("True", "Configured", CONFIGURED)
    if pending:
        ready = ("False", "ReconcileError", f"The following namespaces are not yet configured: {listed(pending)}")
    annotations: dict[str, str] = {"configuredMemberCount": f"{len(configured)}/{len(names)}"}
    if option(smcp, "status", "appliedSpec") and option(smcp, "spec", "addons", "kiali", "enabled", default=True):
        annotations["kialiName"] = "kiali"
    return {
        "annotations": annotations,
        "conditions": conditions(roll, ("Ready", *ready)),
        "configuredMembers": configured,
        "memberStatuses": statuses,
        "members": names,
        **({"meshGeneration": generation} if generation else {}),
        "meshReconciledVersion": version,
        "observedGeneration": roll["metadata"]["generation"],
        "pendingMembers": pending,
        "terminatingMembers": going,
    }


def member_conditions(roll: Object, member: Object | None, name: str, namespaces: set[str]) -> list[Object]:
    """Return the condition of one namespace: the member's own, unknown while it has none, or why there is no member."""
    before: Object = next(
        (entry for entry in option(roll, "status", "memberStatuses", default=[]) if entry["namespace"] == name), {}
    )
    if member is not None and not same_roll(member, roll):
        message = "Namespace is already a member of another mesh"
        return conditions({"status": before}, ("Reconciled", "False", "ReferencesDifferentControlPlane", message))
    if member is not None:
        found = condition(member, "Reconciled")
        state = (found.get("status", "Unknown"), found.get("reason", ""), found.get("message", ""))
        return conditions({"status": before}, ("Reconciled", *state))
    if name not in namespaces:
        message = f"Namespace {name} does not exist"
        return conditions({"status": before}, ("Reconciled", "False", "NamespaceNotExists", message))
    return []


def without_control_plane(roll: Object) -> Object:
    """Return the status of a roll whose mesh is not there or no longer there; what it knew of its members stays."""
    before: Object = roll.get("status", {})
    members = before.get("members")
    nothing: Object = {"memberStatuses": None, "members": None, "terminatingMembers": None}
    annotations: Object = {**before.get("annotations", {}), "configuredMemberCount": f"0/{len(members or [])}"}
    return (nothing | before) | {
        "annotations": annotations,
        "conditions": conditions(roll, ("Ready", "False", "ErrSMCPMissing", MISSING)),
        "configuredMembers": [],
        "observedGeneration": roll["metadata"]["generation"],
        "pendingMembers": members or [],
    }
