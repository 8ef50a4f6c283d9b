# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The ClusterLogging (Cluster Logging 5.5), which runs the collectors of logs: pure functions.

A cluster has one, `instance`, which may hold its own log store and console, too. The collectors' type has an older
place, `collection.logs.type`, which is in force just as well.
"""

from __future__ import annotations

from collections.abc import Callable

from ..kube.kinds import CLUSTER_LOGGING
from ..kube.objects import MANAGED_BY, Object, is_ours, section


def cluster_logging(namespace: str) -> Object:
    """Return a ClusterLogging that holds nothing yet."""
    return CLUSTER_LOGGING.named("instance", namespace).bare()


def collector(obj: Object | None) -> str:
    """Return the type of the collectors, '' when there are none."""
    collection = section(obj, "spec", "collection")
    return str(collection.get("type") or section(collection, "logs").get("type") or "")


def has_log_store(obj: Object | None) -> bool:
    """Say whether logs go to a store of the cluster while no forwarder says otherwise."""
    return bool(section(obj, "spec", "logStore"))


def with_collector(kind: str) -> Callable[[Object], Object]:
    """Return the function that adds collectors of this type to a ClusterLogging which has none of any type."""

    def mutate(obj: Object) -> Object:
        if collector(obj):
            return obj
        there = section(obj, "spec")
        collection = section(there, "collection")
        logs = {**section(collection, "logs"), "type": kind}
        spec = {"managementState": "Managed", **there, "collection": {**collection, "logs": logs}}
        # The label says that no collectors were requested before us.
        metadata = obj["metadata"] if "uid" in obj["metadata"] else {**obj["metadata"], "labels": dict(MANAGED_BY)}
        return {**obj, "metadata": metadata, "spec": spec}

    return mutate


def without_collector(obj: Object) -> Object | None:
    """Return None for a ClusterLogging that we made and that does nothing but collect; another one as it is."""
    bare = section(obj, "spec").keys() <= {"managementState", "collection"}
    return None if is_ours(obj) and bare else obj
