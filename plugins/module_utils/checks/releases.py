# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Whether Helm's releases, and the objects of their manifests, are as Helm installed them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..apply.changes import LEFT, Change
from ..helm import release as helm_release
from ..helm.drift import as_helm_writes, drift, is_sure
from ..helm.live import Found, find
from ..helm.told import additions
from ..kube.kinds import SECRET
from ..kube.objects import Kind, Object, Reference
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


def as_installed(
    cluster: Observed, name: str, namespace: str, do: str, kinds: Sequence[Kind] = ()
) -> Iterator[Finding]:
    """Judge the objects of a release that Helm finished; do: the command that puts them right. Raises EngineError.

    kinds: what no role of Kubernetes lets a reader see of them.
    """
    last = _last(cluster, name, namespace)
    if last is None and cluster.refused:
        for kind in kinds:  # so that the rights that lack are told at once, those for the release and those for these
            cluster.list(kind, namespace)
    if last is None or helm_release.status(last) != helm_release.DEPLOYED:
        return  # `deployed` says so
    objects = [as_helm_writes(obj, name, namespace) for obj in helm_release.objects(last)]
    findings = [finding for found in find(cluster, objects) for finding in _object(found, do)]
    if not any(finding.status == "fail" for finding in findings):
        yield passed(f"objects of {_subject(name, namespace)}", f"{len(objects)} are as Helm installed them")
    yield from findings


def _object(found: Found, do: str) -> Iterator[Finding]:
    """Judge an object of a manifest: nothing is said of one that is as Helm wrote it."""
    subject = str(Reference.of(found.wanted))
    if found.missing:
        yield failed(subject, "is missing", do)
        return
    live = found.live or {}
    changes = drift(found.wanted, live) if live else []
    if wrong := [each for each in changes if each.fate != LEFT and is_sure(each, live)]:
        yield failed(subject, f"was changed: {_fields(wrong)}", do)
    if held := [each for each in changes if each.fate == LEFT and each.wanted is not None]:
        yield warned(subject, f"a controller holds another value than Helm set: {_fields(held)}", _look(found))
    if added := [each for each in changes if each.fate == LEFT and each.wanted is None]:
        told = additions(found.wanted, added)
        yield warned(subject, told.what, told.do)


def _fields(changes: list[Change]) -> str:
    return ", ".join(f"{each.field}{f' ({each.manager})' if each.manager else ''}" for each in changes)


def _look(found: Found) -> str:
    who = Reference.of(found.wanted)
    place = f" -n {who.namespace}" if who.namespace else ""
    return f"oc get {who.kind.qualified} {who.name}{place} -o yaml --show-managed-fields"


def _last(cluster: Observed, name: str, namespace: str) -> Object | None:
    return helm_release.newest(cluster.list(SECRET, namespace, helm_release.selector(name)))


def _subject(name: str, namespace: str) -> str:
    return f"Helm release {namespace}/{name}"
