#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The module seldon_preflight."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_preflight
short_description: Say all that would keep an installation of Seldon Deploy from ending well
version_added: 1.0.0
author:
  - Contributors to the seldon.openshift collection (@seldonio)
description:
  - >-
    Looks at the cluster, at who we are there, and at the programs that the installation uses, and fails with everything
    that is in the way, each with what to type. It changes nothing.
  - >-
    The variables that were given are judged on the controller, by the argument specs of all roles of this collection:
    values of the wrong shape are in the way, misspelt names are warned of.
  - The role P(seldon.openshift.preflight#role) gives it what the other roles want.
options:
  checks:
    description:
      - What to look at.
      - The cluster is asked nothing when it is only V(input) and V(variables).
    type: list
    elements: str
    choices: &checks
      - input
      - variables
      - version
      - upgrade
      - rights
      - catalogs
      - operators
      - storage
      - mesh
      - argocd
      - alertmanager
      - monitoring
      - pull_secret
      - adoption
      - overrides
      - token
      - helm
      - client
    default: *checks
  input:
    description:
      - What is wrong with the values that were given. The first line of each says what, the others what to type.
      - Values of the wrong shape are added to it.
    type: list
    elements: str
    default: []
  misspelt:
    description: Variables that carry the prefix of a role and are none of it. Those that were given are added to it.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The name.
        type: str
        required: true
      role:
        description: The role whose prefix it carries.
        type: str
        required: true
      nearest:
        description: The name that may have been meant; empty when none is near.
        type: str
        default: ''
  oldest_version:
    description: Oldest version of OpenShift to start on.
    type: str
    default: '4.8'
  tested_version:
    description: Version of OpenShift below which to warn.
    type: str
    default: '4.11'
  newest_version:
    description: Newest version of OpenShift to start on.
    type: str
    default: '4.11'
  rights:
    description: What has to be allowed to us. Asked only when we may not do everything anyway.
    type: list
    elements: dict
    default: []
    suboptions:
      verbs:
        description: The verbs.
        type: list
        elements: str
        required: true
      resource:
        description: The plural name of the resource.
        type: str
        required: true
      group:
        description: The resource's API group; empty for the core group.
        type: str
        default: ''
      namespace:
        description: The namespace; empty for all of them, and for resources of the whole cluster.
        type: str
        default: ''
      namespaces:
        description: Namespaces in each of which it has to be allowed, instead of one.
        type: list
        elements: str
        default: []
      names:
        description: Names of objects; without them, it has to be allowed for all objects.
        type: list
        elements: str
        default: []
  playbook:
    description: The playbook that needs O(rights), for the command in the message.
    type: str
    default: site
  catalogs:
    description: Names of the C(CatalogSources) that operators come from. Each other one there has to be healthy, too.
    type: list
    elements: str
    default: []
  catalogs_namespace:
    description: Their namespace.
    type: str
    default: openshift-marketplace
  pins:
    description:
      - The operators whose versions (C(starting_csv)) have to be installed or on offer, as entries of
        O(seldon.openshift.seldon_operator#module:operators). Those that others installed are not judged.
    type: list
    elements: dict
    default: []
  operators:
    description: The operators that O(catalogs) are to offer. Of a missing catalogue, the message says which others do.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the package.
        type: str
        required: true
      source:
        description: Name of the C(CatalogSource).
        type: str
        default: ''
  catalog_variables:
    description: The variable that names each of O(catalogs), by the catalogue's name, for the message.
    type: dict
    default: {}
  storage:
    description: Whether a default storage class is needed.
    type: bool
    default: true
  mesh_namespace:
    description: Namespace of the mesh's control plane.
    type: str
    default: istio-system
  control_plane:
    description: Name of the control plane that will be applied there; empty when an existing one is used.
    type: str
    default: ''
  mesh_members:
    description: Namespaces that will join the mesh.
    type: list
    elements: str
    default: []
  argocd_namespace:
    description: Namespace of the Argo CD.
    type: str
    default: seldon-argocd
  argocd:
    description: Name of the Argo CD that will be applied there; empty when an existing one is used.
    type: str
    default: ''
  managed_namespaces:
    description: Namespaces that it will manage.
    type: list
    elements: str
    default: []
  alertmanager:
    description: Whether the configuration of OpenShift's Alertmanager will be edited.
    type: bool
    default: true
  monitoring:
    description: Settings of OpenShift's monitoring that will be merged, by the name of the ConfigMap that holds them.
    type: dict
    default: {}
  image_pull_secret:
    description:
      - Logins for registries that the cluster's pull secret will get, as
        O(seldon.openshift.seldon_pull_secret#module:pull_secret). Without any, the pull secret is not read.
    type: raw
  image_registry:
    description: Host, port and path of the mirror of images. One without a login beside O(image_pull_secret) is told.
    type: str
    default: ''
  objects:
    description: Main objects that will be applied. Those that are there already, and were not applied before, are told.
    type: list
    elements: dict
    default: []
    suboptions:
      api_version:
        description: The object's apiVersion.
        type: str
        required: true
      kind:
        description: The object's kind.
        type: str
        required: true
      namespace:
        description: The object's namespace; none for an object of the whole cluster.
        type: str
      name:
        description: The object's name.
        type: str
        required: true
  overrides:
    description: What somebody gives for objects. Where the CRD is there already, it is compared with that.
    type: list
    elements: dict
    default: []
    suboptions:
      api_version:
        description: The objects' apiVersion.
        type: str
        required: true
      kind:
        description: The objects' kind.
        type: str
        required: true
      explicit:
        description: What is given, in the shape of the objects.
        type: dict
        required: true
      given_by:
        description: The names of the variables that hold it, each with the path of its part.
        type: dict
        default: {}
  adopt:
    description: Whether objects that others made may be changed.
    type: bool
    default: false
  token_seconds:
    description: Seconds that our token has to be accepted still.
    type: int
    default: 3600
  helm:
    description: Whether Helm is needed.
    type: bool
    default: true
  ignore:
    description: What only to warn of. Of V(variables) there are only warnings, and this ends them.
    type: list
    elements: str
    choices:
      - variables
      - version
      - upgrade
      - rights
      - catalogs
      - operators
      - storage
      - mesh
      - argocd
      - alertmanager
      - monitoring
      - adoption
      - overrides
      - token
      - helm
      - client
    default: []
  timeout:
    description: Seconds in which a catalogue whose pod restarts has to answer again.
    type: int
    default: 30
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - seldon.openshift.engine
attributes:
  check_mode:
    description: It looks in the same way.
    support: full
  diff_mode:
    description: There is nothing to show.
    support: none
"""

EXAMPLES = r"""
- name: Nothing is in the way
  seldon.openshift.seldon_preflight:
    catalogs: [redhat-operators]
    mesh_members: [seldon, seldon-logs]
    rights:
      - {verbs: [create, patch], resource: namespaces}
"""

RETURN = r"""
foreign:
  description: Those of O(objects) that exist and were not applied by this collection.
  returned: always
  type: list
  elements: dict
  contains:
    api_version:
      description: The object's apiVersion.
      type: str
    kind:
      description: The object's kind.
      type: str
    namespace:
      description: The object's namespace.
      type: str
    name:
      description: The object's name.
      type: str
  sample:
    - {api_version: kafka.strimzi.io/v1beta2, kind: Kafka, namespace: seldon-kafka, name: seldon}
problems:
  description: Everything that is in the way, and what is only warned of.
  returned: always
  type: list
  elements: dict
  contains:
    check:
      description: What was looked at, as in O(checks).
      type: str
      sample: storage
    seen:
      description: What was found.
      type: str
    do:
      description: What to type.
      type: str
    stops:
      description: Whether the installation must not start.
      type: bool
version:
  description: The cluster's version of OpenShift; empty when it is none.
  returned: always
  type: str
  sample: 4.11.59
"""

from dataclasses import asdict, replace
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import Progress
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main
from ansible_collections.seldon.openshift.plugins.module_utils.preflight.checks import message, problems, tolerated
from ansible_collections.seldon.openshift.plugins.module_utils.preflight.model import (
    CHECKS,
    NEVER_IGNORED,
    OFFLINE,
    Observation,
    Problem,
    Wanted,
)
from ansible_collections.seldon.openshift.plugins.module_utils.preflight.observe import observe
from ansible_collections.seldon.openshift.plugins.module_utils.preflight.rights import denied
from ansible_collections.seldon.openshift.plugins.module_utils.shared.registry_logins import Logins, NoLogins, logins

RIGHT = {
    "verbs": {"type": "list", "elements": "str", "required": True},
    "resource": {"type": "str", "required": True},
    "group": {"type": "str", "default": ""},
    "namespace": {"type": "str", "default": ""},
    "namespaces": {"type": "list", "elements": "str", "default": []},
    "names": {"type": "list", "elements": "str", "default": []},
}
MISSPELT = {
    "name": {"type": "str", "required": True},
    "role": {"type": "str", "required": True},
    "nearest": {"type": "str", "default": ""},
}
OBJECT = {
    "api_version": {"type": "str", "required": True},
    "kind": {"type": "str", "required": True},
    "namespace": {"type": "str"},
    "name": {"type": "str", "required": True},
}
OPERATOR = {
    "name": {"type": "str", "required": True},
    "source": {"type": "str", "default": ""},
}
OVERRIDES = {
    "api_version": {"type": "str", "required": True},
    "kind": {"type": "str", "required": True},
    "explicit": {"type": "dict", "required": True},
    "given_by": {"type": "dict", "default": {}},
}
IGNORABLE = [name for name in CHECKS if name not in NEVER_IGNORED]
ARGUMENT_SPEC: dict[str, Any] = {
    "checks": {"type": "list", "elements": "str", "default": list(CHECKS), "choices": list(CHECKS)},
    "input": {"type": "list", "elements": "str", "default": []},
    "misspelt": {"type": "list", "elements": "dict", "default": [], "options": MISSPELT},
    "oldest_version": {"type": "str", "default": "4.8"},
    "tested_version": {"type": "str", "default": "4.11"},
    "newest_version": {"type": "str", "default": "4.11"},
    "rights": {"type": "list", "elements": "dict", "default": [], "options": RIGHT},
    "playbook": {"type": "str", "default": "site"},
    "catalogs": {"type": "list", "elements": "str", "default": []},
    "catalogs_namespace": {"type": "str", "default": "openshift-marketplace"},
    "pins": {"type": "list", "elements": "dict", "default": []},
    "operators": {"type": "list", "elements": "dict", "default": [], "options": OPERATOR},
    "catalog_variables": {"type": "dict", "default": {}},
    "storage": {"type": "bool", "default": True},
    "mesh_namespace": {"type": "str", "default": "istio-system"},
    "control_plane": {"type": "str", "default": ""},
    "mesh_members": {"type": "list", "elements": "str", "default": []},
    "argocd_namespace": {"type": "str", "default": "seldon-argocd"},
    "argocd": {"type": "str", "default": ""},
    "managed_namespaces": {"type": "list", "elements": "str", "default": []},
    "alertmanager": {"type": "bool", "default": True},
    "monitoring": {"type": "dict", "default": {}},
    "image_pull_secret": {"type": "raw", "no_log": True},
    "image_registry": {"type": "str", "default": ""},
    "objects": {"type": "list", "elements": "dict", "default": [], "options": OBJECT},
    "overrides": {"type": "list", "elements": "dict", "default": [], "options": OVERRIDES},
    "adopt": {"type": "bool", "default": False},
    "token_seconds": {"type": "int", "default": 3600, "no_log": False},
    "helm": {"type": "bool", "default": True},
    "ignore": {"type": "list", "elements": "str", "default": [], "choices": IGNORABLE},
    "timeout": {"type": "int", "default": 30},
}
# The oldest with which kubernetes.core's helm takes a chart from an OCI registry; version 4 it does not know.
HELM_OLDEST = "3.8"
HELM_NEWEST = "4"
CLIENT_OLDEST = "24.2.0"


def run(client: Client, params: dict[str, Any], _check_mode: bool, progress: Progress) -> dict[str, Any]:
    """Return what is in the way (as in DOCUMENTATION)."""
    return judged(_seen(client, params, progress), params)


def _seen(client: Client, params: dict[str, Any], progress: Progress) -> Observation:
    asked = set(params["checks"]) - set(OFFLINE)
    if not asked:
        return Observation()
    if asked == {"rights"}:
        return Observation(denied=denied(client, params["rights"]))
    return observe(client, params, progress)


def judged(observed: Observation, params: dict[str, Any]) -> dict[str, Any]:
    """Return what is in the way by what was observed of a cluster, and by what the parameters say of the input."""
    seen = replace(observed, input=tuple(params["input"]), misspelt=tuple(params["misspelt"]))
    found = [each for each in problems(seen, wanted(params)) if each.check in params["checks"]]
    found = tolerated(found, params["ignore"])
    stopping = [each for each in found if each.stops]
    result: dict[str, Any] = {
        "changed": False,
        "problems": [asdict(each) for each in found],
        "foreign": [each.as_options() for each in seen.foreign],
        "version": ((seen.cluster_version or {}).get("status", {}).get("desired") or {}).get("version", ""),
        "warnings": [f"{each.seen}: {each.do}" for each in found if not each.stops],
    }
    if stopping:
        result.update(failed=True, msg=_refusal(stopping))
    return result


def _refusal(stopping: list[Problem]) -> str:
    names = list(dict.fromkeys(each.check for each in stopping))
    ignorable = ", ".join(name for name in names if name in IGNORABLE)
    remedy = f"\nTo go on in spite of some of it, name them: -e '{{preflight_ignore: [{ignorable}]}}'"
    text = f"Nothing was written, because this is in the way ({', '.join(names)}):\n{message(stopping)}"
    return text + remedy if ignorable else text


def packages(operators: list[dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Return the names of the packages that each catalogue is to offer, by the catalogue's name."""
    found: dict[str, tuple[str, ...]] = {}
    for operator in operators:
        found[operator["source"]] = (*found.get(operator["source"], ()), operator["name"])
    return found


def wanted(params: dict[str, Any]) -> Wanted:
    """Return what the installation needs from the module's parameters."""
    return Wanted(
        playbook=params["playbook"],
        oldest=params["oldest_version"],
        tested=params["tested_version"],
        newest=params["newest_version"],
        catalogs=tuple(params["catalogs"]),
        catalogs_namespace=params["catalogs_namespace"],
        packages=packages(params["operators"]),
        catalog_variables=params["catalog_variables"],
        storage=params["storage"],
        mesh_namespace=params["mesh_namespace"],
        control_plane=params["control_plane"],
        mesh_members=tuple(params["mesh_members"]),
        argocd_namespace=params["argocd_namespace"],
        argocd=params["argocd"],
        managed=tuple(params["managed_namespaces"]),
        alertmanager=params["alertmanager"],
        monitoring=params["monitoring"],
        logins=_logins(params["image_pull_secret"]),
        registry=params["image_registry"],
        adopt=params["adopt"],
        token_seconds=params["token_seconds"],
        helm_oldest=HELM_OLDEST if params["helm"] else "",
        helm_newest=HELM_NEWEST,
        client_oldest=CLIENT_OLDEST,
    )


def _logins(given: Any) -> Logins:
    """Return the logins that were given; none where the input is refused anyway."""
    try:
        return logins(given)
    except NoLogins:
        return {}


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
