# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""OpenShift GitOps 1.7 (argoproj.io): ArgoCD and Application."""

from __future__ import annotations

from ..kube.objects import Object, section
from .comparison import COMPARES_SECONDS, FOLDER, REFUSED, trouble
from .state import Failed, Progressing, Ready, State

COMPONENTS = ("applicationController", "redis", "repo", "server")


def argocd(obj: Object) -> State:
    """Judge an ArgoCD by each of its components; its phase flips, and is Available with nothing running."""
    status = section(obj, "status")
    if not status:
        return Progressing("no status yet")
    sso_config = status.get("ssoConfig")
    if sso_config == "Failed":
        return Failed("ssoConfig Failed: spec.sso and the deprecated spec.dex contradict each other", after=10)
    dex = section(obj, "spec", "sso").get("provider") == "dex" or section(obj, "spec", "dex").get("openShiftOAuth")
    wanted = (*COMPONENTS, "dex") if dex else COMPONENTS
    waiting = [f"{name} {status.get(name, 'not reported')}" for name in wanted if status.get(name) != "Running"]
    if dex and sso_config != "Success":
        waiting.append(f"ssoConfig {sso_config or 'not reported'}")
    if waiting:
        return Progressing(", ".join(waiting))
    host = status.get("host", "")
    if section(obj, "spec", "server", "route").get("enabled") and not host:
        return Progressing("all components run; its Route is not admitted yet (no host)")
    return Ready(host)


def application(obj: Object, compared: bool = False) -> State:
    """Judge an Application: synced and healthy, or with `compared` only whether Argo CD can read its repository.

    A folder that is missing counts as read: Seldon Deploy makes it with the first model.
    """
    status = section(obj, "status")
    sync, health = section(status, "sync").get("status"), section(status, "health").get("status")
    if sync == "Synced" and health == "Healthy":
        return Ready()
    if wrong := trouble(obj):
        if wrong.verdict == REFUSED:
            return Failed(f"{wrong.seen}; next: {wrong.do}", after=COMPARES_SECONDS)
        if compared and wrong.verdict == FOLDER:
            return Ready("the repository has no folder for it yet")
    elif compared and sync in ("Synced", "OutOfSync"):
        return Ready(f"sync {sync}")
    problems = "; ".join(f"{c.get('type')}: {c.get('message')}" for c in status.get("conditions") or [])
    return Progressing(f"sync {sync}, health {health}" + (f" ({problems})" if problems else ""))
