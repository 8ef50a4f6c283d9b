"""An operator's bundle: its ClusterServiceVersion and definitions, as a file-based catalogue carries them."""

from __future__ import annotations

import base64
import json

from sandbox.kube import Object

OPERATOR_LABEL = "sandbox.seldon/operator"
# A container in front of the metrics, not the operator itself.
SIDECAR = "kube-rbac-proxy"
INSTALL_MODES = ("OwnNamespace", "SingleNamespace", "MultiNamespace", "AllNamespaces")


def version_of(entry: Object) -> str:
    """Return the version of a channel's entry: `version`, else what follows the CSV's first dot, without a `v`."""
    return str(entry.get("version") or entry["csv"].split(".", 1)[1].removeprefix("v"))


def upgrade_edges(entry: Object) -> Object:
    """Return what the entry replaces and skips, in the words of a file-based catalogue."""
    words = {"replaces": "replaces", "skips": "skips", "skip_range": "skipRange"}
    return {word: entry[key] for key, word in words.items() if key in entry}


def catalog_blob(package: Object, entry: Object, owned: list[Object], failure: str | None) -> Object:
    """Return the `olm.bundle` of one version; with a `failure`, a reason of OLM, its CSV fails for it.

    Without an image, OLM takes the bundle's objects from the catalogue: no pod has to unpack anything.
    Raises ValueError for a reason that no bundle can cause here.
    """
    csv = cluster_service_version(package, entry, owned)
    if failure:
        _spoil(csv, failure)
    identity = {"packageName": package["name"], "version": version_of(entry)}
    kinds = [
        {"type": "olm.gvk", "value": {"group": crd["spec"]["group"], "version": version, "kind": _kind(crd)}}
        for crd in owned
        for version in _served(crd)
    ]
    objects = [
        {"type": "olm.bundle.object", "value": {"data": base64.b64encode(json.dumps(obj).encode()).decode()}}
        for obj in (csv, *owned)
    ]
    return {
        "schema": "olm.bundle",
        "name": entry["csv"],
        "package": package["name"],
        "image": "",
        "properties": [{"type": "olm.package", "value": identity}, *kinds, *objects],
    }


def image_of(entry: Object) -> str:
    """Return the image of a version's bundle."""
    return f"sandbox.invalid/bundle/{entry['csv']}"


def as_image(blob: Object) -> Object:
    """Return an `olm.bundle` whose objects are in its image alone: OLM lets a job unpack that."""
    properties = [each for each in blob["properties"] if each["type"] != "olm.bundle.object"]
    return {**blob, "image": image_of({"csv": blob["name"]}), "properties": properties}


def _spoil(csv: Object, failure: str) -> None:
    """Change the CSV so that OLM itself fails it for the reason `failure`."""
    if failure == "InstallComponentFailed":
        # The API server refuses a Deployment whose selector misses its own pods; OLM tries again and again.
        for deployment in csv["spec"]["install"]["spec"]["deployments"]:
            deployment["spec"]["template"]["metadata"]["labels"]["name"] = "spoilt-by-a-fault"
    elif failure == "UnsupportedOperatorGroup":
        for mode in csv["spec"]["installModes"]:
            mode["supported"] = False
    else:
        raise ValueError(f"fault csv-failed: unknown reason {failure}")


def cluster_service_version(package: Object, entry: Object, owned: list[Object]) -> Object:
    """Return the ClusterServiceVersion of one version of a package; `owned` are the definitions it brings."""
    annotations = {"capabilities": "Seamless Upgrades"}
    if "skip_range" in entry:
        annotations["olm.skipRange"] = entry["skip_range"]
    if "suggested_namespace" in package:
        annotations["operatorframework.io/suggested-namespace"] = package["suggested_namespace"]
    account = package["service_account"]
    everything = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}
    described = [
        {"name": crd["metadata"]["name"], "version": version, "kind": _kind(crd), "displayName": _kind(crd)}
        for crd in owned
        for version in _served(crd)
    ]
    return {
        "apiVersion": "operators.coreos.com/v1alpha1",
        "kind": "ClusterServiceVersion",
        "metadata": {"name": entry["csv"], "annotations": annotations},
        "spec": {
            "displayName": package["display_name"],
            "description": package["display_name"],
            "provider": {"name": package["provider"]},
            "version": version_of(entry),
            **{key: value for key, value in upgrade_edges(entry).items() if key != "skipRange"},
            "maturity": "stable",
            "installModes": [{"type": mode, "supported": mode in package["install_modes"]} for mode in INSTALL_MODES],
            "customresourcedefinitions": {"owned": described},
            "install": {
                "strategy": "deployment",
                "spec": {
                    "clusterPermissions": [{"serviceAccountName": account, "rules": [everything]}],
                    "deployments": [_deployment(package, row, version_of(entry)) for row in package["deployments"]],
                },
            },
            **({"webhookdefinitions": package["webhooks"]} if "webhooks" in package else {}),
        },
    }


def _deployment(package: Object, row: Object, version: str) -> Object:
    """Return a strategy's deployment; `label` is what OLM puts on the Deployment itself."""
    name = row["name"].format(version=version)
    label = {OPERATOR_LABEL: package["operator"]}
    return {
        "name": name,
        "label": label,
        "spec": {
            "replicas": row.get("replicas", 1),
            "selector": {"matchLabels": {"name": name}},
            "template": {
                "metadata": {"labels": {"name": name, **label, **row.get("pod_labels", {})}},
                "spec": {
                    "serviceAccountName": package["service_account"],
                    "containers": [_container(row, container, version) for container in row["containers"]],
                    "volumes": [{"name": title, **_source(volume)} for title, volume in row.get("volumes", {}).items()],
                },
            },
        },
    }


def _container(row: Object, name: str, version: str) -> Object:
    """Return a container; the environment, ports and volumes of the row are those of all but the sidecar."""
    container: Object = {"name": name, "image": f"sandbox.invalid/{name}:v{version}"}
    if name == SIDECAR:
        return container
    texts = {key: value.replace("{version}", version) for key, value in row.get("env", {}).items()}
    fields = {key: {"fieldRef": {"fieldPath": path}} for key, path in row.get("fields", {}).items()}
    return container | {
        "env": [
            *({"name": key, "value": value} for key, value in texts.items()),
            *({"name": key, "valueFrom": source} for key, source in fields.items()),
        ],
        "ports": [{"name": title, "containerPort": port} for title, port in row.get("ports", {}).items()],
        "volumeMounts": [{"name": title, "mountPath": it["at"]} for title, it in row.get("volumes", {}).items()],
    }


def _source(volume: Object) -> Object:
    return {key: value for key, value in volume.items() if key != "at"}


def _kind(crd: Object) -> str:
    return str(crd["spec"]["names"]["kind"])


def _served(crd: Object) -> list[str]:
    return [version["name"] for version in crd["spec"]["versions"] if version["served"]]
