#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Documentation of the action of the same name, and its part on another machine: what names the cluster there."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_helm
short_description: Run kubernetes.core.helm with the cluster that the other modules mean
version_added: 1.0.0
author: Contributors to the seldon.openshift collection (@SeldonIO)
description:
  - >-
    Installs, upgrades or removes a release by M(kubernetes.core.helm), which gets a kubeconfig of exactly one cluster
    and one user: those that all modules of this collection take from the same options and environment.
  - >-
    So options that M(kubernetes.core.helm) does not know, such as O(client_cert), O(password), O(proxy) and
    O(impersonate_user), hold for Helm as well, and relative paths start where the command was typed.
  - Charts are fetched as before. A proxy that leads to the cluster is none for them, unless E(HTTPS_PROXY) names it.
  - >-
    Values reach Helm as JSON, in a file that only its user may read and that goes afterwards: strings such as C(y),
    C(1e5) or C(089) stay strings.
  - All other options are those of M(kubernetes.core.helm).
options: {}
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
notes:
  - E(HELM_KUBEAPISERVER) and its like still win over the kubeconfig. M(seldon.openshift.seldon_preflight) tells.
attributes:
  check_mode:
    description: As M(kubernetes.core.helm).
    support: full
  diff_mode:
    description: As M(kubernetes.core.helm).
    support: full
seealso:
  - module: kubernetes.core.helm
"""

EXAMPLES = r"""
- name: Install a chart
  seldon.openshift.seldon_helm:
    name: seldon-deploy
    namespace: seldon-system
    chart_ref: seldon-deploy
    chart_repo_url: https://charts.example.com
"""

RETURN = r"""
status:
  description: The release, as M(kubernetes.core.helm) tells it.
  returned: when there is a release
  type: dict
"""

import base64
import json
import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.seldon.openshift.plugins.module_utils.kube.dependencies import require_libraries
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.target import Target, find_target
from ansible_collections.seldon.openshift.plugins.module_utils.module import AUTH


def packed(target: Target) -> str:
    """Return a target as one word: Ansible would hide the options' values in what a module returns."""
    fields = {"context": target.context, "cluster": target.cluster, "user": target.user}
    return base64.b64encode(json.dumps(fields).encode()).decode()


def unpacked(word: str) -> Target:
    """Return the target that `packed` made a word of."""
    return Target(**json.loads(base64.b64decode(word)))


def main() -> None:
    """Tell the action what the options and the environment of this machine mean."""
    module = AnsibleModule(argument_spec=AUTH, supports_check_mode=True, no_log=True)
    try:
        require_libraries()
        target = find_target(module.params, os.environ, Path.cwd()).flat()
    except EngineError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, target=packed(target))


if __name__ == "__main__":
    main()
