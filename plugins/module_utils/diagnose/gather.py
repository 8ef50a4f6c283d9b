# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Reading what may explain why an object is not ready; a diagnosis never fails itself, it only gets shorter."""

from __future__ import annotations

from ..kube.client import Client
from ..kube.errors import EngineError
from ..kube.objects import Object, Objects, section
from .evidence import Evidence, explain, look_further

WORKLOADS = (
    ("apps/v1", "Deployment"),
    ("apps/v1", "ReplicaSet"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "DaemonSet"),
    ("v1", "ReplicationController"),
)


def diagnose(client: Client, obj: Object, deadline: float | None = None) -> list[str]:
    """Return lines that explain `obj` (of which apiVersion, kind and metadata must be there)."""
    namespace = obj["metadata"].get("namespace")
    if namespace is None and obj["kind"] != "Namespace":
        return explain(obj, Evidence())
    return explain(obj, evidence(client, namespace or obj["metadata"]["name"], deadline))


def evidence(client: Client, namespace: str, deadline: float | None = None) -> Evidence:
    """Return the Warning events, workloads, pods and claims of a namespace."""
    return Evidence(
        events=_list(client, "v1", "Event", namespace, "type=Warning", deadline),
        workloads=[w for version, kind in WORKLOADS for w in _list(client, version, kind, namespace, None, deadline)],
        pods=_list(client, "v1", "Pod", namespace, None, deadline),
        claims=_list(client, "v1", "PersistentVolumeClaim", namespace, None, deadline),
    )


def unpacking(client: Client, namespace: str, deadline: float | None = None) -> list[str]:
    """Return the failed jobs that unpack bundles in a catalogue's namespace, and how to have them tried again."""
    lines = []
    for job in _list(client, "batch/v1", "Job", namespace, None, deadline):
        failed = next((c for c in section(job, "status").get("conditions") or [] if c.get("type") == "Failed"), None)
        if failed and failed.get("status") == "True":
            name = job["metadata"]["name"]
            command = f"oc delete job,configmap {name} -n {namespace}"
            lines.append(f"unpack job {name} failed ({failed.get('reason')}); OLM tries again after: {command}")
    return lines


def paragraph(head: str, lines: list[str]) -> str:
    """Return a headline and its indented lines as one text, without those that only repeat the headline."""
    news = [line for line in lines if line.partition(": ")[2] not in head]
    return "\n".join([head, *(f"  {line}" for line in news)])


def absent(api_version: str, kind: str, name: str, namespace: str | None) -> str:
    """Return the command that shows an object which was never seen."""
    metadata = {"name": name, "namespace": namespace} if namespace else {"name": name}
    return look_further({"apiVersion": api_version, "kind": kind, "metadata": metadata})


def _list(
    client: Client, api_version: str, kind: str, namespace: str, selector: str | None, deadline: float | None
) -> Objects:
    try:
        return client.list(api_version, kind, namespace, field_selector=selector, deadline=deadline)
    except EngineError:
        return []
