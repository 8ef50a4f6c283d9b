"""The driver behind the default StorageClass: makes the volume of a claim, and deletes it when the claim is gone.

The real controller-manager binds, and the real scheduler chooses the node: with WaitForFirstConsumer it is only then
that a claim asks its driver for a volume (annotation volume.kubernetes.io/storage-provisioner).
"""

from __future__ import annotations

from sandbox.kube import Object
from sandbox.simulator import Cluster, Operator
from sandbox.simulator.objects import make

DRIVER = "ebs.csi.aws.com"
ASKED = "volume.kubernetes.io/storage-provisioner"
NODE = "volume.kubernetes.io/selected-node"
PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"

operator = Operator("storage", platform=True)


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
    cluster.apply(make("v1", "PersistentVolume", name, annotations={PROVISIONED_BY: DRIVER}, spec=spec))
    cluster.event(claim, "Normal", "ProvisioningSucceeded", f"Successfully provisioned volume {name}")
    return None


@operator.reconciles("v1", "PersistentVolume", where=_ours)
def reclaim(cluster: Cluster, volume: Object) -> None:
    """Delete a volume that its claim has released, unless it is to be retained."""
    deletes = volume["spec"]["persistentVolumeReclaimPolicy"] == "Delete"
    if deletes and volume.get("status", {}).get("phase") == "Released":
        cluster.kube.delete(volume)
