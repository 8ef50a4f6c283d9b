# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The files of a tree: plain manifests for kustomize, Applications of Argo CD, and what to know: pure functions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Kind, Object, Reference
from ansible_collections.seldon.openshift.plugins.module_utils.kube.yamltext import dump
from ansible_collections.seldon.openshift.plugins.plugin_utils.render import argocd, pages, secret_files
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.chapters import ORDER, Chapter, folder_of
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.settings import Settings

Files = dict[str, str]  # texts by their paths in the tree, with slashes
KUSTOMIZATION = "kustomization.yaml"
# kubectl and kustomize pass over such a file.
EXAMPLE = ".example"


@dataclass(frozen=True)
class Tree:
    """The files to write, and which of the earlier ones belong to chapters that this run has not rendered."""

    files: Files
    kept: frozenset[str]


def tree_of(chapters: Iterable[Chapter], settings: Settings, earlier: Collection[str]) -> Tree:
    """Return the tree of these chapters. `earlier` are the files of the last run, of which other chapters' stay."""
    rendered = list(chapters)
    kept = frozenset(path for path in earlier if not _belongs(path, {each.name for each in rendered}))
    files: Files = {}
    for chapter in rendered:
        files.update(_folder(chapter, settings))
        files.update({f"argocd/{name}": yaml(obj) for name, obj in argocd.applications(chapter, settings).items()})
    everything = {*files, *kept}
    files.update(_indexes(everything))
    if settings.repository:
        files["application.yaml"] = yaml(argocd.of_applications(settings))
    files["README.md"] = pages.tree_page(settings)
    return Tree(files, kept)


def yaml(obj: Mapping[str, object]) -> str:
    """Return the text of a file with one object."""
    return "---\n" + dump(obj, sort_keys=False, blocks=True)


def manifest_name(obj: Object) -> str:
    """Return the name of an object's file, without its end: kind, namespace and name."""
    reference = Reference.of(obj)
    parts = [reference.kind.name.lower(), *([reference.namespace] if reference.namespace else []), reference.name]
    return re.sub(r"[^a-z0-9.-]", "_", "-".join(parts).lower())


def _belongs(path: str, chapters: Collection[str]) -> bool:
    """Say whether a run that renders these chapters decides over a file: the tree's own files, and those of each."""
    folders = {folder_of(name): name for name in ORDER}
    first, _slash, rest = path.partition("/")
    name = folders.get(first) or (folders.get(rest.partition(".")[0]) if first == "argocd" else None)
    return name is None or name in chapters


def _folder(chapter: Chapter, settings: Settings) -> Files:
    files, taken = Files(), set[str]()
    for manifest in chapter.manifests:
        name = manifest_name(manifest.obj)
        name = f"{name}.{Kind.of(manifest.obj).group}" if name in taken else name
        taken.add(name)
        end = EXAMPLE if manifest.alone and not settings.shared else ""
        files[f"{chapter.folder}/{name}.yaml{end}"] = yaml(manifest.obj)
    for name, text in secret_files.files(chapter, settings).items():
        files[f"{chapter.folder}/{name}"] = text
    files[f"{chapter.folder}/README.md"] = pages.chapter_page(chapter, settings)
    return files


def _indexes(paths: Collection[str]) -> Files:
    """Return the kustomizations: of each folder with manifests, and of the tree, which leaves Argo CD's out."""
    folders: dict[str, list[str]] = {}
    for path in sorted(paths):
        folder, slash, name = path.partition("/")
        if slash and name.endswith(".yaml") and name != KUSTOMIZATION:
            folders.setdefault(folder, []).append(name)
    files = {f"{folder}/{KUSTOMIZATION}": _kustomization(names) for folder, names in folders.items()}
    files[KUSTOMIZATION] = _kustomization(folder for folder in folders if folder != "argocd")
    return files


def _kustomization(resources: Iterable[str]) -> str:
    return yaml(
        {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": sorted(resources)}
    )
