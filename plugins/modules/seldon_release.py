#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The module seldon_release: what is to be done with a release. Its action lets Helm do it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_release
short_description: Keep a Helm release as it is wanted
version_added: 1.0.0
author:
  - Contributors to the seldon.openshift collection (@seldonio)
description:
  - >-
    Compares chart version and values with the release's record on the cluster, and the fields of its manifest with the
    live objects. A release that is as wanted costs a few requests; Helm is not started.
  - >-
    Where chart or values differ, and for a release that is not there, M(seldon.openshift.seldon_helm) installs or
    upgrades it, once more when Helm fails.
  - >-
    What people changed of its objects is put back, and what they deleted is made again, with the same effect as
    Helm's three-way merge, on custom resources as well, which C(helm upgrade) leaves as they are. Fields that a
    controller holds, such as the replicas of an autoscaler, are left and told; an upgrade by Helm overwrites them.
  - >-
    A Helm that is at work is waited for. What one that was stopped has left, is marked as failed, and its work is done
    again; otherwise every later Helm ends with C(another operation is in progress).
  - >-
    The records of releases that it installed carry the label C(seldon.openshift/release). One that others installed
    is used when it is as wanted, and changed only with O(adopt).
options:
  name:
    description:
      - The name of the release.
    type: str
    required: true
  namespace:
    description:
      - Its namespace.
    type: str
    required: true
  state:
    description:
      - Whether the release is to be there. V(absent) uninstalls it, also one that others installed.
    type: str
    choices: [present, absent]
    default: present
  chart_ref:
    description:
      - A chart's name, C(REPOSITORY/NAME), the path of a folder or archive, or an address. Needed for V(present).
    type: str
  chart_repo_url:
    description:
      - The URL of the Helm repository in which a name is looked up.
    type: str
  chart_version:
    description:
      - >-
        The chart's version. One in full (C(2.1.0)) is compared with the release's; for a range, an address or none,
        Helm is asked for the newest each time. The version of a folder or archive is its own.
    type: str
  values:
    description:
      - The values. A null drops the chart's default.
    type: dict
    default: {}
  several:
    description:
      - >-
        Whether several namespaces have a release of this name on purpose. Without it, one in another namespace is told
        before a second one is installed.
    type: bool
    default: false
  grace_period:
    description:
      - Seconds after which a Helm that has not come to its end counts as stopped.
    type: int
    default: 60
  timeout:
    description:
      - Seconds for the requests, beside O(grace_period).
    type: int
    default: 60
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - seldon.openshift.engine
  - seldon.openshift.conflicts
attributes:
  check_mode:
    description: Says what would be done, and waits for nothing. Helm looks whether there is the chart.
    support: full
  diff_mode:
    description: >-
      Shows the values and fields that change. In check mode, also the objects that an upgrade by Helm would change, as
      C(helm template) renders them. What may be a secret is hidden.
    support: full
"""

EXAMPLES = r"""
- name: Install Seldon Deploy
  seldon.openshift.seldon_release:
    name: seldon-deploy
    namespace: seldon-system
    chart_ref: seldon-deploy
    chart_repo_url: https://charts.example.com
    chart_version: 2.0.0
    values:
      replicaCount: 2

- name: Uninstall it
  seldon.openshift.seldon_release:
    name: seldon-deploy
    namespace: seldon-system
    state: absent
"""

RETURN = r"""
helm:
  description:
    - What is Helm's part. V(ask) says that only the chart's repository knows whether there is a newer version.
  returned: success
  type: str
  sample: none, ask, install, upgrade or uninstall
status:
  description: What the last revision was when it was looked at; none without a release.
  returned: success
  type: str
  sample: pending-upgrade
revision:
  description: The number of that revision; none without a release.
  returned: success
  type: int
results:
  description: The release first, then each object of its manifest.
  returned: when there is something to compare
  type: list
  elements: dict
  contains:
    api_version:
      description: The object's apiVersion; C(helm.sh/v3) for the release.
      type: str
      returned: always
    kind:
      description: The object's kind.
      type: str
      returned: always
    name:
      description: The object's name.
      type: str
      returned: always
    namespace:
      description: The object's namespace; none for an object of the whole cluster.
      type: str
      returned: always
    action:
      description: What was done (in check mode, what would be done).
      type: str
      returned: always
      sample: created, updated, deleted, unchanged or failed
    message:
      description: Why, or from whom a field was taken back.
      type: str
      returned: when there is something to say
    fields:
      description: >-
        What differs: C(field), C(live), C(wanted), C(manager) (who holds it), and C(fate) (V(taken_back), V(added),
        V(changed), V(removed), V(left) or V(refused)). What may be a secret is hidden.
      type: list
      elements: dict
      returned: when something differs
marks:
  description:
    - Annotations of this collection on the pods' templates of the release's workloads, as other tasks have left them.
  returned: when the release is there, and no Helm was stopped
  type: list
  elements: str
  sample: [seldon.openshift/trusted-ca]
progress:
  description: What the task waited for. In-process, these lines are printed while it waits.
  returned: when it waited and ran as an ordinary module
  type: list
  elements: str
"""

from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.apply.policy import POLICY_SPEC
from ansible_collections.seldon.openshift.plugins.module_utils.helm.decision import decide
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import Progress
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main

ARGUMENT_SPEC: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "namespace": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "chart_ref": {"type": "str"},
    "chart_repo_url": {"type": "str"},
    "chart_version": {"type": "str"},
    "values": {"type": "dict", "default": {}},
    "several": {"type": "bool", "default": False},
    **POLICY_SPEC,
    "grace_period": {"type": "int", "default": 60},
    "timeout": {"type": "int", "default": 60},
}


def run(client: Client, params: dict[str, Any], _check_mode: bool, progress: Progress) -> dict[str, Any]:
    """Put the objects of the release right, and return what Helm has to do (`params` as in DOCUMENTATION)."""
    return decide(client, params, progress)


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
