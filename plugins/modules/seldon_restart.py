#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The module seldon_restart."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_restart
short_description: Restart who runs with earlier values of a Secret
version_added: 1.0.0
author:
  - Contributors to the seldon.openshift collection (@seldonio)
description:
  - >-
    A container reads its environment only when it starts. This restarts the Deployments and DaemonSets that read one of
    the Secrets and have pods that are older than the Secret's values, as C(oc rollout restart) does.
  - Judged by what runs. So nothing is restarted twice, and a restart that an earlier run has missed is made up for.
options:
  secrets:
    description:
      - The Secrets. One that does not exist has no readers that run.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - The name of the Secret.
        type: str
        required: true
      namespace:
        description:
          - Its namespace.
        type: str
        required: true
  timeout:
    description:
      - Seconds for what fails for a moment. It does not wait for the restarts.
    type: int
    default: 60
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - seldon.openshift.engine
attributes:
  check_mode:
    description: The API server tries the change without keeping it.
    support: full
  diff_mode:
    description: The result says what is restarted.
    support: none
"""

EXAMPLES = r"""
- name: Seldon Deploy runs with the database's password
  seldon.openshift.seldon_restart:
    secrets:
      - name: metadata-postgres
        namespace: seldon-system
"""

RETURN = r"""
restarted:
  description: The workloads that were restarted, or would be in check mode.
  returned: success
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
    - {api_version: apps/v1, kind: Deployment, namespace: seldon-system, name: seldon-deploy}
"""

import time
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.apply.outcome import Outcome
from ansible_collections.seldon.openshift.plugins.module_utils.apply.waves import parallel
from ansible_collections.seldon.openshift.plugins.module_utils.credentials.result import finish
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import SECRET
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import is_terminating
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import Progress
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main

ARGUMENT_SPEC: dict[str, Any] = {
    "secrets": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "no_log": False,
        "options": {"name": {"type": "str", "required": True}, "namespace": {"type": "str", "required": True}},
    },
    "timeout": {"type": "int", "default": 60},
}


def run(client: Client, params: dict[str, Any], _check_mode: bool, _progress: Progress) -> dict[str, Any]:
    """Restart who reads the Secrets of `params` (as in DOCUMENTATION) and runs with earlier values."""
    deadline = time.monotonic() + params["timeout"]
    wanted = dict.fromkeys(SECRET.named(each["name"], each["namespace"]) for each in params["secrets"])
    found = parallel(lambda secret: client.get(secret, deadline), wanted)
    # The values of a Secret that is being deleted are nobody's any more.
    secrets = [secret for secret in found if secret and not is_terminating(secret)]
    outcomes = [Outcome(secret, "unchanged", before=secret, after=secret) for secret in secrets]
    result = finish(client, outcomes, outcomes, roll=True, deadline=deadline)
    return {"changed": result["changed"], "restarted": result["restarted"]}


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
