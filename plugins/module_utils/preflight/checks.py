# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What would keep an installation from ending well, judged before it starts: pure functions over what was observed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..kube.objects import Object, Objects
from ..olm.catalog import answers, connection_state
from ..shared.alertmanager import manager
from ..shared.members import elsewhere

DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
MANAGED_BY = "argocd.argoproj.io/managed-by"
CHECKS = (
    "input",
    "variables",
    "version",
    "upgrade",
    "rights",
    "catalogs",
    "storage",
    "mesh",
    "argocd",
    "alertmanager",
    "token",
    "helm",
    "client",
)
# The variables alone tell these, so that nothing has to be read from a cluster.
OFFLINE = ("input", "variables")
# Nothing that a run could do would make up for it.
NEVER_IGNORED = ("input",)
ONLY_WARNED = ("variables",)


@dataclass(frozen=True)
class Problem:
    """Something in the way: the check's name (one of CHECKS), what was seen, what to type, and whether it stops us."""

    check: str
    seen: str
    do: str
    stops: bool = True


@dataclass(frozen=True)
class Seen:
    """What was observed; None (or nothing) where it could not be read.

    input: what is wrong with the values that were given; the first line of each says what, the others what to type.
    misspelt: variables with a role's prefix that are none of it, each with name, role, and the nearest name or nothing.
    denied: rights that we lack, each with verb, resource, group and namespace. token_seconds: how long our token is
    still accepted. helm, client: versions; empty when missing.
    """

    input: tuple[str, ...] = ()
    misspelt: tuple[Mapping[str, str], ...] = ()
    cluster_version: Object | None = None
    denied: tuple[Mapping[str, str], ...] = ()
    catalogs: Objects = field(default_factory=list)
    classes: Objects = field(default_factory=list)
    control_planes: Objects = field(default_factory=list)
    rolls: Objects = field(default_factory=list)
    members: Objects = field(default_factory=list)
    namespaces: Objects = field(default_factory=list)
    argocds: Objects = field(default_factory=list)
    alertmanager: Object | None = None
    token_seconds: float | None = None
    helm: str = ""
    client: str = ""


@dataclass(frozen=True)
class Wanted:
    """What the installation needs. An empty name, or nothing, means that the check has nothing to look at.

    oldest, tested, newest: versions such as 4.11. control_plane: name of the one that will be applied; empty when
    somebody else's is used. argocd: the same for the Argo CD. managed: namespaces that it will manage. token_seconds:
    how long a run takes.
    """

    oldest: str = "4.8"
    tested: str = "4.11"
    newest: str = "4.11"
    catalogs: tuple[str, ...] = ()
    catalogs_namespace: str = "openshift-marketplace"
    storage: bool = True
    mesh_namespace: str = "istio-system"
    control_plane: str = ""
    mesh_members: tuple[str, ...] = ()
    argocd_namespace: str = "seldon-argocd"
    argocd: str = ""
    managed: tuple[str, ...] = ()
    alertmanager: bool = True
    token_seconds: int = 0
    helm_oldest: str = ""
    helm_newest: str = ""
    client_oldest: str = ""


def problems(seen: Seen, wanted: Wanted) -> list[Problem]:
    """Return everything that is in the way, in the order of CHECKS."""
    judges = (
        *(_input, _variables),
        *(_version, _upgrade, _rights, _catalogs, _storage, _mesh, _argocd, _alertmanager, _token, _helm, _client),
    )
    return [problem for judge in judges for problem in judge(seen, wanted)]


def tolerated(found: Iterable[Problem], ignored: Iterable[str]) -> list[Problem]:
    """Return the problems when those checks are ignored: what would stop us warns, what only ever warns is left out."""
    names = set(ignored)
    kept = [each for each in found if each.check not in names & set(ONLY_WARNED)]
    return [replace(each, stops=each.stops and each.check not in names) for each in kept]


def silent(catalogs: Objects) -> list[str]:
    """Return the names of the catalogues that do not answer: OLM then resolves nothing in any namespace."""
    return [f"{each['metadata']['namespace']}/{each['metadata']['name']}" for each in catalogs if not answers(each)]


def _input(seen: Seen, _wanted: Wanted) -> Iterator[Problem]:
    for each in dict.fromkeys(seen.input):
        what, _line, remedy = each.partition("\n")
        yield Problem("input", what, remedy)


def _variables(seen: Seen, _wanted: Wanted) -> Iterator[Problem]:
    for each in seen.misspelt:
        yield Problem(
            "variables",
            f"{each['name']} is no variable of the role {each['role']}",
            f"did you mean {each['nearest']}?"
            if each.get("nearest")
            else f"ansible-doc -t role seldon.openshift.{each['role']} lists them",
            stops=False,
        )


def _version(seen: Seen, wanted: Wanted) -> Iterator[Problem]:
    version = _version_of(seen.cluster_version)
    override = f"-e preflight_newest_version={_minor(version) if version else wanted.newest}"
    if not version:
        yield Problem("version", "the cluster is no OpenShift (it has no ClusterVersion)", "oc config get-contexts")
    elif _number(_minor(version)) > _number(wanted.newest):
        yield Problem(
            "version",
            f"the cluster is OpenShift {version}: Seldon's operator is offered up to {wanted.newest}",
            f"install on {wanted.tested}; to try all the same: {override}",
        )
    elif _number(_minor(version)) < _number(wanted.oldest):
        yield Problem(
            "version",
            f"the cluster is OpenShift {version}: Seldon's operator is offered from {wanted.oldest} on",
            f"upgrade it; to try all the same: -e preflight_oldest_version={_minor(version)}",
        )
    elif _number(_minor(version)) < _number(wanted.tested):
        yield Problem(
            "version",
            f"the cluster is OpenShift {version}: Seldon Deploy 2.0 was tested on {wanted.tested} only",
            f"upgrade it to {wanted.tested} if you can",
            stops=False,
        )


def _upgrade(seen: Seen, _wanted: Wanted) -> Iterator[Problem]:
    conditions = {each["type"]: each for each in _section(seen.cluster_version, "status").get("conditions") or []}
    if conditions.get("Progressing", {}).get("status") == "True":
        version = _version_of(seen.cluster_version)
        yield Problem(
            "upgrade",
            f"the cluster is on its way to {version}, and operators restart meanwhile",
            "oc get clusterversion (wait until it has arrived)",
        )


def _rights(seen: Seen, _wanted: Wanted) -> Iterator[Problem]:
    verbs: dict[str, list[str]] = {}
    for right in seen.denied:
        what = f"{right['resource']}.{right['group']}" if right.get("group") else right["resource"]
        where = f" in {right['namespace']}" if right.get("namespace") else ""
        verbs.setdefault(f"{what}{where}", []).append(right["verb"])
    if verbs:
        lacking = "; ".join(f"{', '.join(each)} {what}" for what, each in verbs.items())
        yield Problem(
            "rights", f"you may not {lacking}", "oc adm policy add-cluster-role-to-user cluster-admin $(oc whoami)"
        )


def _catalogs(seen: Seen, wanted: Wanted) -> Iterator[Problem]:
    home = wanted.catalogs_namespace
    there = {each["metadata"]["name"]: each for each in seen.catalogs if each["metadata"]["namespace"] == home}
    for name in sorted(set(wanted.catalogs) - set(there)):
        yield Problem(
            "catalogs",
            f"there is no catalogue {name} in {home}; there are: {', '.join(sorted(there)) or 'none'}",
            "oc get catalogsource -A (then set 'source' of the operators that come from it, see the example inventory)",
        )
    for name, catalog in sorted(there.items()):
        if not answers(catalog):
            state = connection_state(catalog) or "never connected"
            yield Problem(
                "catalogs",
                f"catalogue {name} in {home} does not answer ({state}), and as long as one does not, OLM installs "
                "nothing in any namespace",
                f"oc -n {home} get pods -l olm.catalogSource={name} (then delete its pod, or the CatalogSource)",
            )


def _storage(seen: Seen, wanted: Wanted) -> Iterator[Problem]:
    def is_default(each: Object) -> bool:
        return bool(_section(each, "metadata", "annotations").get(DEFAULT_CLASS) == "true")

    if wanted.storage and not any(map(is_default, seen.classes)):
        names = [each["metadata"]["name"] for each in seen.classes]
        first = names[0] if names else "NAME"
        yield Problem(
            "storage",
            f"no storage class is the default one (there are: {', '.join(names) or 'none'}): no volume would be bound",
            f"oc annotate storageclass {first} {DEFAULT_CLASS}=true",
        )


def _mesh(seen: Seen, wanted: Wanted) -> Iterator[Problem]:
    home = wanted.mesh_namespace
    here = [each["metadata"]["name"] for each in seen.control_planes if each["metadata"]["namespace"] == home]
    if len(here) > 1:
        yield Problem(
            "mesh",
            f"{home} has several control planes ({', '.join(here)}), and a mesh with more than one admits no members",
            f"oc -n {home} delete smcp NAME",
        )
    elif wanted.control_plane and here and here != [wanted.control_plane]:
        yield Problem(
            "mesh",
            f"{home} has the control plane {here[0]} already, and {wanted.control_plane} would be a second one",
            f"-e service_mesh_control_plane_name={here[0]} -e service_mesh_mode=existing to use it",
        )
    taken = elsewhere(wanted.mesh_members, home, seen.rolls, seen.members)
    for name, holder in sorted(taken.items()):
        yield Problem(
            "mesh",
            f"namespace {name} belongs to another mesh ({holder}), and to one only it can",
            "take it out there; or use that mesh: "
            f"-e seldon_mesh_namespace={_home(holder)} -e service_mesh_mode=existing",
        )


def _argocd(seen: Seen, wanted: Wanted) -> Iterator[Problem]:
    home = wanted.argocd_namespace
    for each in seen.argocds:
        name = each["metadata"]["name"]
        if wanted.argocd and each["metadata"]["namespace"] == home and name != wanted.argocd:
            yield Problem(
                "argocd",
                f"{home} has the Argo CD {name} already, and a namespace can have one only",
                f"-e gitops_mode=existing -e gitops_argocd_name={name} to use it, or another seldon_argocd_namespace",
            )
    for namespace in seen.namespaces:
        name, manager_ = namespace["metadata"]["name"], _section(namespace, "metadata", "labels").get(MANAGED_BY)
        if name in wanted.managed and manager_ and manager_ != home:
            yield Problem(
                "argocd",
                f"namespace {name} is managed by the Argo CD of {manager_}",
                f"oc label namespace {name} {MANAGED_BY}-; or use that one: "
                f"-e seldon_argocd_namespace={manager_} -e gitops_mode=existing",
            )


def _alertmanager(seen: Seen, wanted: Wanted) -> Iterator[Problem]:
    owner = manager(seen.alertmanager) if wanted.alertmanager and seen.alertmanager else None
    if owner:
        where = seen.alertmanager["metadata"] if seen.alertmanager else {}
        yield Problem(
            "alertmanager",
            f"Secret {where['namespace']}/{where['name']} is managed by {owner}, which undoes every edit",
            "-e monitoring_receiver=alertmanager_config (or none)",
        )


def _token(seen: Seen, wanted: Wanted) -> Iterator[Problem]:
    left = seen.token_seconds
    if left is not None and left < wanted.token_seconds:
        yield Problem(
            "token",
            f"your token is accepted for {max(0, round(left / 60))} more minutes, and a run may take "
            f"{round(wanted.token_seconds / 60)}",
            "oc login again (or use a kubeconfig with a certificate, or the token of a service account)",
        )


def _helm(seen: Seen, wanted: Wanted) -> Iterator[Problem]:
    if not wanted.helm_oldest:
        return
    install = "https://helm.sh/docs/intro/install"
    if not seen.helm:
        yield Problem("helm", "there is no program helm on PATH where the tasks run", f"install Helm 3: {install}")
    elif not _number(wanted.helm_oldest) <= _number(seen.helm) < _number(wanted.helm_newest):
        yield Problem(
            "helm",
            f"helm is {seen.helm}; from {wanted.helm_oldest} up to, without, {wanted.helm_newest} is needed",
            f"install Helm 3: {install}",
        )


def _client(seen: Seen, wanted: Wanted) -> Iterator[Problem]:
    if seen.client and _number(seen.client) < _number(wanted.client_oldest):
        yield Problem(
            "client",
            f"Python's kubernetes library is {seen.client}; {wanted.client_oldest} or newer is needed",
            f"pip install 'kubernetes>={wanted.client_oldest}'",
        )


def told(found: Iterable[Problem]) -> str:
    """Return problems as the lines of a message."""
    return "\n".join("\n    ".join([f"- {each.seen}", *each.do.splitlines()]) for each in found)


def _version_of(cluster_version: Object | None) -> str:
    return str(_section(cluster_version, "status", "desired").get("version") or "")


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _number(version: str) -> tuple[int, ...]:
    """Return what a version sorts by: '4.11.0-rc.1' as (4, 11, 0)."""
    head = re.match(r"v?(\d+(?:\.\d+)*)", version)
    return tuple(int(part) for part in head.group(1).split(".")) if head else ()


def _home(holder: str) -> str:
    """Return the namespace in what `elsewhere` says: '... istio-b/default', or '(control plane istio-b/basic)'."""
    return holder.split()[-1].strip("()").partition("/")[0]


def _section(obj: Object | None, *path: str) -> Any:
    found: Any = obj
    for key in path:
        found = (found or {}).get(key)
    return found or {}
