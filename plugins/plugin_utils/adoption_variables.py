# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The variables under which site.yml leaves objects of others as they are, as far as there are any: pure functions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.kube.redaction import HIDDEN
from ansible_collections.seldon.openshift.plugins.module_utils.shared.merging import merged

Entry = Mapping[str, Any]
Variables = dict[str, Any]

_NODES = '.spec.nodeSets[name="default"]'
_NODE = f'{_NODES}.podTemplate.spec.containers[name="elasticsearch"]'
# A variable for one field of the object that the chapter applies.
_FIELDS: dict[tuple[str, str], str] = {
    ("Elasticsearch", ".spec.version"): "elasticsearch_version",
    ("Elasticsearch", f"{_NODES}.count"): "elasticsearch_node_count",
    ("Elasticsearch", f"{_NODE}.resources.requests.cpu"): "elasticsearch_cpu",
    ("Elasticsearch", f"{_NODE}.resources.requests.memory"): "elasticsearch_memory",
    ("Kafka", ".spec.kafka.version"): "kafka_version",
    ("Kafka", ".spec.kafka.replicas"): "kafka_replicas",
    ("Kafka", ".spec.zookeeper.replicas"): "kafka_zookeeper_replicas",
    ("ServiceMeshControlPlane", ".spec.version"): "service_mesh_control_plane_version",
    ("Route", ".spec.host"): "service_mesh_route_host",
}
# A variable for a part of the spec, whatever it holds there.
_PARTS: dict[tuple[str, str], str] = {
    ("Kafka", ".spec.kafka.storage"): "kafka_storage",
    ("Kafka", ".spec.zookeeper.storage"): "kafka_zookeeper_storage",
    ("Kafka", ".spec.kafka.config"): "kafka_config",
    ("Kafka", ".spec"): "kafka_overrides",
    ("Elasticsearch", ".spec"): "elasticsearch_overrides",
    ("ArgoCD", ".spec"): "gitops_argocd_overrides",
    ("ServiceMeshControlPlane", ".spec"): "service_mesh_control_plane_overrides",
    ("KnativeServing", ".spec"): "serverless_serving_spec",
    ("KnativeEventing", ".spec"): "serverless_eventing_spec",
    ("Release", ".values"): "seldon_deploy_values",
}
# Of Seldon Core v2, a release has values of another variable, or of none.
_RELEASE = "seldon-deploy"
_CLAIMS = f"{_NODES}.volumeClaimTemplates"
# Values of these are no texts, whatever they look like.
_NUMBERS = ("elasticsearch_node_count", "kafka_replicas", "kafka_zookeeper_replicas")


def keeping(entries: Iterable[Entry]) -> Variables:
    """Return the variables with which what needs consent, in findings (findings.py), would stay as it is."""
    found: Variables = {}
    for entry in entries:
        for field in entry.get("fields") or []:
            if _may_stay(entry, field):
                for name, value in _variables(str(entry.get("kind")), field["field"], field["live"]):
                    found[name] = merged(found[name], value) if isinstance(found.get(name), dict) else value
    return found


def _may_stay(entry: Entry, field: Entry) -> bool:
    if entry.get("kind") == "Release" and entry.get("name") != _RELEASE:
        return False
    return field["fate"] in ("refused", "rejected") and field["live"] not in (None, HIDDEN)


def _variables(kind: str, field: str, live: str) -> Iterator[tuple[str, Any]]:
    if name := _FIELDS.get((kind, field)):
        yield name, int(live) if name in _NUMBERS and live.isdigit() else live
    elif (kind, field) == ("Elasticsearch", _CLAIMS):
        yield from _storage(live)
    else:
        yield from _part(kind, field, live)


def _part(kind: str, field: str, live: str) -> Iterator[tuple[str, Any]]:
    """Yield the variable for the longest part of the object that holds the field; none within a list."""
    for (owner, part), name in sorted(_PARTS.items(), key=lambda each: -len(each[0][1])):
        if owner == kind and field.startswith(f"{part}.") and "[" not in field:
            value: Any = _value(live)
            for key in reversed(_keys(field[len(part) + 1 :], part)):
                value = {key: value}
            yield name, value
            return


def _keys(path: str, part: str) -> list[str]:
    # Kafka's settings have dots in their names.
    return [path] if part.endswith(".config") else path.split(".")


def _storage(live: str) -> Iterator[tuple[str, Any]]:
    """Yield size and class of Elasticsearch's one claim."""
    claims = _value(live)
    if isinstance(claims, list) and len(claims) == 1 and isinstance(claims[0], dict):
        spec = claims[0].get("spec") or {}
        if size := ((spec.get("resources") or {}).get("requests") or {}).get("storage"):
            yield "elasticsearch_storage_size", size
        if spec.get("storageClassName"):
            yield "elasticsearch_storage_class", spec["storageClassName"]


def _value(live: str) -> Any:
    """Return the value of a field that is told as text: texts have no quotes, all else is JSON."""
    if not re.match(r"[\[{\d-]|true$|false$", live):
        return live
    try:
        return json.loads(live)
    except ValueError:
        return live
