# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Applications of Argo CD 2.5 (OpenShift GitOps 1.7) for a tree: one a chapter, one a Helm release: pure functions."""

from __future__ import annotations

from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import APPLICATION
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Object
from ansible_collections.seldon.openshift.plugins.module_utils.kube.yamltext import dump
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.chapters import Chapter
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.model import Release
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.settings import EXTERNAL_SECRETS, Settings

THIS_CLUSTER = "https://kubernetes.default.svc"
_WAVE = "argocd.argoproj.io/sync-wave"
# CRDs arrive with operators, after the dry run of the whole Application; what others own in an object stays.
_OPTIONS = ("ServerSideApply=true", "SkipDryRunOnMissingResource=true", "RespectIgnoreDifferences=true")
# An operator takes minutes until its kinds are served; until then, a sync fails and is repeated.
_RETRY = {"limit": -1, "backoff": {"duration": "10s", "factor": 2, "maxDuration": "3m"}}


def applications(chapter: Chapter, settings: Settings) -> dict[str, Object]:
    """Return a chapter's Applications by the names of their files. The chapter's own needs a repository of the tree."""
    made = {}
    if settings.repository and any(True for _each in _plain(chapter, settings)):
        made[f"{chapter.folder}.yaml"] = of_chapter(chapter, settings)
    for release in chapter.releases:
        if source := source_of(release):
            name = f"{release.name}-{release.namespace}"
            made[f"{chapter.folder}.{name}.yaml"] = _application(
                name, chapter.wave, source, settings, release.namespace
            )
    return made


def of_chapter(chapter: Chapter, settings: Settings) -> Object:
    """Return the Application of a chapter's manifests."""
    return _application(f"seldon-{chapter.folder}", chapter.wave, _git(settings, chapter.folder), settings)


def of_applications(settings: Settings) -> Object:
    """Return the Application of all Applications."""
    return _application("seldon", 0, _git(settings, "argocd"), settings, settings.argocd_namespace)


def source_of(release: Release) -> Object | None:
    """Return the source of a release's Application; None for a chart that Argo CD cannot fetch: a file."""
    repository, chart = release.repository, release.chart
    if not repository and chart.startswith("oci://"):
        repository, _slash, chart = chart.removeprefix("oci://").rpartition("/")
    if not repository or not release.version:
        return None
    helm: dict[str, Any] = {"releaseName": release.name}
    if release.values:
        helm["values"] = dump(release.values, sort_keys=False, blocks=True)
    return {
        "repoURL": repository.removeprefix("oci://"),
        "chart": chart,
        "targetRevision": release.version,
        "helm": helm,
    }


def _plain(chapter: Chapter, settings: Settings) -> list[object]:
    manifests = [each for each in chapter.manifests if settings.shared or not each.alone]
    return [*manifests, *(chapter.secrets if settings.secrets == EXTERNAL_SECRETS else ())]


def _git(settings: Settings, folder: str) -> Object:
    path = "/".join(part for part in (settings.path.strip("/"), folder) if part not in ("", "."))
    return {"repoURL": settings.repository, "targetRevision": settings.revision, "path": path}


def _application(name: str, wave: int, source: Object, settings: Settings, namespace: str = "") -> Object:
    obj = APPLICATION.named(name, settings.argocd_namespace).bare()
    obj["metadata"]["annotations"] = {_WAVE: str(wave)}
    place = {"server": THIS_CLUSTER, **({"namespace": namespace} if namespace else {})}
    return {
        **obj,
        "spec": {
            "project": settings.project,
            "source": source,
            "destination": place,
            # What a controller owns, such as replicas of an autoscaler.
            "ignoreDifferences": [
                {"group": "*", "kind": "*", "managedFieldsManagers": ["kube-controller-manager"]},
            ],
            "syncPolicy": {"automated": {}, "syncOptions": list(_OPTIONS), "retry": _RETRY},
        },
    }
