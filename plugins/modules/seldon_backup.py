#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Documentation of the action of the same name, which runs on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_backup
short_description: Save what only this installation holds, encrypted by ansible-vault
version_added: 1.0.0
author: Contributors to the seldon.openshift collection (@SeldonIO)
description:
  - Writes a folder of its own with the database of the cluster, Secrets that nothing makes again, the list of model
    namespaces, what models there read (Secrets and ConfigMaps), models of Seldon Core v1 and v2, and Argo CD's
    repositories, projects, Applications and SSH host keys.
  - Each file but C(manifest.json) is encrypted by the vault password of the run, and shown by C(ansible-vault view).
    Plain text is never written to a disk. Without a vault password it ends before anything is read.
  - The folder is there as a whole or not at all. Only its owner may read it.
  - Left out, and counted by reason, is what comes again by itself, such as tokens of ServiceAccounts, Helm's records,
    and what operators, the roles or Git make again.
  - Runs on the controller, which has the vault passwords, and changes nothing on the cluster.
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
options:
  directory:
    description:
      - The folder in which the backup gets one of its own, named by the host of the API server and the time in UTC.
      - A relative path starts where C(ansible-playbook) was called.
    type: path
    required: true
  system_namespace:
    description: The namespace of Seldon Deploy.
    type: str
    default: seldon-system
  logs_namespace:
    description: The namespace of the request logger.
    type: str
    default: seldon-logs
  argocd_namespace:
    description: The namespace of Argo CD.
    type: str
    default: seldon-argocd
  external_elasticsearch:
    description: Whether Elasticsearch is elsewhere, so that nothing in the cluster knows its password again.
    type: bool
    default: false
  database:
    description: >-
      The Service of a database in the cluster, whose pods have its name in the label C(name). Empty, none is dumped.
    type: str
    default: metadata
attributes:
  check_mode:
    description: It reads, and writes nothing.
    support: full
  diff_mode:
    description: There is nothing to compare.
    support: none
seealso:
  - module: seldon.openshift.seldon_restore
"""

EXAMPLES = r"""
- name: Take the backup
  seldon.openshift.seldon_backup:
    directory: /var/backups/seldon
"""

RETURN = r"""
path:
  description: The folder of the backup.
  returned: when not in check mode
  type: str
  sample: /var/backups/seldon/api.example.com-20221128-101500Z
id:
  description: What tells the backup from others.
  returned: when not in check mode
  type: str
size:
  description: Size of its files in bytes.
  returned: when not in check mode
  type: int
namespaces:
  description: The model namespaces.
  returned: success
  type: list
  elements: str
counts:
  description: How many objects are saved, by group.
  returned: success
  type: dict
  sample: {secrets: 3, argocd: 2, models: 14}
left_out:
  description: How many objects are not saved, by reason.
  returned: success
  type: dict
  sample: {tokens of ServiceAccounts: 21}
database:
  description: Whether the database is dumped.
  returned: success
  type: bool
"""
