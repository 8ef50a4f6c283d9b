# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Reading what support asks for: objects, events, ends of logs, versions; and what could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from ..kube.client import Client
from ..kube.connection import THREADS
from ..kube.discovery import KNOWN, group_version_path
from ..kube.errors import ApiError, EngineError
from ..kube.kinds import (
    API_SERVICE,
    CLUSTER_INGRESS,
    CLUSTER_OPERATOR,
    CLUSTER_SERVICE_VERSION,
    CLUSTER_VERSION,
    INFRASTRUCTURE,
    MUTATING_WEBHOOKS,
    NAMESPACE,
    NODE,
    POD,
    SECRET,
    STORAGE_CLASS,
    SUBSCRIPTION,
    VALIDATING_WEBHOOKS,
)
from ..kube.objects import Kind, Object, Objects, Reference, section
from ..kube.polling import Progress
from ..kube.rights import Right, is_forbidden, lacking, refusal
from ..olm.model import COPIED
from .redact import redacted, scrubber

# Everything that this collection meets, but what is asked only (reviews) or belongs to the whole cluster.
NO_OBJECTS = ("authorization.k8s.io/v1", "packages.operators.coreos.com/v1", "project.openshift.io/v1")
NO_KINDS = ("Lease", "Template")
CLUSTER_WIDE = (
    API_SERVICE,
    CLUSTER_INGRESS,
    CLUSTER_OPERATOR,
    CLUSTER_VERSION,
    INFRASTRUCTURE,
    MUTATING_WEBHOOKS,
    NAMESPACE,
    NODE,
    STORAGE_CLASS,
    VALIDATING_WEBHOOKS,
)
UNSURE = "values of Secrets that could not be read are taken out only where they look like secrets"
# OLM copies each version into every namespace.
SELECTORS = {CLUSTER_SERVICE_VERSION: f"!{COPIED}"}


@dataclass
class Missing:
    """What could not be read. lines: what, and why, one each; lacking: the rights without which that is so."""

    lines: list[str] = field(default_factory=list)
    lacking: dict[Right, None] = field(default_factory=dict)

    def add(self, what: str, error: EngineError) -> None:
        """Note that something could not be read; what the cluster does not serve is not missing."""
        if not isinstance(error, ApiError):
            self.lines.append(f"{what}: {error}")
        elif error.status != 404:
            self.lines.append(f"{what}: {refusal(error) if is_forbidden(error) else error}")
            if is_forbidden(error) and (right := lacking(error)):
                self.lacking[right] = None


@dataclass
class Findings:
    """What was read, without secrets. objects: by (namespace, group and kind); logs: by (namespace, pod, container)."""

    objects: dict[tuple[str, str], Objects] = field(default_factory=dict)
    logs: dict[tuple[str, str, str], str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    lacking: list[Right] = field(default_factory=list)


def homes(client: Client, packages: Iterable[str], missing: Missing) -> set[str]:
    """Return the namespaces in which these packages are subscribed. Raises EngineError when nothing can be read."""
    wanted = set(packages)
    try:
        subscriptions = client.list(SUBSCRIPTION)
    except ApiError as error:
        missing.add("the namespaces of the operators", error)
        return set()
    return {s["metadata"]["namespace"] for s in subscriptions if section(s, "spec").get("name") in wanted}


def gather(client: Client, namespaces: Iterable[str], log_lines: int, progress: Progress, missing: Missing) -> Findings:
    """Read everything of the namespaces (those that exist), and what of the cluster explains it.

    log_lines: of each container's log, from its end. Raises EngineError only when the cluster can't be reached at all.
    """
    wanted = _existing(client, namespaces, missing)
    with ThreadPoolExecutor(THREADS) as pool:
        kinds = [kind for served in pool.map(lambda v: _served(client, v, missing), _versions()) for kind in served]
        targets = [(kind, namespace) for kind in kinds for namespace in wanted]
        targets += [(kind, "") for kind in CLUSTER_WIDE]
        progress(f"reading {len(kinds)} kinds in {len(wanted)} namespaces")
        read = list(pool.map(lambda target: _objects(client, target[0], target[1], missing), targets))
        found = {target: objects for target, objects in zip(targets, read) if objects}
        pods = [pod for (kind, dummy), objects in found.items() if kind == POD for pod in objects]
        progress(f"reading the logs of {len(pods)} pods")
        ends = pool.map(lambda pod: list(_logs(client, pod, log_lines, missing)), pods)
        logs = dict(entry for entries in ends for entry in entries)
    if any(right.resource == "secrets" for right in missing.lacking):
        missing.lines.append(UNSURE)
    scrub = scrubber(s for (kind, dummy), objects in found.items() if kind == SECRET for s in objects)
    progress("taking out what is secret")
    return Findings(
        {
            (namespace, kind.qualified): [redacted(obj, scrub) for obj in objects]
            for (kind, namespace), objects in found.items()
        },
        {place: scrub(text) for place, text in logs.items()},
        sorted(map(scrub, missing.lines)),
        list(missing.lacking),
    )


def _existing(client: Client, namespaces: Iterable[str], missing: Missing) -> list[str]:
    """Return those of the namespaces that exist; all of them, when nobody may tell."""
    try:
        existing = {n["metadata"]["name"] for n in client.list(NAMESPACE)}
    except ApiError as error:
        if not is_forbidden(error):
            raise
        missing.add("which namespaces exist", error)
        return sorted(set(namespaces))
    missing.lines += [f"namespace {name} does not exist" for name in sorted(set(namespaces) - existing)]
    return sorted(existing & set(namespaces))


def _versions() -> list[str]:
    return sorted({kind.api_version for kind, resource in KNOWN.items() if resource.namespaced} - set(NO_OBJECTS))


def _served(client: Client, api_version: str, missing: Missing) -> list[Kind]:
    """Return which of the known kinds of a group-version the cluster serves."""
    try:
        answer = client.request("GET", group_version_path(api_version))
    except EngineError as error:
        missing.add(api_version, error)
        return []
    served = {entry["kind"] for entry in answer.get("resources") or []}
    known = (kind for kind, resource in KNOWN.items() if kind.api_version == api_version and resource.namespaced)
    return [kind for kind in known if kind.name in served and kind.name not in NO_KINDS]


def _objects(client: Client, kind: Kind, namespace: str, missing: Missing) -> Objects:
    try:
        return client.list(kind, namespace or None, label_selector=SELECTORS.get(kind))
    except EngineError as error:
        missing.add(f"{kind.qualified}{f' in {namespace}' if namespace else ''}", error)
        return []


def _logs(client: Client, pod: Object, lines: int, missing: Missing) -> Iterator[tuple[tuple[str, str, str], str]]:
    """Yield the ends of the logs of a pod's containers, and of those that ended before."""
    metadata, status = pod["metadata"], section(pod, "status")
    statuses = [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]
    path = client.path(Reference.of(pod)) + "/log"
    for container in statuses:
        ended = ["true"] if section(container, "lastState", "terminated") else []
        for previous in ["false", *ended]:
            query: dict[str, str | None] = {
                "container": container["name"],
                "tailLines": str(lines),
                "previous": previous,
            }
            name = f"{container['name']}{'-before' if previous == 'true' else ''}"
            try:
                text = client.text(path, query)
            except EngineError as error:
                text = f"cannot be read: {error}\n"
                if is_forbidden(error):
                    missing.add(f"log of {metadata['namespace']}/{metadata['name']}/{name}", error)
            yield (metadata["namespace"], metadata["name"], name), text
