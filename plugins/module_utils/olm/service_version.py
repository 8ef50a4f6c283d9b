# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The ClusterServiceVersion: succeeded, progressing, or failed permanently."""

from __future__ import annotations

from ..kube.objects import Object, condition_text, section
from ..readiness.state import Failed, Progressing, Ready
from ..readiness.workloads import deployment
from .model import Installed, Operator, Snapshot

# What OLM never leaves by itself; the rest heals (slow image pulls, a late group ...), so it gets a grace period.
TERMINAL = (
    "CannotModifyStaticOperatorGroupProvidedAPIs",
    "InstallComponentFailedNoRetry",
    "InterOperatorGroupOwnerConflict",
    "InvalidInstallModes",
    "InvalidInstallStrategy",
    "InvalidStrategy",
    "InvalidWebhookDescription",
    "OwnerConflict",
    "TooManyOperatorGroups",
    "UnsupportedOperatorGroup",
)
COMPONENT_GRACE = 30.0
FAILED_GRACE = 180.0


def version_step(operator: Operator, csv: str, snapshot: Snapshot) -> Installed | Failed | Progressing:
    """Judge the CSV `csv`: done is Succeeded, its CRDs served, and `config.env` at work in its Deployments."""
    found = snapshot.version(csv)
    if found is None:
        return Progressing(f"waiting for OLM to create {csv}")
    status = section(found, "status")
    phase, reason = status.get("phase", ""), status.get("reason", "")
    said = f"{csv} is {phase or 'new'}"
    if phase == "Failed":
        grace = COMPONENT_GRACE if reason == "InstallComponentFailed" else FAILED_GRACE
        return Failed(f"{said} ({condition_text(status, 'no reason given')})", after=0 if reason in TERMINAL else grace)
    if phase != "Succeeded":
        unmet = _unmet(found)
        return Progressing(f"{said}, missing: {unmet}" if unmet and phase == "Pending" else said)
    missing = [name for name in owned_crds(found) if name not in snapshot.established]
    if missing:
        return Progressing(f"{csv} succeeded; not served yet: {', '.join(missing)}")
    waiting = _environment(operator, found, snapshot)
    if waiting:
        return waiting
    return Installed(csv=csv, version=section(found, "spec").get("version", ""), reason=f"{csv} installed")


def owned_crds(csv: Object) -> list[str]:
    """Return the names of the CustomResourceDefinitions that a CSV owns."""
    owned = section(csv, "spec", "customresourcedefinitions").get("owned") or []
    return list(dict.fromkeys(crd["name"] for crd in owned))  # one entry a version


def deployment_names(csv: Object) -> list[str]:
    """Return the names of a CSV's Deployments."""
    return [d["name"] for d in section(csv, "spec", "install", "spec").get("deployments") or []]


def _environment(operator: Operator, csv: Object, snapshot: Snapshot) -> Progressing | None:
    """Return why the wanted variables are not at work yet: OLM may make the Deployment first and add them later."""
    wanted = {entry["name"]: entry for entry in operator.config.get("env") or []}
    if not wanted:
        return None
    found = {d["metadata"]["name"]: d for d in snapshot.deployments}
    for name in deployment_names(csv):
        if name not in found:
            return Progressing(f"Deployment {name} does not exist yet")
        for container in section(found[name], "spec", "template", "spec").get("containers") or []:
            live = {entry["name"]: entry for entry in container.get("env") or []}
            missing = sorted(key for key, entry in wanted.items() if live.get(key) != entry)
            if missing:
                return Progressing(f"Deployment {name} does not carry {', '.join(missing)} yet")
        rolled = deployment(found[name])
        if not isinstance(rolled, Ready):
            return Progressing(f"Deployment {name}: {rolled.reason}")
    return None


def _unmet(csv: Object) -> str:
    requirements = section(csv, "status").get("requirementStatus") or []
    met = ("Present", "PresentNotSatisfied", "Satisfied")
    lines = (f"{r.get('kind')} {r.get('name')} ({r.get('status')})" for r in requirements if r.get("status") not in met)
    return ", ".join(lines)
