# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Can package, channel and version be had: what PackageManifests and CatalogSources say before anything is written."""

from __future__ import annotations

import difflib

from ..kube.objects import Object, section
from ..readiness.state import Failed, Progressing
from .model import Operator, Snapshot

# A catalogue's pod restarts for every refresh of its index; that takes less.
CATALOG_GRACE = 30.0


def manifest(operator: Operator, snapshot: Snapshot) -> Object | None:
    """Return the operator's PackageManifest: of its source, else of the catalogue with the highest priority."""
    found = [m for m in snapshot.manifests.get(operator.name, []) if _of_source(m, operator)]
    priority = {c["metadata"]["name"]: section(c, "spec").get("priority", 0) for c in snapshot.catalogs}
    return max(found, key=lambda m: priority.get(section(m, "status").get("catalogSource"), 0), default=None)


def channel(package: Object, name: str | None) -> Object | None:
    """Return the channel `name` (None: the default one) of a PackageManifest."""
    status = section(package, "status")
    wanted = name or status.get("defaultChannel")
    found: Object | None = next((c for c in status.get("channels") or [] if c.get("name") == wanted), None)
    return found


def entries(found: Object) -> list[str]:
    """Return the CSV names of a channel; only its head where the package server lists no entries (4.11)."""
    listed = [e.get("name", "") for e in found.get("entries") or []]
    return listed or [found.get("currentCSV", "")]


def check(operator: Operator, snapshot: Snapshot) -> Failed | Progressing | None:
    """Return why this operator cannot be requested (yet), or None when package, channel and version are on offer."""
    package = manifest(operator, snapshot)
    if package is None:
        return _absent(operator, snapshot)
    found = channel(package, operator.channel)
    if found is None:
        names = ", ".join(c.get("name", "") for c in section(package, "status").get("channels") or [])
        return Failed(f"package {operator.name} has no channel {operator.channel}; it offers: {names}")
    listed = [e.get("name") for e in found.get("entries") or []]
    if operator.starting_csv and listed and operator.starting_csv not in listed:
        return Failed(
            f"channel {found['name']} of package {operator.name} has no version {operator.starting_csv}; "
            f"it offers: {', '.join(entries(found))}"
        )
    return None


def health(operator: Operator, snapshot: Snapshot) -> Failed | None:
    """Return what is wrong with the catalogue that `operator` comes from, or None."""
    source = operator.source or section(manifest(operator, snapshot) or {}, "status").get("catalogSource")
    catalog = next((c for c in snapshot.catalogs if _is(c, source, operator.source_namespace)), None)
    if source is None:
        return None
    if catalog is None:
        names = ", ".join(sorted(c["metadata"]["name"] for c in snapshot.catalogs)) or "none"
        return Failed(
            f"there is no CatalogSource {source} in {operator.source_namespace} (there are: {names}); "
            "a default one can be switched off in OperatorHub 'cluster'"
        )
    return unhealthy(catalog)


def answers(catalog: Object) -> bool:
    """Tell whether a CatalogSource answers."""
    # A gRPC connection rests in IDLE between two calls.
    return connection_state(catalog) in ("READY", "IDLE")


def connection_state(catalog: Object) -> str:
    """Return the state that OLM last saw of its connection to a CatalogSource; empty when it never saw one."""
    return str(section(catalog, "status", "connectionState").get("lastObservedState") or "")


def unhealthy(catalog: Object) -> Failed | None:
    """Return why a CatalogSource does not answer (with the next command to type), or None when it does."""
    if answers(catalog):
        return None
    state = connection_state(catalog)
    name, namespace = catalog["metadata"]["name"], catalog["metadata"]["namespace"]
    said = section(catalog, "status").get("message") or f"connection state {state or 'not known yet'}"
    return Failed(
        f"CatalogSource {name} is unhealthy: {said}; look at its pod: "
        f"oc get pods -n {namespace} -l olm.catalogSource={name}",
        after=CATALOG_GRACE,
    )


def blocking(operator: Operator, snapshot: Snapshot) -> list[str]:
    """Return the names of the other unhealthy catalogues: OLM resolves nothing while one of them does not answer."""
    others = [c for c in snapshot.catalogs if not _is(c, operator.source, operator.source_namespace) and unhealthy(c)]
    return sorted(c["metadata"]["name"] for c in others)


def _absent(operator: Operator, snapshot: Snapshot) -> Failed | Progressing:
    sick = health(operator, snapshot)
    if sick:
        return sick
    where = f"catalogue {operator.source}" if operator.source else f"no catalogue of {operator.source_namespace}"
    near = difflib.get_close_matches(operator.name, snapshot.offered, n=5, cutoff=0.4)
    offers = f"; similar: {', '.join(near)}" if near else ""
    verdict = f"{where} does not offer" if operator.source else f"{where} offers"
    # The package server follows a catalogue that just came up with a delay of seconds.
    return Failed(
        f"{verdict} a package {operator.name}{offers} (oc get packagemanifests -n {operator.source_namespace})",
        after=15,
    )


def _is(catalog: Object, name: str | None, namespace: str) -> bool:
    return (catalog["metadata"]["name"], catalog["metadata"]["namespace"]) == (name, namespace)


def _of_source(package: Object, operator: Operator) -> bool:
    status = section(package, "status")
    return operator.source in (None, status.get("catalogSource")) and status.get("packageName") == operator.name
