"""The raw limit of a write: the same patches for other namespaces, sent by threads that do nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from bench.commands import answered
from sandbox.kube import Kube, Object

MANAGER = "seldon.openshift"
THREADS = 8  # as many as the engine has
# What tells that a namespace is for models: the raw ones are not, or validate.yml would miss things there.
OURS, RAW = "seldon.", "bench."


@dataclass(frozen=True)
class Patched:
    """An object that was patched: the URL path of its kind in a namespace, and its name."""

    group_version: str
    resource: str
    namespace: str
    name: str

    @property
    def path(self) -> str:
        """The URL path of the object."""
        root = f"/apis/{self.group_version}" if "/" in self.group_version else f"/api/{self.group_version}"
        within = f"/namespaces/{self.namespace}" if self.namespace and self.resource != "namespaces" else ""
        return f"{root}{within}/{self.resource}/{self.name}"


def patched(events: Iterable[Mapping[str, Any]], namespace: str) -> list[Patched]:
    """Return what commands have patched in or as `namespace`, each once, from events of the audit log."""
    found: dict[Patched, None] = {}
    for event in answered(events):
        reference = event.get("objectRef")
        if event["verb"] != "patch" or not isinstance(reference, Mapping) or "subresource" in reference:
            continue
        group, version = reference.get("apiGroup", ""), reference["apiVersion"]
        one = Patched(
            f"{group}/{version}" if group else version,
            reference["resource"],
            reference.get("namespace", ""),
            reference["name"],
        )
        if namespace in (one.namespace, one.name if one.resource == "namespaces" else ""):
            found[one] = None
    return list(found)


def owned(live: Object) -> Object:
    """Return the part of a live object that our field manager has applied. Raises StopIteration when it has none."""
    fields = next(
        entry["fieldsV1"]
        for entry in live["metadata"]["managedFields"]
        if (entry["manager"], entry["operation"]) == (MANAGER, "Apply")
    )
    kept: Object = _kept(live, fields)
    names = {key: live["metadata"][key] for key in ("name", "namespace") if key in live["metadata"]}
    return {
        **kept,
        "apiVersion": live["apiVersion"],
        "kind": live["kind"],
        "metadata": kept.get("metadata", {}) | names,
    }


def _kept(value: Any, fields: Mapping[str, Any]) -> Any:
    """Return the fields of a value; what is no mapping, or a leaf, is kept as a whole."""
    inner = {key[2:]: below for key, below in fields.items() if key.startswith("f:")}
    if not isinstance(value, dict) or not inner:
        return value
    return {key: _kept(value[key], below) for key, below in inner.items() if key in value}


def moved(obj: Object, before: str, after: str) -> Object:
    """Return the object for another namespace, with labels that nobody looks for."""
    meta = {**obj["metadata"]}
    for field in ("name", "namespace"):
        if meta.get(field) == before:
            meta[field] = after
    if "labels" in meta:
        meta["labels"] = {key.replace(OURS, RAW): value for key, value in meta["labels"].items()}
    return {**obj, "metadata": meta}


def seconds_of(kube: Kube, objects: Sequence[Object], namespace: str, others: Sequence[str]) -> float:
    """Return the seconds in which threads apply the objects of one namespace for each of the `others`."""
    namespaces = [obj for obj in objects if obj["kind"] == "Namespace"]
    within = [obj for obj in objects if obj["kind"] != "Namespace"]

    def apply(obj: Object) -> None:
        kube.apply(obj, "bench")

    began = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        for wave in (namespaces, within):
            list(pool.map(apply, (moved(obj, namespace, other) for other in others for obj in wave)))
    return time.monotonic() - began
