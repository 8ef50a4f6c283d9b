# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Kinds without a rule of their own, and a condition that the caller names."""

from __future__ import annotations

from ..kube.objects import Object, condition, condition_text, section
from .state import Failed, Progressing, Ready, State, stale


def by_condition(obj: Object) -> State:
    """Follow the condition `Ready`, or `Available` where there is no `Ready` (the Kubernetes API conventions)."""
    waiting = stale(obj)
    if waiting:
        return waiting
    found = condition(obj, "Ready") or condition(obj, "Available")
    if not found:
        return Progressing("has neither a Ready nor an Available condition; name the one to wait for with 'condition'")
    return _compare(found, "True", None)


def present(_obj: Object) -> State:
    """Judge what has no status: being there is all."""
    return Ready()


def wanted_condition(obj: Object, kind: str, status: str = "True", reason: str | None = None) -> State:
    """Follow the condition of type `kind` until it has `status` and, when given, `reason`."""
    found = condition(obj, kind)
    if not found:
        return stale(obj) or Progressing(f"has no condition {kind} yet")
    return stale(obj) or _compare(found, status, reason)


def _compare(found: Object, status: str, reason: str | None) -> State:
    said = condition_text(found, f"{found.get('type')} is {found.get('status')}")
    if found.get("status") == status and reason in (None, found.get("reason")):
        return Ready(said)
    return Progressing(said)


def crd(obj: Object) -> State:
    """Judge a CustomResourceDefinition: names accepted and served."""
    names = condition(obj, "NamesAccepted")
    if names.get("status") == "False":
        # Names are released a moment after the CRD that held them is deleted.
        return Failed(condition_text(names, "its names are taken by another CRD"), after=30)
    established = condition(obj, "Established")
    return (
        Ready()
        if established.get("status") == "True"
        else Progressing(condition_text(established, "not established yet"))
    )


def namespace(ns: Object) -> State:
    """Judge a Namespace by its phase."""
    phase = section(ns, "status").get("phase")
    return Ready(phase) if phase == "Active" else Progressing(f"phase {phase or 'not set yet'}")
