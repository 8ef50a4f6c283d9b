"""The driver behind the default StorageClass: makes the volume of a claim, lets it grow, and deletes it with the claim.

The real controller-manager binds, and the real scheduler chooses the node: with WaitForFirstConsumer it is only then
that a claim asks its driver for a volume (annotation volume.kubernetes.io/storage-provisioner).
"""

from __future__ import annotations

from sandbox.kube import Object
from sandbox.simulator import Cluster, Operator
from sandbox.simulator.objects import make, now

DRIVER = "ebs.csi.aws.com"
ASKED = "volume.kubernetes.io/storage-provisioner"
NODE = "volume.kubernetes.io/selected-node"
PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"
VOLUME = ("v1", "PersistentVolume")
RESIZING, FILE_SYSTEM = "Resizing", "FileSystemResizePending"
ON_THE_NODE = "Waiting for user to (re-)start a pod to finish file system resize of volume on node."

operator = Operator("storage", manager="csi-provisioner", platform=True)


def _asked(claim: Object) -> bool:
    return bool(claim["metadata"].get("annotations", {}).get(ASKED) == DRIVER)


def _ours(volume: Object) -> bool:
    return bool(volume["metadata"].get("annotations", {}).get(PROVISIONED_BY) == DRIVER)


@operator.reconciles("v1", "PersistentVolumeClaim", where=_asked)
def provision(cluster: Cluster, claim: Object) -> float | None:
    """Make the volume that a pending claim asks for; the fault `volume-pending` says why there is none."""
    meta = claim["metadata"]
    if claim["status"].get("phase") != "Pending" or meta.get("deletionTimestamp"):
        return None
    storage_class = cluster.kube.get("storage.k8s.io/v1", "StorageClass", claim["spec"]["storageClassName"])
    if storage_class is None:
        return None
    if storage_class["volumeBindingMode"] == "WaitForFirstConsumer" and NODE not in meta["annotations"]:
        return None
    if fault := cluster.fault("volume-pending", claim):
        message = f'failed to provision volume with StorageClass "{claim["spec"]["storageClassName"]}": '
        cluster.event(claim, "Warning", "ProvisioningFailed", message + fault["message"])
        return None
    if wait := cluster.pause(claim, "storage.provision"):
        return wait
    identity = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "name": meta["name"]}
    identity |= {"namespace": meta["namespace"], "uid": meta["uid"]}
    spec = {
        "accessModes": claim["spec"]["accessModes"],
        "capacity": {"storage": claim["spec"]["resources"]["requests"]["storage"]},
        "claimRef": identity,
        "csi": {"driver": DRIVER, "fsType": "ext4", "volumeHandle": f"vol-{meta['uid'].replace('-', '')[:17]}"},
        "persistentVolumeReclaimPolicy": storage_class["reclaimPolicy"],
        "storageClassName": claim["spec"]["storageClassName"],
        "volumeMode": claim["spec"]["volumeMode"],
    }
    name = f"pvc-{meta['uid']}"
    cluster.apply(make(*VOLUME, name, annotations={PROVISIONED_BY: DRIVER}, spec=spec))
    cluster.event(claim, "Normal", "ProvisioningSucceeded", f"Successfully provisioned volume {name}")
    return None


def _uses(pod: Object, claim: Object) -> bool:
    """Tell whether the pod mounts the claim."""
    if pod["metadata"]["namespace"] != claim["metadata"]["namespace"]:
        return False
    named = [volume.get("persistentVolumeClaim", {}).get("claimName") for volume in pod["spec"].get("volumes") or []]
    return claim["metadata"]["name"] in named


@operator.reconciles("v1", "PersistentVolumeClaim", where=_asked, watches=[("v1", "Pod", _uses)])
def expand(cluster: Cluster, claim: Object) -> float | None:
    """Let the volume grow to what its claim asks for by now; the file system follows where a pod has it mounted.

    The API server refuses claims that shrink, and those of a class that does not allow it.
    """
    meta, status = claim["metadata"], claim["status"]
    wanted = claim["spec"]["resources"]["requests"]["storage"]
    if status.get("phase") != "Bound" or status["capacity"]["storage"] == wanted:
        return None
    volume = cluster.kube.get(*VOLUME, claim["spec"]["volumeName"])
    if volume is None:
        return None
    if volume["spec"]["capacity"]["storage"] != wanted:
        claim = _tell(cluster, claim, RESIZING)
        if wait := cluster.pause(claim, "storage.resize", wanted):
            return wait
        cluster.kube.patch(volume, {"spec": {"capacity": {"storage": wanted}}})
    claim = _tell(cluster, claim, FILE_SYSTEM, ON_THE_NODE)
    pods = cluster.kube.list("v1", "Pod", meta["namespace"])
    if not any(_uses(pod, claim) and pod.get("status", {}).get("phase") == "Running" for pod in pods):
        return None
    if wait := cluster.pause(claim, "storage.file_system", wanted):
        return wait
    cluster.set_status(claim, {**_without_conditions(status), "capacity": {"storage": wanted}})
    cluster.event(claim, "Normal", "FileSystemResizeSuccessful", "MountVolume.NodeExpandVolume succeeded for volume")
    return None


def _tell(cluster: Cluster, claim: Object, type_: str, message: str = "") -> Object:
    """Write the one condition of a claim that grows, and return the claim."""
    if [entry["type"] for entry in claim["status"].get("conditions", [])] == [type_]:
        return claim
    condition = {"type": type_, "status": "True", "lastTransitionTime": now()} | (
        {"message": message} if message else {}
    )
    return cluster.set_status(claim, {**claim["status"], "conditions": [condition]})


def _without_conditions(status: Object) -> Object:
    return {key: value for key, value in status.items() if key != "conditions"}


@operator.reconciles("v1", "PersistentVolume", where=_ours)
def reclaim(cluster: Cluster, volume: Object) -> None:
    """Delete a volume that its claim has released, unless it is to be retained."""
    deletes = volume["spec"]["persistentVolumeReclaimPolicy"] == "Delete"
    if deletes and volume.get("status", {}).get("phase") == "Released":
        cluster.kube.delete(volume)
