# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Problems of the cluster itself: version, upgrade, rights, catalogues, storage."""

from __future__ import annotations

from collections.abc import Iterator

from ..kube.objects import Object, Objects, condition_text, section
from ..kube.rights import grant_for
from ..kube.storage_classes import DEFAULT, default_class, defaults, marks
from ..kube.versions import minor, numbers
from ..olm.catalog import answers, connection_state
from .model import Observation, Problem, Wanted
from .rights import told


def version(seen: Observation, wanted: Wanted) -> Iterator[Problem]:
    """Yield a version of OpenShift that is not supported; one that is only not tested warns."""
    version = _version_of(seen.cluster_version)
    override = f"-e preflight_newest_version={minor(version) if version else wanted.newest}"
    if not version:
        yield Problem("version", "the cluster is not OpenShift (it has no ClusterVersion)", "oc config get-contexts")
    elif numbers(minor(version)) > numbers(wanted.newest):
        yield Problem(
            "version",
            f"the cluster is OpenShift {version}: Seldon's operator is offered up to {wanted.newest}",
            f"install on {wanted.tested}; to try all the same: {override}",
        )
    elif numbers(minor(version)) < numbers(wanted.oldest):
        yield Problem(
            "version",
            f"the cluster is OpenShift {version}: Seldon's operator is offered from {wanted.oldest} on",
            f"upgrade it; to try all the same: -e preflight_oldest_version={minor(version)}",
        )
    elif numbers(minor(version)) < numbers(wanted.tested):
        yield Problem(
            "version",
            f"the cluster is OpenShift {version}: Seldon Deploy 2.0 was tested on {wanted.tested} only",
            f"upgrade it to {wanted.tested} if you can",
            stops=False,
        )


def upgrade(seen: Observation, _wanted: Wanted) -> Iterator[Problem]:
    """Yield an upgrade of the cluster that is on its way, and what keeps its version operator from its work."""
    conditions = {each["type"]: each for each in section(seen.cluster_version or {}, "status").get("conditions") or []}
    if conditions.get("Progressing", {}).get("status") == "True":
        version = _version_of(seen.cluster_version)
        yield Problem(
            "upgrade",
            f"the cluster is upgrading to {version}; its operators restart meanwhile",
            "oc get clusterversion (wait until the upgrade is complete)",
        )
    if conditions.get("Available", {}).get("status") == "False":
        told = condition_text(conditions["Available"], "ClusterVersion is not Available")
        yield Problem("upgrade", f"the cluster's release is not available: {told}", "oc describe clusterversion")
    elif conditions.get("Failing", {}).get("status") == "True":
        told = condition_text(conditions["Failing"], "ClusterVersion is Failing")
        yield Problem(
            "upgrade", f"the cluster's version operator fails: {told}", "oc describe clusterversion", stops=False
        )


def rights(seen: Observation, wanted: Wanted) -> Iterator[Problem]:
    """Yield all rights that the user lacks, as one problem."""
    if seen.denied:
        yield Problem("rights", f"you may not {told(seen.denied)}", granting(wanted))


def granting(wanted: Wanted) -> str:
    """Return what to type for the rights of the playbook, as lines."""
    file = f"seldon-openshift-{wanted.playbook.replace('_', '-')}.yaml"
    return f"{grant_for(wanted.playbook)}\nthen, as whoever administers the cluster: oc apply -f {file}"


def catalogs(seen: Observation, wanted: Wanted) -> Iterator[Problem]:
    """Yield catalogues that are missing or do not answer."""
    home = wanted.catalogs_namespace
    there = {each["metadata"]["name"]: each for each in seen.catalogs if each["metadata"]["namespace"] == home}
    for name in sorted(set(wanted.catalogs) - set(there)):
        yield Problem(
            "catalogs",
            f"CatalogSource {name} does not exist in {home}; found: {', '.join(sorted(there)) or 'none'}"
            + _offered(seen, wanted, name),
            _catalog_advice(seen, wanted, name),
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


def storage(seen: Observation, wanted: Wanted) -> Iterator[Problem]:
    """Yield a missing default storage class, or several of them where the API server then refuses claims."""
    names = [each["metadata"]["name"] for each in seen.classes]
    found = defaults(seen.classes)
    if not wanted.storage or default_class(seen.classes, seen.kubernetes):
        return
    if not found:
        first = names[0] if names else "NAME"
        yield Problem(
            "storage",
            f"no StorageClass is the default (found: {', '.join(names) or 'none'}): no volume would be bound",
            f"oc annotate storageclass {first} {DEFAULT}=true --overwrite",
        )
        return
    both = ", ".join(each["metadata"]["name"] for each in found)
    version = ".".join(map(str, seen.kubernetes)) or "before 1.26"
    yield Problem(
        "storage",
        f"{len(found)} StorageClasses are the default ({both}), and Kubernetes {version} then refuses every claim that "
        "names none",
        "\n".join([f"leave one of them, for instance {found[0]['metadata']['name']}:", *map(_unmark, found[1:])]),
    )


def _unmark(storage_class: Object) -> str:
    # What is only taken away, OpenShift's storage operator sets again.
    off = " ".join(f"{name}=false" for name in marks(storage_class))
    return f"oc annotate storageclass {storage_class['metadata']['name']} {off} --overwrite"


def _offered(seen: Observation, wanted: Wanted, catalog: str) -> str:
    """Return where the packages that a missing catalogue should offer are, as the end of a sentence."""
    packages = wanted.packages.get(catalog, ())
    told = [f"{name} is offered by {', '.join(seen.offers.get(name) or ['no catalogue'])}" for name in packages]
    return f"; {'; '.join(told)}" if told else ""


def _catalog_advice(seen: Observation, wanted: Wanted, catalog: str) -> str:
    """Return what to type for a missing catalogue: the one that offers all of its packages, where there is one."""
    look = "oc get catalogsource -A"
    variable = wanted.catalog_variables.get(catalog)
    if not variable:
        return f"{look} (then set 'source' of the operators that come from it, see the example inventory)"
    homes = [set(seen.offers.get(name, ())) for name in wanted.packages.get(catalog, ())]
    fitting = sorted(set.intersection(*homes)) if homes else []
    return f"-e {variable}={fitting[0]}" if fitting else f"{look} (then name yours: -e {variable}=NAME)"


def silent(catalogs: Objects) -> list[str]:
    """Return the names of the catalogues that do not answer: OLM then resolves nothing in any namespace."""
    return [f"{each['metadata']['namespace']}/{each['metadata']['name']}" for each in catalogs if not answers(each)]


def _version_of(cluster_version: Object | None) -> str:
    return str(section(cluster_version, "status", "desired").get("version") or "")
