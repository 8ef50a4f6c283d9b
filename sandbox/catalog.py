"""The catalogues: which operator, channel and version each source offers, as opm and package-server tell it.

`catalogs/<name>.yaml` says what the sources offer at one time (`guide`, `today`): source, package, channels, and their
entries oldest first. `catalogs/packages.yaml` says what a package is and brings, `catalogs/sources.yaml` what a source
is; both are the same at all times. `bundle.py` makes an operator's bundle of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from sandbox import bundle
from sandbox.definitions import Definitions
from sandbox.kube import Object

CATALOGS = Path(__file__).with_name("catalogs")
NAMESPACE = "openshift-marketplace"


def sources() -> list[str]:
    """Return the names of OpenShift's catalogue sources, the preferred one first."""
    return list(_read("sources"))


def render(catalog: str, folder: Path, definitions: Definitions, faults: Iterable[Object] = ()) -> list[str]:
    """Write one file-based catalogue for each source below `folder` and return the sources' names.

    `catalog` is `guide` or `today`. Raises ValueError when there is no such catalogue, or for a fault that
    names an unknown operator or reason.
    """
    faults = list(faults)
    failures, images = _failures(faults), {fault["operator"] for fault in faults if fault["fault"] == "bundle-unpack"}
    for source in sources():
        packages = _packages(catalog, source)
        blobs = [blob for package in packages for blob in _blobs(package, definitions, failures, images)]
        target = folder / source
        target.mkdir(parents=True, exist_ok=True)
        (target / "catalog.json").write_text("\n".join(json.dumps(blob) for blob in blobs))
    return sources()


def catalog_sources(addresses: dict[str, str]) -> list[Object]:
    """Return the CatalogSource objects of OpenShift 4.11; `addresses` maps a source to the HOST:PORT of its opm."""
    return [
        {
            "apiVersion": "operators.coreos.com/v1alpha1",
            "kind": "CatalogSource",
            "metadata": {"name": name, "namespace": NAMESPACE},
            "spec": {
                "displayName": source["display_name"],
                "publisher": source["publisher"],
                "priority": source["priority"],
                "sourceType": "grpc",
                "address": addresses[name],
                "updateStrategy": {"registryPoll": {"interval": "10m"}},
            },
        }
        for name, source in _read("sources").items()
        if name in addresses
    ]


def unpacked(image: str, definitions: Definitions) -> list[Object]:
    """Return the objects in a bundle's image. Raises LookupError when no catalogue has such a bundle."""
    for name in ("guide", "today"):
        for package in (package for source in sources() for package in _packages(name, source)):
            for entry in package["entries"]:
                if bundle.image_of(entry) == image:
                    owned = definitions.load(*package.get("owns", []))
                    return [bundle.cluster_service_version(package, entry, owned), *owned]
    raise LookupError(f"no catalogue has a bundle {image}")


def package_manifests(catalog: str, faults: Iterable[Object] = ()) -> list[Object]:
    """Return the PackageManifest objects that OpenShift's package-server derives from the healthy sources."""
    lost = unhealthy_sources(faults)
    tables = Definitions()
    return [
        _package_manifest(package, tables)
        for source in sources()
        if source not in lost
        for package in _packages(catalog, source)
    ]


def unhealthy_sources(faults: Iterable[Object]) -> set[str]:
    """Return the sources whose opm is not served, from `{fault: catalog-unhealthy, source: NAME}`.

    Raises ValueError for a source that OpenShift does not have.
    """
    lost = {fault["source"] for fault in faults if fault["fault"] == "catalog-unhealthy"}
    if not lost.issubset(sources()):
        raise ValueError(f"fault catalog-unhealthy: no source {lost.difference(sources())}; there are {sources()}")
    return lost


def strangers(catalog: str, faults: Iterable[Object]) -> list[Object]:
    """Return what someone else has installed, from `{fault: strangers-upgrade, package: …, csv: …, namespace: …}`.

    An installed CSV and its Subscription with manual approval: OLM's next plan for the namespace carries the upgrade.
    Raises ValueError when the catalogue has no such package or CSV.
    """
    found = []
    for fault in (fault for fault in faults if fault["fault"] == "strangers-upgrade"):
        package = next((p for s in sources() for p in _packages(catalog, s) if p["name"] == fault["package"]), None)
        entry = next((e for e in package["entries"] if e["csv"] == fault["csv"]), None) if package else None
        if not package or not entry:
            wanted = f"{fault['package']} {fault['csv']}"
            raise ValueError(f"fault strangers-upgrade: the catalogue '{catalog}' has no {wanted}")
        found += _installed(package, entry, fault["namespace"])
    return found


def _installed(package: Object, entry: Object, namespace: str) -> list[Object]:
    """Return what an install plan of the past has left in `namespace`: account, rights, CSV and Subscription."""
    account = {"name": package["service_account"], "namespace": namespace}
    csv = bundle.cluster_service_version(package, entry, [])
    csv["metadata"]["namespace"] = namespace
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account},
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": entry["csv"]},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"kind": "ServiceAccount", **account}],
        },
        csv,
        {
            "apiVersion": "operators.coreos.com/v1alpha1",
            "kind": "Subscription",
            "metadata": {"name": package["name"], "namespace": namespace},
            "spec": {
                "name": package["name"],
                "channel": package["default"],
                "source": package["source"],
                "sourceNamespace": NAMESPACE,
                "installPlanApproval": "Manual",
                "startingCSV": entry["csv"],
            },
            "status": {
                "currentCSV": entry["csv"],
                "installedCSV": entry["csv"],
                "state": "AtLatestKnown",
                "lastUpdated": "2022-12-01T08:00:00Z",
            },
        },
    ]


@cache
def _read(name: str) -> Any:
    path = CATALOGS / f"{name}.yaml"
    if not path.is_file():
        raise ValueError(f"there is no {path}")
    return yaml.safe_load(path.read_text())


def _packages(catalog: str, source: str) -> Iterator[Object]:
    """Yield the packages of one source: what a package is, with `name`, `source`, `default`, `channels`, `entries`."""
    for name, offered in _read(catalog)[source].items():
        entries: dict[str, Object] = {}
        for entry in (entry for channel in offered["channels"].values() for entry in channel):
            entries.setdefault(entry["csv"], entry)
        what = _read("packages")[name]
        yield {**what, **offered, "name": name, "source": source, "entries": list(entries.values())}


def _failures(faults: Iterable[Object]) -> dict[str, str]:
    """Return the reason for which OLM shall refuse an operator's CSV, by operator."""
    failures = {fault["operator"]: fault["reason"] for fault in faults if fault["fault"] == "csv-failed"}
    known = {package["operator"] for package in _read("packages").values()}
    if not known.issuperset(failures):
        raise ValueError(f"fault csv-failed: no operator {failures.keys() - known}; there are {sorted(known)}")
    return failures


def _blobs(package: Object, definitions: Definitions, failures: dict[str, str], images: set[str]) -> Iterator[Object]:
    """Yield the parts of a file-based catalogue for one package."""
    yield {"schema": "olm.package", "name": package["name"], "defaultChannel": package["default"]}
    for channel, entries in package["channels"].items():
        edges = [{"name": entry["csv"], **bundle.upgrade_edges(entry)} for entry in entries]
        yield {"schema": "olm.channel", "package": package["name"], "name": channel, "entries": edges}
    owned = definitions.load(*package.get("owns", []))
    for entry in package["entries"]:
        whole = bundle.catalog_blob(package, entry, owned, failures.get(package["operator"]))
        yield bundle.as_image(whole) if package["operator"] in images else whole


def _package_manifest(package: Object, definitions: Definitions) -> Object:
    source = _read("sources")[package["source"]]
    owned = definitions.load(*package.get("owns", []))
    provider = {"name": package["provider"]}
    return {
        "apiVersion": "packages.operators.coreos.com/v1",
        "kind": "PackageManifest",
        "metadata": {
            "name": package["name"],
            "namespace": NAMESPACE,
            "labels": {
                "catalog": package["source"],
                "catalog-namespace": NAMESPACE,
                "operatorframework.io/arch.amd64": "supported",
                "operatorframework.io/os.linux": "supported",
                "provider": package["provider"].replace(",", "").replace(" ", "-").rstrip("."),
                "provider-url": "",
            },
        },
        "spec": {},
        "status": {
            "catalogSource": package["source"],
            "catalogSourceDisplayName": source["display_name"],
            "catalogSourceNamespace": NAMESPACE,
            "catalogSourcePublisher": source["publisher"],
            "channels": [
                _manifest_channel(package, name, entries, owned) for name, entries in package["channels"].items()
            ],
            "defaultChannel": package["default"],
            "packageName": package["name"],
            "provider": provider,
        },
    }


def _manifest_channel(package: Object, name: str, entries: list[Object], owned: list[Object]) -> Object:
    head = bundle.cluster_service_version(package, entries[-1], owned)
    spec = head["spec"]
    return {
        "name": name,
        "currentCSV": entries[-1]["csv"],
        "currentCSVDesc": {
            "annotations": head["metadata"]["annotations"],
            "customresourcedefinitions": spec["customresourcedefinitions"],
            "displayName": spec["displayName"],
            "installModes": spec["installModes"],
            "provider": spec["provider"],
            "version": spec["version"],
        },
        "entries": [{"name": entry["csv"], "version": bundle.version_of(entry)} for entry in reversed(entries)],
    }
