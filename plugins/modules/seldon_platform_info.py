#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The module seldon_platform_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_platform_info
short_description: Versions, addresses and model namespaces of an installation, for its report
version_added: 1.0.0
author: Contributors to the seldon.openshift collection (@seldonio)
description:
  - Reads what M(seldon.openshift.seldon_report) tells of the platform beside the checks, and judges none of it.
  - It changes nothing, and does not fail for what may not or cannot be read; RV(platform) names that as C(unread).
options:
  operators:
    description:
      - Operators whose versions to read, as the entries of M(seldon.openshift.seldon_operator).
      - An operator is found wherever its Subscription lives.
    type: list
    elements: dict
    default: []
  operands:
    description: Custom resources whose versions to read.
    type: list
    elements: dict
    default: []
    suboptions:
      kind:
        description: The kind.
        type: str
        required: true
        choices: [Elasticsearch, Kafka, KnativeEventing, KnativeServing, ServiceMeshControlPlane]
      name:
        description: The name.
        type: str
        required: true
      namespace:
        description: The namespace.
        type: str
        required: true
      wanted:
        description: The version, or the beginning of one, to compare with; empty for none.
        type: str
        default: ''
  releases:
    description: Helm releases whose charts' versions to read.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The name of the release.
        type: str
        required: true
      namespaces:
        description: The namespaces to look for it in.
        type: list
        elements: str
        required: true
      wanted:
        description: The version, or the beginning of one, to compare with; empty for none.
        type: str
        default: ''
  routes:
    description: Routes to products; one that does not exist or is not admitted is left out.
    type: list
    elements: dict
    default: []
    suboptions:
      product:
        description: The product, as people call it.
        type: str
        required: true
      name:
        description: The name of the Route.
        type: str
        required: true
      namespace:
        description: Its namespace.
        type: str
        required: true
      path:
        description: The path of the product at the host.
        type: str
        default: /
  namespaces:
    description: Model namespaces to tell of.
    type: list
    elements: str
    default: []
  mesh_namespace:
    description: Namespace of the service mesh's member roll.
    type: str
    default: istio-system
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
- name: Read versions and addresses
  seldon.openshift.seldon_platform_info:
    operators:
      - {name: amq-streams, namespace: seldon-operator-kafka, starting_csv: amqstreams.v2.2.0-4}
    operands:
      - {kind: Kafka, name: seldon, namespace: seldon-kafka, wanted: 3.2.3}
    routes:
      - {product: Argo CD, name: seldon-argocd-server, namespace: seldon-argocd}
  register: found

- name: Show them
  ansible.builtin.debug:
    msg: "{{ found.platform.versions }}"
"""

RETURN = r"""
platform:
  description: What was found; M(seldon.openshift.seldon_report) takes it as it is.
  returned: success
  type: dict
  contains:
    cluster:
      description: What tells the cluster from every other, the uid of its namespace C(kube-system).
      type: str
    openshift:
      description: The version of OpenShift, empty when it is not known.
      type: str
      sample: 4.11.59
    api:
      description: The address of the API server.
      type: str
      sample: https://api.cluster.example.com:6443
    versions:
      description: What runs, each with C(kind), C(name), C(namespace), C(version) and the C(wanted) one.
      type: list
      elements: dict
      sample: [{kind: operator, name: amq-streams, namespace: seldon-operator-kafka, version: 2.2.0-4, wanted: 2.2.0-4}]
    addresses:
      description: Each C(product) with its C(url).
      type: list
      elements: dict
      sample: [{product: Argo CD, url: 'https://seldon-argocd-server-seldon-argocd.apps.cluster.example.com/'}]
    model_namespaces:
      description: >-
        Each namespace with its C(name), whether it is for C(gitops) and a C(member) of the mesh, how many C(policies),
        C(monitors), C(rules) and C(models) it holds, and how many models are C(running). What may not be read is null.
      type: list
      elements: dict
      sample: [{name: seldon, gitops: false, member: true, policies: 4, monitors: 2, rules: 2, models: 3, running: 3}]
    unread:
      description: What could not be read.
      type: list
      elements: str
      sample: [you may not get clusterversions.config.openshift.io]
lacking:
  description: The rights without which something could not be read.
  returned: success
  type: list
  elements: dict
  sample: [{verb: get, group: config.openshift.io, resource: clusterversions, namespace: ''}]
"""

from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.checks.observed import Observed
from ansible_collections.seldon.openshift.plugins.module_utils.checks.platform import (
    OPERANDS,
    Gathering,
    addresses,
    identity,
    openshift,
    versions,
)
from ansible_collections.seldon.openshift.plugins.module_utils.checks.platform_namespaces import model_namespaces
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import Progress
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main

_TEXT: dict[str, Any] = {"type": "str", "required": True}
_WANTED: dict[str, Any] = {"type": "str", "default": ""}
ARGUMENT_SPEC: dict[str, Any] = {
    "operators": {"type": "list", "elements": "dict", "default": []},
    "operands": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "kind": {**_TEXT, "choices": sorted(OPERANDS)},
            "name": _TEXT,
            "namespace": _TEXT,
            "wanted": _WANTED,
        },
    },
    "releases": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": _TEXT,
            "namespaces": {"type": "list", "elements": "str", "required": True},
            "wanted": _WANTED,
        },
    },
    "routes": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "product": _TEXT,
            "name": _TEXT,
            "namespace": _TEXT,
            "path": {"type": "str", "default": "/"},
        },
    },
    "namespaces": {"type": "list", "elements": "str", "default": []},
    "mesh_namespace": {"type": "str", "default": "istio-system"},
}


def run(client: Client, params: dict[str, Any], _check_mode: bool, _progress: Progress) -> dict[str, Any]:
    """Return what DOCUMENTATION promises; nothing that is read here is an error."""
    gathering = Gathering(Observed(client))
    cluster = gathering.cluster
    platform: dict[str, Any] = {
        "cluster": gathering.fact(lambda: identity(cluster), ""),
        "openshift": gathering.fact(lambda: openshift(cluster), ""),
        "api": client.host,
        "versions": versions(gathering, params),
        "addresses": addresses(gathering, params["routes"]),
        "model_namespaces": model_namespaces(gathering, params["namespaces"], params["mesh_namespace"]),
    }
    platform["unread"] = list(gathering.unread)
    return {"changed": False, "platform": platform, "lacking": [right.as_options() for right in gathering.lacking]}


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
