# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Work on many objects: at once, and in an order in which the later ones find what they need."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ..kube.objects import Object, Objects

CONCURRENCY = 8
_FIRST = {"Namespace": 0, "Project": 0, "CustomResourceDefinition": 1}
# A token Secret is deleted when its ServiceAccount isn't there yet; a binding needs the role it grants.
_BASE = ("ServiceAccount", "Role", "ClusterRole", "PriorityClass", "StorageClass")
_LAST = 3

Item = TypeVar("Item")
Result = TypeVar("Result")


def waves(objects: Iterable[Object]) -> list[Objects]:
    """Return the objects in groups to be applied in turn: namespaces, CRDs, what others refer to, the rest."""
    groups: dict[int, Objects] = {}
    for obj in objects:
        rank = _FIRST.get(obj["kind"], 2 if obj["kind"] in _BASE else _LAST)
        groups.setdefault(rank, []).append(obj)
    return [groups[rank] for rank in sorted(groups)]


def parallel(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Return the results of `function` for each item, in order, worked out by some threads at once."""
    work = list(items)
    if len(work) < 2:
        return [function(item) for item in work]
    with ThreadPoolExecutor(max_workers=min(CONCURRENCY, len(work))) as pool:
        return list(pool.map(function, work))
