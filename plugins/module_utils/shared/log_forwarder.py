# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Inputs, outputs and pipelines of the ClusterLogForwarder (Cluster Logging 5.5): pure functions.

A cluster has one forwarder, `instance`, which all users of it share. Its operator calls it ready even when a pipeline
names an output that is not there. An empty one is not the same as none: without one, logs go to the cluster's store.
"""

from __future__ import annotations

from collections.abc import Callable

from ..kube.errors import EngineError
from ..kube.kinds import LOG_FORWARDER
from ..kube.objects import Object, Objects, section

# Each list of the forwarder, and how a pipeline refers to its items.
REFERENCES = {"inputs": "inputRefs", "outputs": "outputRefs"}
LISTS = (*REFERENCES, "pipelines")
# What every forwarder knows without defining it.
RESERVED = {"inputs": {"application", "infrastructure", "audit"}, "outputs": {"default"}}
# What goes to the cluster's own log store while there is no forwarder.
LOG_STORE = {
    "name": "cluster-log-store",
    "inputRefs": ["application", "infrastructure"],
    "outputRefs": ["default"],
}

Parts = dict[str, Objects]  # inputs, outputs and pipelines, each a list of items with a name


def forwarder(namespace: str) -> Object:
    """Return a forwarder that holds nothing yet."""
    return LOG_FORWARDER.named("instance", namespace).bare()


def names(obj: Object | None, part: str) -> list[str]:
    """Return the names in one of `LISTS`."""
    return [item["name"] for item in _items(obj, part) if item.get("name")]


def check(parts: Parts) -> None:
    """Raise EngineError for an item without name, a name given twice, or one that the operator reserves."""
    for part in LISTS:
        given = [str(item.get("name") or "") for item in parts[part]]
        if not all(given):
            raise EngineError(f"{part}: each needs a name, which identifies it.")
        if twice := sorted({name for name in given if given.count(name) > 1}):
            raise EngineError(f"{part}: {', '.join(twice)} is given more than once.")
        if reserved := sorted(RESERVED.get(part, set()) & set(given)):
            raise EngineError(f"{part}: {', '.join(reserved)} exists in every forwarder. Choose another name.")


def with_parts(parts: Parts, log_store: bool = False) -> Callable[[Object], Object]:
    """Return the function that puts the items into a forwarder, in the place of those with the same name.

    log_store: whether the cluster has one of its own; then a new forwarder goes on sending it what it got without one.
    The function raises EngineError when one of the pipelines refers to what neither the forwarder nor `parts` has.
    """

    def mutate(obj: Object) -> Object:
        start = _with(obj, {"pipelines": [LOG_STORE]}) if log_store and "uid" not in obj["metadata"] else obj
        changed = _with(start, {part: _replaced(_items(start, part), parts[part]) for part in LISTS})
        for pipeline in parts["pipelines"]:
            for part, field in REFERENCES.items():
                unknown = set(pipeline.get(field) or []) - set(names(changed, part)) - RESERVED[part]
                if unknown:
                    raise EngineError(
                        f"pipeline {pipeline['name']} refers to {part} that the forwarder does not have: "
                        f"{', '.join(sorted(unknown))}. Give them in {part}."
                    )
        return changed

    return mutate


def without_parts(parts: Parts) -> Callable[[Object], Object | None]:
    """Return the function that takes items out by name, and out of the pipelines of others that refer to them.

    A pipeline without inputs or outputs goes, too; and the forwarder, when it holds nothing any more, or nothing but
    what happens without one.
    """

    def mutate(obj: Object) -> Object | None:
        unwanted = {part: {item["name"] for item in parts[part]} for part in LISTS}
        lists = {part: [item for item in _items(obj, part) if item.get("name") not in unwanted[part]] for part in LISTS}
        loose = [_without_references(pipeline, unwanted) for pipeline in lists["pipelines"]]
        lists["pipelines"] = [pipeline for pipeline in loose if pipeline is not None]
        changed = _with(obj, lists)
        held = {key: value for key, value in changed.get("spec", {}).items() if value}
        return changed if changed is obj or held not in ({}, {"pipelines": [LOG_STORE]}) else None

    return mutate


def touched(before: Object | None, after: Object | None, parts: Parts) -> list[str]:
    """Return the names of the pipelines of others that changed or went between two states."""
    ours = {item["name"] for item in parts["pipelines"]}
    left = _items(after, "pipelines")
    return [
        pipeline.get("name", "(unnamed)")
        for pipeline in _items(before, "pipelines")
        if pipeline not in left and pipeline.get("name") not in ours
    ]


def _items(obj: Object | None, part: str) -> Objects:
    return list(section(obj, "spec").get(part) or [])


def _replaced(there: Objects, ours: Objects) -> Objects:
    wanted = {item["name"]: item for item in ours}
    kept = [wanted.pop(item.get("name"), item) for item in there]
    return kept + list(wanted.values())


def _without_references(pipeline: Object, unwanted: dict[str, set[str]]) -> Object | None:
    for part, field in REFERENCES.items():
        references = pipeline.get(field) or []
        left = [name for name in references if name not in unwanted[part]]
        if left != references:
            if not left:
                return None
            pipeline = {**pipeline, field: left}
    return pipeline


def _with(obj: Object, lists: dict[str, Objects]) -> Object:
    changed = {part: items for part, items in lists.items() if items != _items(obj, part)}
    if not changed:
        return obj
    kept = {key: value for key, value in section(obj, "spec").items() if key not in changed or changed[key]}
    return {**obj, "spec": {**kept, **{part: items for part, items in changed.items() if items}}}
