# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What modules that apply objects say of fields and objects of others."""

from __future__ import annotations


class ModuleDocFragment:
    """The documentation fragment seldon.openshift.conflicts."""

    DOCUMENTATION = r"""
options:
  conflicts:
    description:
      - What becomes of fields of an object that others have changed since this collection applied it.
      - >-
        V(heal) takes back what people changed (C(kubectl), C(oc), the console, Helm, Kubernetes' client libraries).
        What a controller holds is left to it, and a warning names field and controller.
      - V(refuse) changes nothing of such an object and fails with its fields and who holds them.
      - V(force) takes over all of them, and changes objects of others as with O(adopt=true).
    type: str
    choices: [heal, refuse, force]
    default: heal
  adopt:
    description:
      - >-
        Change objects that are on the cluster and were never applied by this collection. Without it, such an object
        fails with the fields that would change; it is taken over silently only where nothing but labels and
        annotations are added to it.
      - >-
        What it was before is kept in its namespace, in an object whose name ends in C(-before-seldon): another Secret
        or ConfigMap, for other kinds a ConfigMap with its YAML.
    type: bool
    default: false
"""
