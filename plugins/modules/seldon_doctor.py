#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Collect what support needs, without secrets."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_doctor
short_description: Collect what support needs into one archive, without secrets
version_added: 1.0.0
author: Contributors to the seldon.openshift collection (@SeldonIO)
description:
  - Reads the objects of all kinds that the installation of Seldon Deploy meets, with their conditions, the events, the
    ends of the containers' logs and the versions, and writes them into one C(.tar.gz) that only its owner can read.
  - Of Secrets stay names, types and keys. Their values are taken out wherever they stand, logs included, as is what
    looks like a secret - tokens, private keys, credentials in URLs, queries of URLs, literals of environments and
    fields with a name like C(password). C(managedFields) and C(last-applied-configuration) go as well.
  - What can't be read is told in C(missing.txt) and in the result; it does not fail for that. When a right lacks,
    C(rights.txt) has the command that grants all that lack.
  - Of Secrets that may not be read, no value is known, so that only what looks like a secret is taken out of logs.
  - Changes nothing on the cluster.
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - seldon.openshift.engine
options:
  path:
    description:
      - Where the archive goes, on the host where the task runs. An earlier one is replaced.
      - A relative path starts where C(ansible-playbook) was called.
    type: path
    default: seldon-doctor.tar.gz
  namespaces:
    description: Namespaces to read. Those that do not exist are left out.
    type: list
    elements: str
    required: true
  operators:
    description: Packages of operators; the namespaces in which they are subscribed are read, too.
    type: list
    elements: str
    default: []
  log_lines:
    description: Lines of each container's log, from its end.
    type: int
    default: 300
  about:
    description: More to say in C(about.json), for instance the version of Ansible.
    type: dict
    default: {}
attributes:
  check_mode:
    support: full
    description: It reads nothing and writes nothing.
  diff_mode:
    support: none
    description: Nothing is changed, so there is no difference to show.
"""

EXAMPLES = r"""
- name: Collect the support archive
  seldon.openshift.seldon_doctor:
    path: /tmp/seldon-doctor.tar.gz
    namespaces: [seldon, seldon-system, seldon-logs, istio-system]
    operators: [servicemeshoperator]
"""

RETURN = r"""
path:
  description: The archive.
  returned: when not in check mode
  type: str
size:
  description: Its size in bytes.
  returned: when not in check mode
  type: int
namespaces:
  description: The namespaces that were asked for.
  returned: always
  type: list
  elements: str
missing:
  description: What could not be read, and why.
  returned: when not in check mode
  type: list
  elements: str
lacking:
  description: The rights that lacked. C(rights.txt) in the archive grants them.
  returned: when not in check mode
  type: list
  elements: dict
  sample: [{verb: list, group: '', resource: secrets, namespace: seldon-system}]
progress:
  description: What the task was at. In-process, these lines are printed at once.
  returned: when it ran as an ordinary module
  type: list
  elements: str
"""

import platform
import time
from pathlib import Path
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.doctor.archive import write
from ansible_collections.seldon.openshift.plugins.module_utils.doctor.gather import Missing, gather, homes
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import Progress
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main

ARGUMENT_SPEC: dict[str, Any] = {
    "path": {"type": "path", "default": "seldon-doctor.tar.gz"},
    "namespaces": {"type": "list", "elements": "str", "required": True},
    "operators": {"type": "list", "elements": "str", "default": []},
    "log_lines": {"type": "int", "default": 300},
    "about": {"type": "dict", "default": {}},
}


def run(client: Client, params: dict[str, Any], check_mode: bool, progress: Progress) -> dict[str, Any]:
    """Collect as `params` says and return the module's result. Raises EngineError when the cluster can't be reached."""
    missing = Missing()
    namespaces = sorted({*params["namespaces"], *homes(client, params["operators"], missing)})
    result: dict[str, Any] = {"changed": False, "namespaces": namespaces}
    if check_mode:
        return result
    findings = gather(client, namespaces, params["log_lines"], progress, missing)
    path, moment = Path(params["path"]).resolve(), time.gmtime()
    about = {"moment": time.strftime("%Y-%m-%dT%H:%M:%SZ", moment), "server": client.host, "namespaces": namespaces}
    about.update(python=platform.python_version(), **params["about"])
    try:
        size = write(path, f"seldon-doctor-{time.strftime('%Y%m%d-%H%M%S', moment)}", findings, about)
    except OSError as error:
        return {**result, "failed": True, "msg": f"the archive {path} cannot be written: {error.strerror}"}
    lacking = [right.as_options() for right in findings.lacking]
    return {**result, "path": str(path), "size": size, "missing": findings.missing, "lacking": lacking}


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
