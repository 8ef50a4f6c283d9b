#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The module seldon_annotate."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_annotate
short_description: Set annotations of one object
version_added: 1.0.0
author:
  - Contributors to the seldon.openshift collection (@seldonio)
description:
  - Sets annotations as C(oc annotate --overwrite) does, and changes nothing else of the object.
  - An operator that looks at its object only every few minutes looks at once after any change.
options:
  api_version:
    description:
      - The object's apiVersion.
    type: str
    required: true
  kind:
    description:
      - The object's kind.
    type: str
    required: true
  name:
    description:
      - The object's name. It has to exist.
    type: str
    required: true
  namespace:
    description:
      - The object's namespace; none for an object of the whole cluster.
    type: str
  annotations:
    description:
      - The annotations. Others stay.
    type: dict
    required: true
  timeout:
    description:
      - Seconds for what fails for a moment.
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
    description: Shows the object.
    support: full
"""

EXAMPLES = r"""
- name: Let the control plane look again
  seldon.openshift.seldon_annotate:
    api_version: maistra.io/v2
    kind: ServiceMeshControlPlane
    name: basic
    namespace: istio-system
    annotations: {example.com/awoken: "{{ now(utc=true).isoformat() }}"}
"""

RETURN = r"""
results:
  description:
    - What was done with each object, in the form of RV(seldon.openshift.seldon_apply#module:results); in check mode,
      what would be done.
  returned: success
  type: list
  elements: dict
annotations:
  description: All annotations of the object as they are then.
  returned: success
  type: dict
"""

import time
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Kind, section
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import Progress
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main
from ansible_collections.seldon.openshift.plugins.module_utils.shared.edit import Edit, result_of

ARGUMENT_SPEC: dict[str, Any] = {
    "api_version": {"type": "str", "required": True},
    "kind": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "namespace": {"type": "str"},
    "annotations": {"type": "dict", "required": True},
    "timeout": {"type": "int", "default": 60},
}


def run(client: Client, params: dict[str, Any], _check_mode: bool, _progress: Progress) -> dict[str, Any]:
    """Set the annotations of `params` (as in DOCUMENTATION). Raises ApiError when there is no such object."""
    deadline = time.monotonic() + params["timeout"]
    reference = Kind(params["api_version"], params["kind"]).named(params["name"], params["namespace"])
    wanted = {key: str(value) for key, value in params["annotations"].items()}
    live = client.get(reference, deadline)
    if wanted.items() <= section(live, "metadata", "annotations").items():
        made = Edit(live, live)
    else:
        made = Edit(live, client.patch(reference.bare(), {"metadata": {"annotations": wanted}}, deadline=deadline))
    return {**result_of(made), "annotations": section(made.after, "metadata", "annotations")}


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
