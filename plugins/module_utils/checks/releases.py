# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Whether Helm's releases, and the objects of their manifests, are as Helm installed them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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


@dataclass(frozen=True)
class _Seen:
    found: Found
    changes: list[Change]

    @property
    def drift(self) -> list[Change]:
        """What is somebody's for sure, and would be put back."""
        return [each for each in self.changes if each.fate != LEFT and is_sure(each, self.found.live or {})]

    def left(self, wanted: bool) -> list[Change]:
        """What is left: what the manifest has (`wanted`) and a controller holds, or what people added."""
        return [each for each in self.changes if each.fate == LEFT and (each.wanted is not None) is wanted]


def as_installed(cluster: Observed, name: str, namespace: str, do: str) -> Iterator[Finding]:
    """Judge the objects of a release that Helm finished; do: the command that puts them right. Raises EngineError."""
    last = _last(cluster, name, namespace)
    if last is None or helm_release.status(last) != helm_release.DEPLOYED:
        return  # `deployed` says so
    objects = [as_helm_writes(obj, name, namespace) for obj in helm_release.objects(last)]
    seen = [_Seen(each, drift(each.wanted, each.live) if each.live else []) for each in find(cluster, objects)]
    subject, wrong = _subject(name, namespace), [line for each in seen for line in _wrong(each)]
    yield failed(subject, ". ".join(wrong), do) if wrong else passed(subject, _right(seen))
    for each in seen:
        if added := each.left(wanted=False):
            told = additions(each.found.wanted, added)
            yield warned(str(Reference.of(each.found.wanted)), told.what, told.do)


def _wrong(seen: _Seen) -> list[str]:
    who = Reference.of(seen.found.wanted)
    if seen.found.missing:
        return [f"{who} is missing"]
    fields = ", ".join(f"{each.field}{f' by {each.manager}' if each.manager else ''}" for each in seen.drift)
    return [f"{who} was changed: {fields}"] if fields else []


def _right(seen: list[_Seen]) -> str:
    held = [
        f"{change.field} of {Reference.of(each.found.wanted)} ({change.manager})"
        for each in seen
        for change in each.left(wanted=True)
    ]
    left = f"; controllers hold {', '.join(held)}" if held else ""
    return f"{len(seen)} objects are as installed{left}"


def _last(cluster: Observed, name: str, namespace: str) -> Object | None:
    return helm_release.newest(cluster.list(SECRET, namespace, helm_release.selector(name)))


def _subject(name: str, namespace: str) -> str:
    return f"Helm release {namespace}/{name}"
