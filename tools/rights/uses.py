"""What a user did, from the API server's audit log: each thing once, and where it counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

CLUSTER, INSTALLATION, OPERATORS, MODELS = "cluster", "installation", "operators", "models"
# These are on every cluster before an installation, so that a Role can be made there.
PLATFORM = frozenset(
    {
        "kube-system",
        "openshift",
        "openshift-config",
        "openshift-config-managed",
        "openshift-marketplace",
        "openshift-monitoring",
        "openshift-operators",
        "openshift-user-workload-monitoring",
    }
)
# Playbooks that create or delete namespaces: their rights count in all of the installation's.
MAKING = frozenset({"site", "uninstall"})
# Those, and what reads alike whatever is in them.
ALIKE = MAKING | {"doctor"}
# The namespaces for models by default.
_MODELS = frozenset({"seldon", "seldon-gitops"})
# Everybody may ask what he may do.
_EVERYBODYS = "authorization.k8s.io"
Event = Mapping[str, Any]


@dataclass(frozen=True, order=True)
class Use:
    """A verb on a resource.

    where: `cluster`; `installation`, `operators` or `models` (any namespace of these); or a namespace. name: of the
    one object, empty for a verb on all of them. chapter: for which it was; `` for every run, None when that is to be
    told by who else uses the resource.
    """

    where: str
    group: str
    resource: str
    verb: str
    name: str = ""
    chapter: str | None = ""


def uses(events: Iterable[Event], chapter_at: Callable[[float], str | None], models: Iterable[str] = ()) -> set[Use]:
    """Return what these audit events show; `models` are namespaces that this run prepared for models."""
    return {use for event in events for use in _of(event, chapter_at, frozenset(models))}


def _of(event: Event, chapter_at: Callable[[float], str | None], models: frozenset[str]) -> Iterable[Use]:
    reference = event.get("objectRef") or {}
    group, resource = reference.get("apiGroup", ""), reference.get("resource", "")
    if not resource or group == _EVERYBODYS:
        return
    if reference.get("subresource"):
        resource += f"/{reference['subresource']}"
    where = _where(reference.get("namespace", ""), models)
    chapter = chapter_at(_seconds(event["requestReceivedTimestamp"]))
    for verb in _verbs(event):
        yield Use(where, group, resource, verb, reference.get("name", ""), chapter)


def _where(namespace: str, models: frozenset[str]) -> str:
    if not namespace:
        return CLUSTER
    if namespace in models | _MODELS:
        return MODELS
    return OPERATORS if namespace.startswith("seldon-operator-") else namespace


def together(found: Iterable[Use]) -> set[Use]:
    """Return the uses of a playbook whose rights count in all namespaces of the installation alike."""
    kept = PLATFORM | {CLUSTER}
    return {use if use.where in kept else replace(use, where=INSTALLATION) for use in found}


def _verbs(event: Event) -> list[str]:
    verb = event["verb"]
    code = (event.get("responseStatus") or {}).get("code")
    # Who applies what is not there yet needs both.
    if verb == "patch" and code == 201:
        return ["patch", "create"]
    # Helm goes back, or on, by other verbs than that by which it came.
    if verb == "create" and str(event.get("userAgent", "")).startswith("Helm"):
        return ["create", "get", "patch", "delete"]
    return [verb]


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()
