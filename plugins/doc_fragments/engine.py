# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What all modules of this collection say of themselves."""

from __future__ import annotations


class ModuleDocFragment:
    """The documentation fragment seldon.openshift.engine."""

    DOCUMENTATION = r"""
options: {}
requirements:
  - python >= 3.9
  - kubernetes >= 24.2.0
  - PyYAML >= 5.4
notes:
  - With a local connection the task runs inside Ansible's own process, which saves it half a second; else it is shipped
    to the host as any module is. The results are the same.
"""
