"""Who collects logs, and the cluster's own log store, which a new forwarder must not cut off."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.shared import cluster_logging as collecting
from ansible_collections.seldon.openshift.plugins.module_utils.shared import log_forwarder as logs

Object = dict[str, Any]
STORE = {"logStore": {"type": "elasticsearch"}, "visualization": {"type": "kibana"}}
FLUENTD = {"collection": {"logs": {"type": "fluentd"}}}


def existing(spec: Object, **labels: str) -> Object:
    metadata = {"name": "instance", "namespace": "openshift-logging", "uid": "1", "labels": labels}
    return {**collecting.cluster_logging("openshift-logging"), "metadata": metadata, "spec": spec}


@pytest.mark.parametrize(
    ("there", "then"),
    [
        ({}, {"managementState": "Managed", **FLUENTD}),
        (STORE, {"managementState": "Managed", **STORE, **FLUENTD}),
        ({"managementState": "Unmanaged"}, {"managementState": "Unmanaged", **FLUENTD}),
        ({"collection": {"type": "vector"}}, {"collection": {"type": "vector"}}),
        ({"collection": {"logs": {"type": "vector"}}}, {"collection": {"logs": {"type": "vector"}}}),
        ({**STORE, **FLUENTD}, {**STORE, **FLUENTD}),
        (
            {"collection": {"tolerations": []}},
            {"managementState": "Managed", "collection": {"tolerations": [], "logs": {"type": "fluentd"}}},
        ),
    ],
)
def test_an_existing_clusterlogging_only_gets_the_collectors_that_it_lacks(there: Object, then: Object) -> None:
    assert collecting.with_collector("fluentd")(existing(there)) == existing(then)


def test_only_what_we_made_and_nobody_uses_goes() -> None:
    """The way back."""
    ours = collecting.with_collector("fluentd")(collecting.cluster_logging("openshift-logging"))
    live = existing(ours["spec"], **ours["metadata"]["labels"])
    assert (collecting.collector(live), collecting.without_collector(live)) == ("fluentd", None)
    theirs = existing(FLUENTD)
    used = {**live, "spec": {**live["spec"], **STORE}}
    for kept in (theirs, used, collecting.cluster_logging("openshift-logging")):
        assert collecting.without_collector(kept) == kept
    assert collecting.collector(None) == ""


def test_a_new_forwarder_leaves_the_cluster_s_log_store_its_logs() -> None:
    """Without a forwarder, the store got the logs of applications and infrastructure."""
    parts = {"inputs": [], "outputs": [{"name": "es"}], "pipelines": [{"name": "ours", "outputRefs": ["es"]}]}
    made = logs.with_parts(parts, log_store=True)(logs.forwarder("openshift-logging"))
    assert made["spec"]["pipelines"] == [logs.LOG_STORE, *parts["pipelines"]]
    there = {**made, "metadata": {**made["metadata"], "uid": "1"}}
    assert logs.without_parts(parts)(there) is None
    bare = {**there, "spec": {}}
    assert logs.with_parts(parts, log_store=True)(bare)["spec"]["pipelines"] == parts["pipelines"]
    assert collecting.has_log_store(existing(STORE))
    assert not collecting.has_log_store(existing(FLUENTD))
