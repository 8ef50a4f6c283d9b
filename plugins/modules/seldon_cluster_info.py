#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The module seldon_cluster_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_cluster_info
short_description: What an installation needs to know of an OpenShift cluster
version_added: 1.0.0
author:
  - Contributors to the seldon.openshift collection (@seldonio)
description:
  - >-
    Reads version, domain, default storage class, which kinds the cluster serves, which objects there are, and what we
    may do there. It changes nothing and costs a few requests.
options:
  kinds:
    description:
      - Kinds to look for. The default is every kind of another product that this collection applies.
    type: list
    elements: dict
    suboptions:
      api_version:
        description: Group and version, for instance V(maistra.io/v2).
        type: str
        required: true
      kind:
        description: The kind, for instance V(ServiceMeshControlPlane).
        type: str
        required: true
  objects:
    description:
      - Collections whose objects to name, for instance to see who else uses a product before it is removed.
    type: list
    elements: dict
    default: []
    suboptions:
      api_version:
        description: Group and version, for instance V(eventing.knative.dev/v1).
        type: str
        required: true
      kind:
        description: The kind, for instance V(Broker).
        type: str
        required: true
      name:
        description: The name; left out, any.
        type: str
      namespace:
        description: The namespace; left out, all of them.
        type: str
      labels:
        description: A label selector, for instance V(strimzi.io/cluster=seldon).
        type: str
      details:
        description: Whether to tell kind, labels, owner and Helm release, too.
        type: bool
        default: false
  rights:
    description:
      - What to ask the API server whether we may do it.
    type: list
    elements: dict
    default: []
    suboptions:
      verb:
        description: The verb, for instance V(create); V(*) for all.
        type: str
        required: true
      resource:
        description: The plural name of the resource, for instance V(subscriptions); V(*) for all.
        type: str
        required: true
      group:
        description: The resource's API group; empty for the core group, V(*) for all.
        type: str
        default: ''
      namespace:
        description: The namespace; empty for all of them, and for resources of the whole cluster.
        type: str
        default: ''
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - seldon.openshift.engine
attributes:
  check_mode:
    description: Nothing is changed in any mode.
    support: full
  diff_mode:
    description: There is nothing to show.
    support: none
"""

EXAMPLES = r"""
- name: Look at the cluster
  seldon.openshift.seldon_cluster_info:
    rights:
      - {verb: create, resource: namespaces}
      - {verb: create, group: operators.coreos.com, resource: subscriptions, namespace: openshift-operators}
  register: cluster

- name: Refuse early
  ansible.builtin.assert:
    that:
      - cluster.version is version('4.11', '>=')
      - not cluster.upgrading
      - cluster.rights | rejectattr('allowed') | length == 0
"""

RETURN = r"""
version:
  description: The version that the cluster has or is on its way to; none when it is no OpenShift cluster.
  returned: success
  type: str
  sample: 4.11.59
upgrading:
  description: Whether the cluster is on its way to that version.
  returned: success
  type: bool
domain:
  description: >-
    The domain of the cluster's applications (C(spec.appsDomain) of the ingress configuration, if set, else its domain).
  returned: success
  type: str
  sample: apps.cluster.example.com
ingress_domain:
  description: The domain of the default ingress controller, which is another one when an C(appsDomain) is set.
  returned: success
  type: str
  sample: apps.cluster.example.com
default_storage_class:
  description: The storage class of claims that name none; none when there is none.
  returned: success
  type: str
  sample: gp3
kinds:
  description: Each kind asked for, as C(api_version/kind), with whether it is served.
  returned: success
  type: dict
  sample: {maistra.io/v2/ServiceMeshControlPlane: true}
objects:
  description: >-
    For each collection asked for, in that order, its objects. None where the kind is not served. With
    O(objects[].details) each has C(api_version), C(kind), C(labels), the C(owner) that made it and removes it, and the
    Helm C(release) that it belongs to. Never their content.
  returned: success
  type: list
  elements: list
  sample: [[{namespace: seldon-logs, name: default}]]
rights:
  description: Each right asked for, with whether we have it.
  returned: success
  type: list
  elements: dict
  sample: [{verb: create, group: '', resource: namespaces, namespace: '', allowed: true}]
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.apply.waves import parallel
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.discovery import find_resource, group_version_path
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError, KindNotServed
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Object, Objects
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main

ARGUMENT_SPEC: dict[str, Any] = {
    "kinds": {
        "type": "list",
        "elements": "dict",
        "options": {"api_version": {"type": "str", "required": True}, "kind": {"type": "str", "required": True}},
    },
    "objects": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "api_version": {"type": "str", "required": True},
            "kind": {"type": "str", "required": True},
            "name": {"type": "str"},
            "namespace": {"type": "str"},
            "labels": {"type": "str"},
            "details": {"type": "bool", "default": False},
        },
    },
    "rights": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "verb": {"type": "str", "required": True},
            "resource": {"type": "str", "required": True},
            "group": {"type": "str", "default": ""},
            "namespace": {"type": "str", "default": ""},
        },
    },
}
PRODUCT_KINDS = {
    "argoproj.io/v1alpha1": ("AppProject", "Application", "ArgoCD"),
    "elasticsearch.k8s.elastic.co/v1": ("Elasticsearch",),
    "eventing.knative.dev/v1": ("Broker",),
    "jaegertracing.io/v1": ("Jaeger",),
    "kafka.strimzi.io/v1beta2": ("Kafka",),
    "kiali.io/v1alpha1": ("Kiali",),
    "logging.openshift.io/v1": ("ClusterLogForwarder", "ClusterLogging"),
    "machinelearning.seldon.io/v1": ("SeldonDeployment",),
    "maistra.io/v1": ("ServiceMeshMember", "ServiceMeshMemberRoll"),
    "maistra.io/v2": ("ServiceMeshControlPlane",),
    "mlops.seldon.io/v1alpha1": ("Server",),
    "monitoring.coreos.com/v1": ("PodMonitor", "PrometheusRule"),
    "networking.istio.io/v1beta1": ("Gateway", "VirtualService"),
    "operator.knative.dev/v1alpha1": ("KnativeEventing", "KnativeServing"),
    "operators.coreos.com/v1alpha1": ("CatalogSource", "ClusterServiceVersion", "Subscription"),
    "route.openshift.io/v1": ("Route",),
    "template.openshift.io/v1": ("TemplateInstance",),
}
_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


def run(client: Client, params: dict[str, Any], _check_mode: bool, _progress: Callable[[str], None]) -> dict[str, Any]:
    """Return what DOCUMENTATION promises of the cluster."""
    asked = params["kinds"]
    if asked is None:
        asked = [{"api_version": version, "kind": kind} for version, kinds in PRODUCT_KINDS.items() for kind in kinds]
    return {
        "changed": False,
        **version_of(_read(client, "ClusterVersion", "version")),
        **domains_of(_read(client, "Ingress", "cluster")),
        "default_storage_class": default_class(client.list("storage.k8s.io/v1", "StorageClass")),
        "kinds": _served(client, asked),
        "objects": parallel(lambda collection: _named(client, collection), params["objects"]),
        "rights": parallel(lambda right: {**right, "allowed": client.may(right)}, params["rights"]),
    }


def version_of(cluster_version: Object | None) -> dict[str, Any]:
    """Return version and upgrading from a ClusterVersion (None: no OpenShift cluster)."""
    status = (cluster_version or {}).get("status") or {}
    conditions = {each["type"]: each["status"] for each in status.get("conditions") or []}
    return {
        "version": (status.get("desired") or {}).get("version"),
        "upgrading": conditions.get("Progressing") == "True",
    }


def named(obj: Object, details: bool) -> dict[str, Any]:
    """Return which object it is and, with `details`, whose; never its content."""
    metadata = obj["metadata"]
    identity = {"namespace": metadata.get("namespace"), "name": metadata["name"]}
    if not details:
        return identity
    owners = [f"{each['kind']} {each['name']}" for each in metadata.get("ownerReferences") or []]
    return {
        **identity,
        "api_version": obj["apiVersion"],
        "kind": obj["kind"],
        "labels": metadata.get("labels") or {},
        "owner": owners[0] if owners else "",
        "release": (metadata.get("annotations") or {}).get("meta.helm.sh/release-name", ""),
    }


def domains_of(ingress: Object | None) -> dict[str, Any]:
    """Return domain and ingress_domain from `ingresses.config.openshift.io/cluster`."""
    spec = (ingress or {}).get("spec") or {}
    return {"domain": spec.get("appsDomain") or spec.get("domain"), "ingress_domain": spec.get("domain")}


def default_class(classes: Objects) -> str | None:
    """Return the default one's name; of several, the youngest, as the API server does."""
    defaults = [each for each in classes if (each["metadata"].get("annotations") or {}).get(_DEFAULT_CLASS) == "true"]
    youngest = max(defaults, key=lambda each: each["metadata"].get("creationTimestamp") or "", default=None)
    return youngest["metadata"]["name"] if youngest else None


def _read(client: Client, kind: str, name: str) -> Object | None:
    try:
        return client.get("config.openshift.io/v1", kind, name)
    except KindNotServed:
        return None


def _served(client: Client, asked: list[dict[str, str]]) -> dict[str, bool]:
    """Look up each group-version once, and only those that the cluster has."""
    groups = client.request("GET", "/apis")["groups"]
    there = {"v1", *(version["groupVersion"] for group in groups for version in group["versions"])}
    wanted = sorted({each["api_version"] for each in asked} & there)
    lists = dict(zip(wanted, parallel(lambda version: _resource_list(client, version), wanted)))
    return {
        f"{each['api_version']}/{each['kind']}": bool(find_resource(lists.get(each["api_version"], {}), each["kind"]))
        for each in asked
    }


def _named(client: Client, asked: dict[str, Any]) -> list[dict[str, Any]]:
    field = f"metadata.name={asked['name']}" if asked["name"] else None
    try:
        found = client.list(asked["api_version"], asked["kind"], asked["namespace"], asked["labels"], field)
    except KindNotServed:
        return []
    return [named(obj, asked["details"]) for obj in found]


def _resource_list(client: Client, api_version: str) -> Object:
    try:
        return client.request("GET", group_version_path(api_version))
    except ApiError as error:
        if error.status == 404:
            return {}  # it went between the two requests
        raise


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
