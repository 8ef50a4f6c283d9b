"""What a cluster holds of a run: to see what a later one changed, down to a label."""

from __future__ import annotations

import hashlib
import json

from sandbox.kube import ApiError, Kube, Object

# Who writes for a playbook: the engine, and Helm, which writes its releases by another name.
MANAGERS = {"seldon.openshift", "helm", "Helm"}
# Large or many, and of OLM and the cluster; of a CRD that a role applies, `changed` tells.
NOT_READ = {"ClusterServiceVersion", "CustomResourceDefinition", "Event", "InstallPlan", "PackageManifest"}
TEMPLATE_OWNER = "template.openshift.io/template-instance-owner"
# What the API server counts, and notes about each writer: they say that somebody wrote, not what is there.
COUNTED = ("managedFields", "resourceVersion", "generation")


def contents(kube: Kube) -> dict[str, str]:
    """Return a digest of all that a run has written to, by kind and name: everything but the status.

    The status is left out because operators write it whenever they look (a ClusterLogForwarder's every few seconds).
    Nothing else of these objects changes by itself.
    """
    objects = (obj for kind in written_kinds(kube) for obj in kube.list(*kind) if _is_of_a_run(obj))
    return {_name(obj): _digest(obj) for obj in objects}


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """Return what came, went or was written."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def written_kinds(kube: Kube) -> list[tuple[str, str]]:
    """Return every kind that can be listed and written, in the first version that its group offers it in."""
    groups = kube.request("GET", "/apis")["groups"]
    versions = ["v1", *(version["groupVersion"] for group in groups for version in group["versions"])]
    found: dict[tuple[str, str], str] = {}
    for version in versions:
        for each in _resources(kube, version):
            if each["kind"] not in NOT_READ and "/" not in each["name"] and {"list", "update"} <= set(each["verbs"]):
                found.setdefault((version.rpartition("/")[0], each["kind"]), version)
    return [(version, kind) for (_group, kind), version in found.items()]


def _resources(kube: Kube, version: str) -> list[Object]:
    try:
        served: list[Object] = kube.request("GET", f"/apis/{version}" if "/" in version else f"/api/{version}")[
            "resources"
        ]
    except ApiError as error:
        if error.status not in (404, 503):  # an aggregated API whose server is away, or a kind that just went
            raise
        return []
    return served


def _is_of_a_run(obj: Object) -> bool:
    """Tell whether a run wrote it, or will: one of the template's Secrets is ours from the second run on."""
    if TEMPLATE_OWNER in (obj["metadata"].get("labels") or {}):
        return True
    return any(entry.get("manager") in MANAGERS for entry in obj["metadata"].get("managedFields") or [])


def _name(obj: Object) -> str:
    metadata = obj["metadata"]
    return f"{obj['kind']} {metadata.get('namespace')}/{metadata['name']}"


def _digest(obj: Object) -> str:
    metadata = {key: value for key, value in obj["metadata"].items() if key not in COUNTED}
    content = {**{key: value for key, value in obj.items() if key != "status"}, "metadata": metadata}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
