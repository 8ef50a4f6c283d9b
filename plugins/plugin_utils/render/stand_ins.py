# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What tasks return that would read a cluster: the answers of one where all is as wanted, and which nobody may look at.

So the tree is the same whatever the cluster holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.kube.collection import collections_of

Params = Mapping[str, Any]
Answer = dict[str, Any]
NOT_LOOKED = "a tree of manifests is rendered without looking at the cluster"


@dataclass(frozen=True)
class Place:
    """What of a cluster a tree needs: the domain of its default ingress controller, and the host of Seldon's route."""

    domain: str = ""
    host: str = ""


def information(params: Params, place: Place) -> Answer:
    """Answer seldon_cluster_info: every kind is served, others have made nothing, and nothing may be looked at."""
    names = list(collections_of(params["objects"]))
    kinds = [f"{each['api_version']}/{each['kind']}" for each in params["kinds"] or []]
    return {
        "domain": place.domain,
        "ingress_domain": place.domain,
        "kinds": dict.fromkeys(kinds, True),
        "objects": {name: [] for name in names},
        "unread": dict.fromkeys(names, NOT_LOOKED),
        "rights": [{**right, "allowed": True} for right in params["rights"] or []],
    }


def awaited(params: Params, place: Place) -> Answer:
    """Answer seldon_wait: all is ready; the reason of a Route is its host."""
    return {"resources": [_ready(each, place) for each in params["resources"]]}


def _ready(entry: Params, place: Place) -> Answer:
    told = ("api_version", "kind", "name", "namespace")
    reason = place.host if entry["kind"] == "Route" else ""
    return {**{key: entry.get(key) for key in told}, "state": "ready", "reason": reason}


def installed(params: Params, _place: Place) -> Answer:
    """Answer seldon_operator: each operator is installed in the version that was asked for."""
    return {"operators": [_installed(each) for each in params["operators"]], "meanwhile": []}


def _installed(operator: Params) -> Answer:
    told = {key: operator[key] for key in ("name", "namespace", "channel")}
    return {
        **told,
        "adopted": False,
        "csv": operator["starting_csv"],
        "version": None,
        "state": "installed",
        "actions": [],
    }


def checked(_params: Params, _place: Place) -> Answer:
    """Answer seldon_check: nothing was looked at."""
    return {"checks": [], "lacking": []}


def configured(params: Params, _place: Place) -> Answer:
    """Answer seldon_monitoring_config: the settings are those that were given."""
    return {"settings": params["settings"] if params["state"] == "present" else {}}


def credited(_params: Params, _place: Place) -> Answer:
    """Answer what makes and copies credentials: all are there, and nobody runs with earlier ones."""
    return {"restart": [], "restarted": [], "defaulted": [], "generated": [], "missing": []}


def nothing(_params: Params, _place: Place) -> Answer:
    """Answer a task whose result nobody reads."""
    return {}
