# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The Subscription: request it, adopt it, or bring it to what is wanted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..kube.kinds import SUBSCRIPTION
from ..kube.objects import Object, section
from ..readiness.state import Failed
from .catalog import channel, entries, manifest
from .model import Operator, Snapshot, Write, labelled

LEAVING = ("Replacing", "Deleting")


def subscription_step(operator: Operator, snapshot: Snapshot) -> Write | Failed | None:
    """Return the write that makes the Subscription what it should be, why there can be none, or None."""
    found = [s for s in snapshot.subscriptions if section(s, "spec").get("name") == operator.name]
    if len(found) > 1:
        names = ", ".join(sorted(s["metadata"]["name"] for s in found))
        return Failed(
            f"namespace {operator.namespace} has {len(found)} Subscriptions to {operator.name} ({names}), which OLM "
            f"cannot resolve; delete one: oc delete subscription NAME -n {operator.namespace}"
        )
    if found:
        return _patch(operator, found[0])
    return _create(operator, snapshot)


def orphans(operator: Operator, snapshot: Snapshot) -> list[str]:
    """Return the installed versions of this package that no Subscription refers to."""
    referred = {section(s, "status").get(key) for s in snapshot.subscriptions for key in ("installedCSV", "currentCSV")}
    package = manifest(operator, snapshot)
    found = channel(package, operator.channel) if package else None
    known = {operator.starting_csv, *(entries(found) if found else ())}
    return sorted(
        version["metadata"]["name"]
        for version in snapshot.own_versions()
        if version["metadata"]["name"] not in referred
        and (version["metadata"]["name"] in known or operator.name == package_of(version))
    )


def package_of(version: Object) -> str | None:
    """Return the package that a CSV says it comes from (annotation of OLM), or None."""
    annotation = section(version, "metadata", "annotations").get("operatorframework.io/properties")
    try:
        properties = json.loads(annotation or "{}").get("properties") or []
    except ValueError:
        return None
    values = (p.get("value") or {} for p in properties if p.get("type") == "olm.package")
    return next((value.get("packageName") for value in values if isinstance(value, dict)), None)


def merged_config(live: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return `live` with what is wanted: our variables of `env` by name, foreign ones kept; other keys replaced."""
    merged = {**live, **wanted}
    if "env" in wanted:
        ours = {entry["name"]: entry for entry in wanted["env"]}
        kept = [ours.pop(entry["name"], entry) for entry in live.get("env") or []]
        merged["env"] = [*kept, *ours.values()]
    return merged


def _create(operator: Operator, snapshot: Snapshot) -> Write:
    package = manifest(operator, snapshot)
    if package is None:
        raise ValueError(f"{operator.title}: requested before its package was checked")
    status = section(package, "status")
    spec: Object = {
        "name": operator.name,
        "channel": operator.channel or status["defaultChannel"],
        "source": operator.source or status["catalogSource"],
        "sourceNamespace": operator.source_namespace,
        "installPlanApproval": operator.approval or "Automatic",
    }
    if operator.starting_csv:
        spec["startingCSV"] = operator.starting_csv
    if operator.config:
        spec["config"] = dict(operator.config)
    reference = SUBSCRIPTION.named(operator.name, operator.namespace)
    obj = {**labelled(reference), "spec": spec}
    return Write("create", obj, f"create {reference}, channel {spec['channel']}")


def _patch(operator: Operator, live: Object) -> Write | None:
    # What OLM takes a missing approval for.
    spec = {"installPlanApproval": "Automatic", **section(live, "spec")}
    wanted: Object = {}
    if operator.approval:
        wanted["installPlanApproval"] = operator.approval
    if operator.channel:
        wanted["channel"] = operator.channel
    if operator.source:
        wanted.update(source=operator.source, sourceNamespace=operator.source_namespace)
    if operator.config:
        wanted["config"] = merged_config(spec.get("config") or {}, operator.config)
    # OLM reads startingCSV only while nothing is installed.
    if operator.starting_csv and not section(live, "status").get("installedCSV"):
        wanted["startingCSV"] = operator.starting_csv
    changes = {key: value for key, value in wanted.items() if spec.get(key) != value}
    if not changes:
        return None
    reference = SUBSCRIPTION.named(live["metadata"]["name"], live["metadata"]["namespace"])
    said = f"set {', '.join(sorted(changes))} of {reference}"
    return Write("patch", reference.bare(), said, {"spec": changes})
