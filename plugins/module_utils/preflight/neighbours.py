# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What is in the way because others use the cluster, too."""

from __future__ import annotations

from collections.abc import Iterator

from ..kube.errors import EngineError
from ..kube.objects import Object, Reference, section
from ..shared.embedded import Settings
from ..shared.managed import manager
from ..shared.members import elsewhere
from ..shared.monitoring_config import setting
from ..shared.pull_secret import Refused, admitting, knows
from ..shared.pull_secret import pull_secret as bare_pull_secret
from ..shared.registry_logins import host_of
from .model import Observation, Problem, Wanted

MANAGED_BY = "argocd.argoproj.io/managed-by"
_SHOWN = 5


def mesh(seen: Observation, wanted: Wanted) -> Iterator[Problem]:
    """Yield control planes and memberships that keep the mesh from admitting its members."""
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
            f"namespace {name} is a member of another service mesh ({holder}), and can be a member of one only",
            "take it out there; or use that mesh: "
            f"-e seldon_mesh_namespace={_home(holder)} -e service_mesh_mode=existing",
        )


def argocd(seen: Observation, wanted: Wanted) -> Iterator[Problem]:
    """Yield another Argo CD in its namespace, or one that manages a namespace of ours."""
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
        name, manager_ = namespace["metadata"]["name"], section(namespace, "metadata", "labels").get(MANAGED_BY)
        if name in wanted.managed and manager_ and manager_ != home:
            yield Problem(
                "argocd",
                f"namespace {name} is managed by the Argo CD of {manager_}",
                f"oc label namespace {name} {MANAGED_BY}-; or use that one: "
                f"-e seldon_argocd_namespace={manager_} -e gitops_mode=existing",
            )


def alertmanager(seen: Observation, wanted: Wanted) -> Iterator[Problem]:
    """Yield a controller that owns Alertmanager's configuration."""
    owner = manager(seen.alertmanager) if wanted.alertmanager and seen.alertmanager else None
    if owner:
        where = seen.alertmanager["metadata"] if seen.alertmanager else {}
        yield Problem(
            "alertmanager",
            f"Secret {where['namespace']}/{where['name']} is managed by {owner}, which undoes every edit",
            "-e monitoring_receiver=alertmanager_config (or none)",
        )


def adoption(seen: Observation, wanted: Wanted) -> Iterator[Problem]:
    """Yield objects of the names that will be applied, which this collection did not make: they warn."""
    if seen.foreign and not wanted.adopt:
        names = list(map(str, seen.foreign))
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        yield Problem(
            "adoption",
            f"{', '.join(names[:_SHOWN])}{more} exist and were not made by this collection",
            "ansible-playbook seldon.openshift.adopt shows what would change; -e seldon_adopt=true agrees to it",
            stops=False,
        )


def monitoring(seen: Observation, wanted: Wanted) -> Iterator[Problem]:
    """Yield a controller that owns settings of OpenShift's monitoring which would have to change."""
    for obj in seen.monitoring:
        owner, name = manager(obj), obj["metadata"]["name"]
        if owner and _changes(obj, wanted.monitoring.get(name) or {}):
            settings = ", ".join(wanted.monitoring[name]) or "a value under config.yaml"
            yield Problem(
                "monitoring",
                f"{Reference.of(obj)} is managed by {owner}, which undoes every edit, and lacks {settings}",
                "set it where that manager takes it from (OpenShift Dedicated and ROSA: user workload monitoring, in "
                "OpenShift Cluster Manager)",
            )


def pull_secret(seen: Observation, wanted: Wanted) -> Iterator[Problem]:
    """Yield what keeps the cluster's pull secret from taking the logins; a registry without any warns."""
    if not wanted.logins:
        return
    host = host_of(wanted.registry)
    try:
        admitting(wanted.logins)(seen.pull_secret or bare_pull_secret())
        lacks = host and host not in wanted.logins and not knows(seen.pull_secret, host)
    except Refused as error:
        yield Problem("pull_secret", error.seen, error.do)
        return
    if lacks:
        yield Problem(
            "pull_secret",
            f"neither seldon_image_pull_secret nor the cluster's pull secret has a login for {host}, where "
            "seldon_image_registry is",
            f"add auths[{host}] to seldon_image_pull_secret, unless everybody may pull there",
            stops=False,
        )


def _changes(obj: Object, settings: Settings) -> bool:
    try:
        return setting(settings)(obj) != obj
    except EngineError:  # it can't be parsed, or edited; the role says so
        return True


def _home(holder: str) -> str:
    """Return the namespace in what `elsewhere` says: '... istio-b/default', or '(control plane istio-b/basic)'."""
    return holder.split()[-1].strip("()").partition("/")[0]
