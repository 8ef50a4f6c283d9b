# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Kinds of the platform: Route, PersistentVolumeClaim, TemplateInstance, Prometheus, webhook configurations."""

from __future__ import annotations

from collections.abc import Sequence

from ..kube.objects import Object, condition, condition_text, section
from ..shared.template_instance import OWNER, is_complete
from .state import Failed, Progressing, Ready, State
from .workloads import deployment_config

DEFAULT_ROUTER = "default"


def route(obj: Object) -> State:
    """Judge a Route by the default router's verdict (or any router's, on a cluster without one of that name)."""
    entries = section(obj, "status").get("ingress") or []
    entries = [e for e in entries if e.get("routerName") == DEFAULT_ROUTER] or entries
    verdicts = [c for e in entries for c in e.get("conditions") or [] if c.get("type") == "Admitted"]
    if any(verdict.get("status") == "True" for verdict in verdicts):
        return Ready(entries[0].get("host", ""))
    refused = next((verdict for verdict in verdicts if verdict.get("status") == "False"), None)
    if refused is None:
        return Progressing("no router has answered yet")
    # A router answers within seconds of a change; what it refused by name stays refused.
    return Failed(condition_text(refused, "refused by the router"), after=10)


def claim(obj: Object) -> State:
    """Judge a PersistentVolumeClaim by its phase."""
    phase = section(obj, "status").get("phase", "Pending")
    if phase == "Lost":
        return Failed("phase Lost: its volume was deleted")
    return Ready(phase) if phase == "Bound" else Progressing(f"phase {phase}")


def template_instance(obj: Object, related: Sequence[Object] = ()) -> State:
    """Judge a TemplateInstance; a failed one is never tried again.

    `related`: the DeploymentConfigs of its namespace. When its own run, it has failed for something else, or too early.
    """
    failure = condition(obj, "InstantiateFailure")
    if failure.get("status") == "True":
        own = [each for each in related if _instantiated_by(each, obj)]
        if is_complete(obj) and own and all(isinstance(deployment_config(each), Ready) for each in own):
            return Ready(f"runs; its instantiation had failed: {failure.get('message', '')}")
        return Failed(
            f"{condition_text(failure, 'instantiation failed')} (final: delete it and create it again)", recreate=True
        )
    ready = condition(obj, "Ready")
    return Ready() if ready.get("status") == "True" else Progressing(condition_text(ready, "not ready yet"))


def _instantiated_by(obj: Object, instance: Object) -> bool:
    uid = section(instance, "metadata").get("uid")
    return bool(section(obj, "metadata", "labels").get(OWNER) == uid)


def prometheus(obj: Object) -> State:
    """Judge a Prometheus by its pods; `Available` is True with none at all in prometheus-operator 0.57."""
    status, spec = section(obj, "status"), section(obj, "spec")
    wanted, available = spec.get("replicas", 1) * spec.get("shards", 1), status.get("availableReplicas", 0)
    reconciled, seen = condition(obj, "Reconciled"), f"{available}/{wanted} available"
    if reconciled.get("status") == "False":
        return Progressing(condition_text(reconciled, "not reconciled"))
    if available == wanted == status.get("updatedReplicas", 0):
        return Ready(seen)
    return Progressing(f"{seen}: {condition_text(condition(obj, 'Available'), 'not available yet')}")


def webhooks(obj: Object) -> State:
    """Judge a webhook configuration: some are installed empty, and the webhook's own process fills them in later.

    Until it has, the API server calls nobody, and what should have been completed or refused is stored as it came.
    """
    entries = obj.get("webhooks") or []
    silent = [
        entry.get("name", "")
        for entry in entries
        if not entry.get("rules") or not {"caBundle", "url"} & section(entry, "clientConfig").keys()
    ]
    if silent or not entries:
        return Progressing(f"without rules or authority yet: {', '.join(silent) or 'no webhook at all'}")
    return Ready()
