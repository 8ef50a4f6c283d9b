# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Whether Helm's releases, and the objects of their manifests, are as Helm installed them."""

from __future__ import annotations

from collections.abc import Iterator

from ..apply.changes import LEFT, Change
from ..helm import release as helm_release
from ..helm.drift import as_helm_writes, drift, is_sure
from ..helm.live import Found, find
from ..helm.told import additions
from ..kube.kinds import SECRET
from ..kube.objects import Object, Reference
from .model import Finding, failed, passed, warned
from .observed import Observed


def deployed(cluster: Observed, name: str, namespace: str, do: str) -> Finding:
    """Judge what Helm says of a release; do: the command that installs it."""
    subject, last = _subject(name, namespace), _last(cluster, name, namespace)
    if last is None:
        return failed(subject, "does not exist", do)
    status = helm_release.status(last)
    seen = f"revision {helm_release.revision(last)} is {status}"
    return passed(subject, seen) if status == helm_release.DEPLOYED else failed(subject, seen, do)


def as_installed(cluster: Observed, name: str, namespace: str, do: str) -> Iterator[Finding]:
    """Judge the objects of a release that Helm finished; do: the command that puts them right. Raises EngineError."""
    last = _last(cluster, name, namespace)
    if last is None or helm_release.status(last) != helm_release.DEPLOYED:
        return  # `deployed` says so
    objects = [as_helm_writes(obj, name, namespace) for obj in helm_release.objects(last)]
    found = find(cluster, objects)
    drifted = [line for each in found for line in _drifted(each)]
    subject = _subject(name, namespace)
    yield (
        failed(subject, ". ".join(drifted), do)
        if drifted
        else passed(subject, f"{len(found)} objects are as installed")
    )
    for each in found:
        added = [change for change in _changes(each) if change.fate == LEFT and change.wanted is None]
        if added:
            told = additions(each.wanted, added)
            yield warned(str(Reference.of(each.wanted)), told.what, told.do)


def _drifted(found: Found) -> list[str]:
    who = Reference.of(found.wanted)
    if found.missing:
        return [f"{who} is missing"]
    changed = [change for change in _changes(found) if change.fate != LEFT and is_sure(change, found.live or {})]
    fields = ", ".join(f"{each.field}{f' by {each.manager}' if each.manager else ''}" for each in changed)
    return [f"{who} was changed: {fields}"] if changed else []


def _changes(found: Found) -> list[Change]:
    return drift(found.wanted, found.live) if found.live is not None else []


def _last(cluster: Observed, name: str, namespace: str) -> Object | None:
    return helm_release.newest(cluster.list(SECRET, namespace, helm_release.selector(name)))


def _subject(name: str, namespace: str) -> str:
    return f"Helm release {namespace}/{name}"
