# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""OpenShift Serverless 1.26: KnativeServing, KnativeEventing, Broker."""

from __future__ import annotations

from ..kube.objects import Object, condition, condition_text, section
from .state import Failed, Progressing, Ready, State, stale


def knative(component: Object) -> State:
    """Judge a KnativeServing or KnativeEventing."""
    waiting = stale(component, counted=True)
    if waiting:
        return waiting
    installed, migration = condition(component, "InstallSucceeded"), condition(component, "VersionMigrationEligible")
    if installed.get("status") == "False" and "must be installed into the namespace" in installed.get("message", ""):
        return Failed(condition_text(installed, ""))
    if migration.get("status") == "False":
        return Failed(condition_text(migration, "this change of version is not possible"))
    ready = condition(component, "Ready")
    version = section(component, "status").get("version")
    return (
        Ready(f"version {version}")
        if ready.get("status") == "True"
        else Progressing(condition_text(ready, "not ready yet"))
    )


def broker(obj: Object) -> State:
    """Judge a Broker; one that came before the eventing webhook had rules is never reconciled nor editable."""
    if not section(obj, "spec").get("config") and not section(obj, "status"):
        reason = (
            "accepted before the eventing webhook was ready, so no controller will reconcile it: delete and recreate it"
        )
        return Failed(reason, after=30, recreate=True)
    waiting = stale(obj)
    if waiting:
        return waiting
    ready = condition(obj, "Ready")
    if ready.get("status") != "True":
        return Progressing(condition_text(ready, "not ready yet"))
    return Ready(section(obj, "status", "address").get("url", ""))
