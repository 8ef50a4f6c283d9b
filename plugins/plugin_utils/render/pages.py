# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The pages of a tree: what a chapter leaves to do, and how the tree is applied: pure functions to Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Object, Reference
from ansible_collections.seldon.openshift.plugins.plugin_utils.render import argocd
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.chapters import Chapter
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.edits import SITE
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.model import Release, Secret
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.settings import EXTERNAL_SECRETS, Settings

ROTATE = "ansible-playbook seldon.openshift.rotate --tags"
# What a chapter says beside what its tasks want.
_ASIDE = {
    "postgresql": "A database that site.yml has made from OpenShift's template is another one than this tree's: where "
    "it exists, render with -e postgresql_mode=template, or there will be two.",
    "gitops": "The lists of the AppProject are complete: a repository or namespace of others in it would go.",
}


def chapter_page(chapter: Chapter, settings: Settings) -> str:
    """Return the page of a chapter: what its manifests do not say."""
    parts = [
        _aside(chapter),
        _notes(chapter),
        _alone(chapter, settings),
        _secrets(chapter, settings),
        _releases(chapter),
        _placeholders(chapter),
        _approvals(chapter),
    ]
    told = "\n".join(part for part in map(_section, parts) if part)
    return f"# {chapter.name}\n\n{told or 'The manifests here are all there is to apply.' + chr(10)}"


def tree_page(settings: Settings) -> str:
    """Return the page of the whole tree."""
    return _TREE.format(title=settings.title, argo=_ARGO.format(namespace=settings.argocd_namespace))


def _section(lines: Iterable[str]) -> str:
    told = list(lines)
    return "\n".join([*told, ""]) if told else ""


def _aside(chapter: Chapter) -> Iterator[str]:
    if chapter.name in _ASIDE:
        yield _ASIDE[chapter.name]


def _notes(chapter: Chapter) -> Iterator[str]:
    if chapter.notes:
        yield from ("## What no manifest can say", "")
    for note in chapter.notes:
        yield f"- {note.subject}: {note.why}. Next: {note.do}"


def _alone(chapter: Chapter, settings: Settings) -> Iterator[str]:
    found = [each for each in chapter.manifests if each.alone]
    if not found:
        return
    yield from ("## Objects that are shared", "")
    for each in found:
        yield f"- {Reference.of(each.obj)}: {each.alone}."
    yield ""
    if settings.shared:
        yield "They are part of this tree, because it was rendered with -e render_shared=true."
    else:
        yield (
            "They end in .example, and kustomize passes over them. Where nobody else has settings there, render with "
            f"-e render_shared=true; otherwise let the collection add ours: {SITE} {chapter.name}"
        )


def _secrets(chapter: Chapter, settings: Settings) -> Iterator[str]:
    if not chapter.secrets:
        return
    yield from ("## Secrets", "", "| Secret | key | value |", "|---|---|---|")
    for secret in chapter.secrets:
        yield from _rows(secret)
    yield ""
    if settings.secrets == EXTERNAL_SECRETS:
        at = "/".join(part for part in (settings.store_path, "NAMESPACE", "NAME") if part)
        store = f"{settings.store_kind} {settings.store}"
        yield f"ExternalSecrets fetch them from {store}, each at {at}, a property for each key."
    else:
        yield "No value is in this tree. Fill the .example files in elsewhere, or let the collection write all of them:"
        yield f"{ROTATE} {chapter.name}"


def _rows(secret: Secret) -> Iterator[str]:
    for key, origin in secret.keys.items():
        yield f"| {secret.namespace}/{secret.name} | `{key}` | {origin} |"


def _releases(chapter: Chapter) -> Iterator[str]:
    if chapter.releases:
        yield from ("## Helm releases", "")
    for release in chapter.releases:
        yield f"- {release.name} in {release.namespace}: {_chart(release)}"


def _chart(release: Release) -> str:
    said = " ".join(part for part in (f"chart {release.chart}", release.version) if part)
    where = f" of {release.repository}" if release.repository else ""
    if argocd.source_of(release):
        return f"{said}{where}; its values are in argocd/"
    return f"{said}{where}; Argo CD cannot fetch it: install it with: ansible-playbook seldon.openshift.site"


def _placeholders(chapter: Chapter) -> Iterator[str]:
    if not chapter.hidden:
        return
    yield from ("## Placeholders", "")
    for name, paths in chapter.hidden.items():
        yield f"- {name}: {', '.join(paths)}"
    yield from ("", "Each stands in angle brackets for a secret. Give the reference of your secrets plugin, such as")
    yield "`<path:kv/data/seldon#key>`, as the variable's value: what stands in angle brackets is kept as it is."


def _approvals(chapter: Chapter) -> Iterator[str]:
    manual = [each.obj for each in chapter.manifests if _is_manual(each.obj)]
    if not manual:
        return
    yield from ("## Approvals", "", "OLM installs these only after somebody has approved their InstallPlan:", "")
    for obj in manual:
        spec = obj["spec"]
        yield f"- {Reference.of(obj)}: {spec.get('startingCSV') or 'the newest version of its channel'}"
    yield ""
    yield f"Let the collection approve exactly these: {SITE} {chapter.name}"
    yield "or render with -e seldon_operators_approval=Automatic, which follows the channels."


def _is_manual(obj: Object) -> bool:
    return bool(obj["kind"] == "Subscription" and obj["spec"].get("installPlanApproval") == "Manual")


_TREE = """# {title}

What the collection seldon.openshift would apply, as plain manifests: a folder a chapter, in the order in which they are
applied. It was rendered, and is rendered again, by the playbook render.yml: change variables, not files. Files that are
not in .seldon-render.json are yours, and stay.

The README.md of each chapter says what its manifests do not: Secrets, shared objects, approvals. No secret is in this
tree.

## Applied by hand

    kubectl apply --server-side --field-manager=seldon.openshift -k 00-namespaces

and so on, folder by folder: the kinds of a chapter's operator are served minutes after its Subscription; apply a folder
again until nothing is refused. Helm releases are in argocd/ only.

{argo}"""

_ARGO = """## Applied by Argo CD

argocd/ holds an Application for each Helm release and, when the tree was rendered with -e render_repository=URL, for
each chapter, with its place in the order as sync wave; application.yaml is the Application of them all, for Argo CD in
{namespace}. They want Argo CD 2.5 or newer (OpenShift GitOps 1.7), and rights of a cluster administrator:

    oc adm policy add-cluster-role-to-user cluster-admin -n {namespace} -z {namespace}-argocd-application-controller

- Since Argo CD 1.8, an Application has no health of its own, so no wave waits for the one before. It needs the health
  check of argoproj.io/Application in argocd-cm (Argo CD's documentation, Resource Health), in OpenShift GitOps as
  resourceHealthChecks of the ArgoCD. Without it, all Applications are tried at once, and repeated until they succeed.
- Argo CD calls a Subscription Progressing while an InstallPlan waits, which with Manual approval lasts until somebody
  approves it, and Degraded when OLM cannot resolve it or a catalogue is unhealthy. It looks at no InstallPlan and no
  ClusterServiceVersion, which OLM makes.
- CRDs arrive with the operators: SkipDryRunOnMissingResource and endless retries are set. Fields of controllers stay,
  because everything is applied on the server's side.
- Nothing is pruned: a namespace or an operator that leaves the tree stays until somebody removes it.
- A Helm release that Argo CD has taken over is no longer Helm's: do not let site.yml keep it as well.
"""
