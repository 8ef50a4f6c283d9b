"""What argocd-operator 0.5 writes into the status of an ArgoCD: single words, no conditions, no observedGeneration."""

from __future__ import annotations

from sandbox.kube import Object
from sandbox.simulator.objects import condition

# Status field: kind and name suffix of the workload that it tells of, in the order of writing.
COMPONENTS = {
    "applicationController": ("StatefulSet", "application-controller"),
    "dex": ("Deployment", "dex-server"),
    "redis": ("Deployment", "redis"),
    "repo": ("Deployment", "repo-server"),
    "server": ("Deployment", "server"),
}


def sso_config(spec: Object) -> str:
    """Return Success, Failed (what spec.sso and the deprecated spec.dex say differs) or Unknown (neither is there)."""
    sso, deprecated = spec.get("sso") or {}, spec.get("dex")
    if sso.get("provider") == "dex":
        agree = sso.get("dex") and deprecated in (None, sso["dex"])
        return "Success" if agree else "Failed"
    return "Success" if sso.get("provider") or deprecated else "Unknown"


def wants_dex(spec: Object) -> bool:
    """Tell whether Dex runs; a provider that the operator does not know is accepted and removes it."""
    provider = (spec.get("sso") or {}).get("provider")
    return provider == "dex" or (not provider and bool(spec.get("dex")))


def component(workload: Object | None) -> str:
    """Return Unknown (absent), Pending or Running."""
    if workload is None:
        return "Unknown"
    ready = workload.get("status", {}).get("readyReplicas", 0) == workload["spec"]["replicas"]
    return "Running" if ready else "Pending"


def phase(status: Object) -> str:
    """Return the phase that follows from the components; Dex does not count."""
    counted = (status.get(field) for field in COMPONENTS if field != "dex")
    return "Available" if all(state == "Running" for state in counted) else "Pending"


def host_and_phase(route: Object | None) -> tuple[str, str]:
    """Return the host and the phase that follow from the Route alone; this phase overwrites the components'."""
    if route is None:
        return "", "Available"
    entries = route.get("status", {}).get("ingress") or [{}]
    admitted = condition({"status": entries[0]}, "Admitted").get("status") == "True"
    return (entries[0]["host"], "Available") if admitted else ("", "Pending")
