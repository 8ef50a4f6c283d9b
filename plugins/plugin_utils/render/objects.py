# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What tasks of seldon_apply, seldon_operator and seldon_release want: pure functions over their options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.apply.manifests import prepare, read, spread
from ansible_collections.seldon.openshift.plugins.module_utils.apply.remove import OWNER_LABEL
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import (
    NAMESPACE,
    OPERATOR_GROUP,
    SECRET,
    SUBSCRIPTION,
)
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Kind, Object, section
from ansible_collections.seldon.openshift.plugins.module_utils.olm.group import group_name
from ansible_collections.seldon.openshift.plugins.module_utils.olm.model import labelled
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.model import Manifest, Release, Secret, Wanted

Params = Mapping[str, Any]

# OpenShift makes these, the second with an OperatorGroup: a tree that held them could delete them.
_PLATFORM = ("default", "openshift-operators", "openshift", "kube-system")
GIVEN = "yours"


def applied(params: Params) -> Iterator[Wanted]:
    """Yield the objects of seldon_apply; a Secret among them without its values."""
    if params["state"] == "absent":
        return
    given = read(params["resources"], "resources")
    if params["namespaces"] is not None:
        given = spread(given, params["namespaces"])
    labels = {OWNER_LABEL: params["owner"]} if params["owner"] else None
    for obj in prepare(given, params["namespace"], labels):
        yield _secret(obj) if Kind.of(obj) == SECRET else Manifest(obj)


def _secret(obj: Object) -> Secret:
    metadata = obj["metadata"]
    keys = dict.fromkeys(section(obj, "data"), GIVEN)
    return Secret(metadata["namespace"], metadata["name"], keys, labels=section(metadata, "labels"))


def operators(params: Params) -> Iterator[Wanted]:
    """Yield the Namespace, OperatorGroup and Subscription of each operator. Raises EngineError without a catalogue."""
    if params["state"] == "absent":
        return
    for each in params["operators"]:
        home = each["namespace"]
        if home not in _PLATFORM:
            yield Manifest(labelled(NAMESPACE.named(home)))
            yield Manifest({**labelled(OPERATOR_GROUP.named(group_name(home), home)), "spec": _targets(each)})
        yield Manifest({**labelled(SUBSCRIPTION.named(each["name"], home)), "spec": _subscription(each)})


def _targets(operator: Params) -> Object:
    targets = sorted(operator["target_namespaces"] or ())
    return {"targetNamespaces": targets} if targets else {}


def _subscription(operator: Params) -> Object:
    if not operator["source"]:
        raise EngineError(
            f"operator {operator['name']}: only the cluster knows which catalogue offers it; give its source "
            "(and channel) in the list of operators of this role"
        )
    spec: Object = {"name": operator["name"], "source": operator["source"]}
    spec["sourceNamespace"] = operator["source_namespace"]
    spec["installPlanApproval"] = operator["approval"] or "Automatic"
    optional = {"channel": operator["channel"], "startingCSV": operator["starting_csv"], "config": operator["config"]}
    return {**spec, **{key: value for key, value in optional.items() if value}}


def release(params: Params) -> Iterator[Wanted]:
    """Yield the Helm release of seldon_release."""
    if params["state"] == "present":
        chart, version = params["chart_ref"], params["chart_version"]
        repository = params["chart_repo_url"] or ""
        yield Release(
            params["name"], params["namespace"], chart or "", repository, str(version or ""), params["values"] or {}
        )
