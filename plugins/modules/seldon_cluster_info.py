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
    may do there. It changes nothing, and sends only the requests that the answer needs.
options:
  gather:
    description:
      - Facts of the cluster to read.
      - Left out, all of them when O(kinds), O(objects) and O(rights) are left out, too, and none when one of these is
        given.
      - V(version) reads RV(version) and RV(upgrading), V(domain) reads RV(domain) and RV(ingress_domain),
        V(default_storage_class) reads RV(default_storage_class); each costs one request, the latter two when several
        classes are default ones.
      - V(product_kinds) looks up every kind of another product that this collection applies, and adds them to
        RV(kinds).
    type: list
    elements: str
    choices: [version, domain, default_storage_class, product_kinds]
  kinds:
    description:
      - Kinds to look up. One request for each group and version.
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
      - A mapping. Each key names a collection in the result, RV(objects). It is an identifier, such as C(brokers), and
        none of a mapping's own methods, such as C(items), because C(.objects.items) would read the method.
      - Each value is a mapping, of which the following are the keys.
      - C(api_version), required, is group and version, for instance V(eventing.knative.dev/v1).
      - C(kind), required, is the kind, for instance V(Broker).
      - C(name) is the name; left out, any.
      - C(namespace) is the namespace; left out, all of them.
      - C(labels) is a label selector, for instance V(strimzi.io/cluster=seldon).
      - C(details), a boolean, tells kind, labels, owner and Helm release, too; by default V(false).
      - One request for each collection, and one more for a group and version that this collection does not know.
    type: raw
  rights:
    description:
      - What to ask the API server whether we may do it.
    type: list
    elements: dict
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
  forbidden:
    description:
      - What happens when something may not be read for want of a right. That is never taken for nothing there.
      - With V(fail), the task fails and names the rights.
      - With V(tell), O(objects) that may not be read are empty, and RV(unread) names them and the rights.
    type: str
    choices: [fail, tell]
    default: fail
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
- name: Read the cluster's facts
  seldon.openshift.seldon_cluster_info:
  register: facts

- name: Check version and rights
  seldon.openshift.seldon_cluster_info:
    gather: [version]
    rights:
      - {verb: create, resource: namespaces}
      - {verb: create, group: operators.coreos.com, resource: subscriptions, namespace: openshift-operators}
  register: cluster

- name: Fail when the installation could not work
  ansible.builtin.assert:
    that:
      - cluster.version is version('4.11', '>=')
      - not cluster.upgrading
      - cluster.rights | rejectattr('allowed') | length == 0

- name: Look for brokers, and for one Secret
  seldon.openshift.seldon_cluster_info:
    objects:
      brokers: {api_version: eventing.knative.dev/v1, kind: Broker}
      password: {api_version: v1, kind: Secret, name: elastic-credentials, namespace: seldon-logs}
  register: seen

- name: Show who has a broker
  ansible.builtin.debug:
    msg: "{{ seen.objects.brokers | map(attribute='namespace') }}"
  when: seen.objects.password | length > 0
"""

RETURN = r"""
version:
  description: The version that the cluster has or is on its way to; none when it is no OpenShift cluster.
  returned: when V(version) is gathered, see O(gather)
  type: str
  sample: 4.11.59
upgrading:
  description: Whether the cluster is on its way to that version.
  returned: when V(version) is gathered, see O(gather)
  type: bool
domain:
  description: >-
    The domain of the cluster's applications (C(spec.appsDomain) of the ingress configuration, if set, else its domain).
  returned: when V(domain) is gathered, see O(gather)
  type: str
  sample: apps.cluster.example.com
ingress_domain:
  description: The domain of the default ingress controller, which is another one when an C(appsDomain) is set.
  returned: when V(domain) is gathered, see O(gather)
  type: str
  sample: apps.cluster.example.com
default_storage_class:
  description:
    - The storage class of claims that name none; none when there is none.
    - Of several default ones, the newest, as Kubernetes decides since 1.26; none before, as it refuses such claims.
  returned: when V(default_storage_class) is gathered, see O(gather)
  type: str
  sample: gp3
kinds:
  description: Each kind asked for, and those of V(product_kinds), as C(api_version/kind), with whether it is served.
  returned: success
  type: dict
  sample: {maistra.io/v2/ServiceMeshControlPlane: true}
objects:
  description: >-
    Each collection asked for, by its name, always as a list. It is empty where nothing matches, and where the kind is
    not served. Each object has C(namespace) and C(name); with C(details) also C(api_version), C(kind), C(labels), the
    C(owner) that made it and removes it, and the Helm C(release) that it belongs to. Never their content.
  returned: success
  type: dict
  sample: {brokers: [{namespace: seldon-logs, name: default}]}
unread:
  description: Which of O(objects) could not be read, each with the right that lacks.
  returned: success
  type: dict
  sample: {credentials: you may not list secrets in seldon-system}
rights:
  description: Each right asked for, with whether we have it.
  returned: success
  type: list
  elements: dict
  sample: [{verb: create, group: '', resource: namespaces, namespace: '', allowed: true}]
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.apply.waves import parallel
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.collection import KIND_SPEC, collections_of
from ansible_collections.seldon.openshift.plugins.module_utils.kube.discovery import find_resource, group_version_path
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError, EngineError, KindNotServed
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import (
    CLUSTER_INGRESS,
    CLUSTER_VERSION,
    STORAGE_CLASS,
)
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import (
    Kind,
    Object,
    Reference,
    holds,
    section,
)
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import Progress
from ansible_collections.seldon.openshift.plugins.module_utils.kube.rights import GRANT, is_forbidden, refusal
from ansible_collections.seldon.openshift.plugins.module_utils.kube.storage_classes import (
    default_class,
    version_that_judges,
)
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main

RIGHT_SPEC: dict[str, Any] = {
    "verb": {"type": "str", "required": True},
    "resource": {"type": "str", "required": True},
    "group": {"type": "str", "default": ""},
    "namespace": {"type": "str", "default": ""},
}
ARGUMENT_SPEC: dict[str, Any] = {
    "gather": {
        "type": "list",
        "elements": "str",
        "choices": ["version", "domain", "default_storage_class", "product_kinds"],
    },
    "kinds": {"type": "list", "elements": "dict", "options": KIND_SPEC},
    # A mapping with names that the user chooses, which no argument spec describes: see collections_of.
    "objects": {"type": "raw"},
    "rights": {"type": "list", "elements": "dict", "options": RIGHT_SPEC},
    "forbidden": {"type": "str", "choices": ["fail", "tell"], "default": "fail"},
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
    "operator.knative.dev/v1beta1": ("KnativeEventing", "KnativeServing"),
    "operators.coreos.com/v1alpha1": ("CatalogSource", "ClusterServiceVersion", "Subscription"),
    "route.openshift.io/v1": ("Route",),
    "template.openshift.io/v1": ("TemplateInstance",),
}


def run(client: Client, params: dict[str, Any], _check_mode: bool, _progress: Progress) -> dict[str, Any]:
    """Return what DOCUMENTATION promises of the cluster. Raises EngineError, for wrong `objects` before any request."""
    collections = collections_of(params["objects"])
    result: dict[str, Any] = {"changed": False, "kinds": {}}
    facts = parallel(lambda fact: _look(lambda: _FACTS[fact](client)), facts_of(params))
    _fail_on_refusals(facts)
    for each in facts:
        result.update(each.found)
    result["kinds"].update(_served(client, [Kind(each["api_version"], each["kind"]) for each in params["kinds"] or []]))
    looks = dict(zip(collections, parallel(lambda each: _look(lambda: each.listed(client)), collections.values())))
    if params["forbidden"] == "fail":
        _fail_on_refusals(looks.values())
    result["objects"] = {name: look.found or [] for name, look in looks.items()}
    result["unread"] = {name: look.refusal for name, look in looks.items() if look.refusal}
    result["rights"] = parallel(lambda right: {**right, "allowed": client.may(right)}, params["rights"] or [])
    return result


@dataclass(frozen=True)
class Look:
    """What a read has found, or the right that it lacked (`you may not list pods`)."""

    found: Any
    refusal: str = ""


def _look(read: Callable[[], Any]) -> Look:
    try:
        return Look(read())
    except ApiError as error:
        if not is_forbidden(error):
            raise
        return Look(None, refusal(error))


def _fail_on_refusals(looks: Iterable[Look]) -> None:
    """Raise EngineError with all rights that lacked."""
    if refusals := list(dict.fromkeys(look.refusal for look in looks if look.refusal)):
        raise EngineError(f"what is there cannot be told: {'; '.join(refusals)}. Next: {GRANT}")


def facts_of(params: dict[str, Any]) -> list[str]:
    """Return the facts to gather: those asked for, or all when nothing is asked for."""
    if params["gather"] is not None:
        return list(dict.fromkeys(params["gather"]))
    asked = any(params[option] is not None for option in ("kinds", "objects", "rights"))
    return [] if asked else list(_FACTS)


def version_of(cluster_version: Object | None) -> dict[str, Any]:
    """Return version and upgrading from a ClusterVersion (None: no OpenShift cluster)."""
    version = section(cluster_version, "status", "desired").get("version")
    return {"version": version, "upgrading": holds(cluster_version, "Progressing")}


def domains_of(ingress: Object | None) -> dict[str, Any]:
    """Return domain and ingress_domain from `ingresses.config.openshift.io/cluster`."""
    spec = section(ingress, "spec")
    return {"domain": spec.get("appsDomain") or spec.get("domain"), "ingress_domain": spec.get("domain")}


def _default_class(client: Client) -> str | None:
    classes = client.list(STORAGE_CLASS)
    return default_class(classes, version_that_judges(client, classes))


def _read(client: Client, reference: Reference) -> Object | None:
    try:
        return client.get(reference)
    except KindNotServed:
        return None


def _product_kinds(client: Client) -> dict[str, bool]:
    """Look up the products' kinds; the list of groups spares a request for each product that the cluster lacks."""
    groups = client.request("GET", "/apis")["groups"]
    there = {version["groupVersion"] for group in groups for version in group["versions"]}
    kinds = [Kind(version, name) for version, names in PRODUCT_KINDS.items() for name in names]
    absent = {_title(kind): False for kind in kinds if kind.api_version not in there}
    return {**absent, **_served(client, [kind for kind in kinds if kind.api_version in there])}


def _served(client: Client, kinds: list[Kind]) -> dict[str, bool]:
    """Look up each group-version once."""
    versions = sorted({kind.api_version for kind in kinds})
    lists = dict(zip(versions, parallel(lambda version: _resource_list(client, version), versions)))
    return {_title(kind): find_resource(lists[kind.api_version], kind) is not None for kind in kinds}


def _title(kind: Kind) -> str:
    return f"{kind.api_version}/{kind.name}"


def _resource_list(client: Client, api_version: str) -> Object:
    try:
        return client.request("GET", group_version_path(api_version))
    except ApiError as error:
        if error.status == 404:
            return {}  # not served
        raise


_FACTS: dict[str, Callable[[Client], dict[str, Any]]] = {
    "version": lambda client: version_of(_read(client, CLUSTER_VERSION.named("version"))),
    "domain": lambda client: domains_of(_read(client, CLUSTER_INGRESS.named("cluster"))),
    "default_storage_class": lambda client: {"default_storage_class": _default_class(client)},
    "product_kinds": lambda client: {"kinds": _product_kinds(client)},
}


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
