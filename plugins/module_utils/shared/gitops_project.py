# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Destinations and repositories of an Argo CD AppProject: pure functions (`argoproj.io/v1alpha1`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..kube.kinds import APP_PROJECT
from ..kube.objects import Object, section
from .edit import union_of, without

THIS_CLUSTER = "https://kubernetes.default.svc"

Destination = dict[str, Any]  # namespace and server; those of others may hold a cluster's name


def project(name: str, namespace: str) -> Object:
    """Return a project that holds nothing yet."""
    return APP_PROJECT.named(name, namespace).bare()


def destinations(obj: Object | None) -> list[Destination]:
    """Return where a project's applications may deploy to."""
    return list(section(obj, "spec").get("destinations") or [])


def source_repos(obj: Object | None) -> list[str]:
    """Return the repositories that a project's applications may come from."""
    return list(section(obj, "spec").get("sourceRepos") or [])


def admitting(
    places: Sequence[Destination], repositories: Sequence[str], initial_spec: Object
) -> Callable[[Object], Object]:
    """Return the function that adds to a project what it lacks; `initial_spec` is the rest of a new one."""

    def mutate(obj: Object) -> Object:
        there = [_place(each) for each in destinations(obj)]
        added = {_place(each): each for each in places if _place(each) not in there}
        return _with(
            {**obj, "spec": obj.get("spec", initial_spec)},
            [*destinations(obj), *added.values()],
            union_of(source_repos(obj), list(repositories)),
        )

    return mutate


def expelling(places: Sequence[Destination], repositories: Sequence[str]) -> Callable[[Object], Object]:
    """Return the function that takes destinations and repositories out of a project."""
    unwanted = [_place(each) for each in places]

    def mutate(obj: Object) -> Object:
        kept = [each for each in destinations(obj) if _place(each) not in unwanted]
        return _with(obj, kept, without(source_repos(obj), list(repositories)))

    return mutate


def _place(destination: Destination) -> tuple[Any, Any]:
    return destination.get("namespace"), destination.get("server")


def _with(obj: Object, places: list[Destination], repositories: list[str]) -> Object:
    changes: Object = {}
    if places != destinations(obj):
        changes["destinations"] = places
    if repositories != source_repos(obj):
        changes["sourceRepos"] = repositories
    return {**obj, "spec": {**section(obj, "spec"), **changes}} if changes else obj
