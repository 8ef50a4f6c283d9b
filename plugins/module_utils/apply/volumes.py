# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Why other volumes than those that are there are refused: in sizes and names, and what to do. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..kube.kinds import CLAIM, ELASTICSEARCH
from ..kube.objects import Kind, Object, section
from .meaning import quantity

# Of ECK's webhook and of the validation of claims (Kubernetes 1.24, ValidatePersistentVolumeClaimUpdate and the
# admission plugin PersistentVolumeClaimResize).
_WORDS = (
    "volumeClaimTemplates",
    "volume claim templates",
    "field can not be less than previous value",
    "spec is immutable after creation except resources.requests",
    "pvc can be resized",
)


@dataclass(frozen=True)
class _Volume:
    """A volume that an object asks for: where it is in it, its size as a quantity, and the name of its class."""

    where: str
    size: str
    storage_class: str


def has_volumes(desired: Object) -> bool:
    """Say whether an object asks for volumes that cannot become any others."""
    return next(_volumes(desired), None) is not None


def refused_volumes(words: str, desired: Object, live: Object | None) -> str | None:
    """Return what the volumes of `desired` would become of those of `live`, and what to do, when `words` refuse that.

    None: the words refuse something else, or the volumes are the same.
    """
    if not any(each in words for each in _WORDS):
        return None
    there = {volume.where: volume for volume in _volumes(live)} if live else {}
    told = [_told(there[each.where], each) for each in _volumes(desired) if each.where in there]
    found = [each for each in told if each]
    return f"{'; '.join(found)}. {_advice(desired)}" if found else None


def _volumes(obj: Object) -> Iterator[_Volume]:
    kind = Kind.of(obj)
    if kind == CLAIM:
        yield _volume(obj["metadata"]["name"], obj)
    if (kind.group, kind.name) == (ELASTICSEARCH.group, ELASTICSEARCH.name):
        for nodes in section(obj, "spec").get("nodeSets") or []:
            for claim in nodes.get("volumeClaimTemplates") or []:
                name = section(claim, "metadata").get("name", "")
                yield _volume(f"{name} of nodeSet {nodes.get('name')}", claim)


def _volume(where: str, claim: Object) -> _Volume:
    spec = section(claim, "spec")
    size = section(spec, "resources", "requests").get("storage")
    return _Volume(where, str(size or ""), str(spec.get("storageClassName") or ""))


def _told(live: _Volume, wanted: _Volume) -> str:
    before, after = quantity(live.size), quantity(wanted.size)
    if before is not None and after is not None and after < before:
        return f"the volume {wanted.where} would shrink from {live.size} to {wanted.size}, and volumes can't shrink"
    if wanted.storage_class and live.storage_class and wanted.storage_class != live.storage_class:
        moves = f"from StorageClass {live.storage_class} to {wanted.storage_class}"
        return f"the volume {wanted.where} would move {moves}, and volumes stay in theirs"
    if before is not None and after is not None and after > before:
        return (
            f"the volume {wanted.where} would grow from {live.size} to {wanted.size}, which its StorageClass has to "
            "allow (see ALLOWVOLUMEEXPANSION: oc get storageclass)"
        )
    return ""


def _advice(desired: Object) -> str:
    if Kind.of(desired) == CLAIM:
        return "Give it back what it had, or copy the data to a claim of another name."
    return (
        "Give it back what it had (elasticsearch_storage_size, elasticsearch_storage_class), or add a nodeSet of "
        "another name with such volumes, to which Elasticsearch moves its data, and take the old one out afterwards."
    )
