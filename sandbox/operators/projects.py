"""What OpenShift adds to namespaces: a Project each, and the ids that pods may use (see `security`)."""

from __future__ import annotations

import zlib

from sandbox.kube import Object
from sandbox.simulator import Cluster, Operator
from sandbox.simulator.objects import make

FIRST_ID, IDS, BLOCKS = 1_000_000_000, 10_000, 100_000
CATEGORIES = 1024
ANNOTATION = "openshift.io/sa.scc."

operator = Operator("projects", manager="openshift-apiserver", platform=True)


def _vanished(cluster: Cluster, namespace: Object) -> None:
    cluster.kube.delete(make("project.openshift.io/v1", "Project", namespace["metadata"]["name"]))


@operator.reconciles("v1", "Namespace", gone=_vanished)
def reconcile(cluster: Cluster, namespace: Object) -> None:
    """Give the namespace its ids, and show it as a Project."""
    meta = namespace["metadata"]
    missing = {key: value for key, value in ids(meta["uid"]).items() if key not in meta.get("annotations", {})}
    if missing and not meta.get("deletionTimestamp"):
        meta = cluster.kube.patch(namespace, {"metadata": {"annotations": missing}})["metadata"]
    described = {"labels": meta.get("labels"), "annotations": meta.get("annotations")}
    project = make(
        "project.openshift.io/v1",
        "Project",
        meta["name"],
        **described,
        spec={"finalizers": namespace["spec"]["finalizers"]},
        status={"phase": namespace["status"]["phase"]},
    )
    cluster.apply(project)


def ids(uid: str) -> dict[str, str]:
    """Return the annotations with the ids of the namespace `uid`: a block of its own, as OpenShift hands them out."""
    block = zlib.crc32(uid.encode()) % BLOCKS
    first, second = divmod(block, CATEGORIES)
    numbers = f"{FIRST_ID + block * IDS}/{IDS}"
    return {
        f"{ANNOTATION}mcs": f"s0:c{second},c{first}",
        f"{ANNOTATION}supplemental-groups": numbers,
        f"{ANNOTATION}uid-range": numbers,
    }


def uid_range(namespace: Object) -> tuple[int, int]:
    """Return the first id that pods of the namespace may use, and how many."""
    meta = namespace["metadata"]
    annotations = ids(meta["uid"]) | meta.get("annotations", {})
    first, _, size = annotations[f"{ANNOTATION}uid-range"].partition("/")
    return int(first), int(size)
