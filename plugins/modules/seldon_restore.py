#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Documentation of the action of the same name, which runs on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_restore
short_description: Bring back what seldon_backup has saved, one step a task
version_added: 1.0.0
author: Contributors to the seldon.openshift collection (@SeldonIO)
description:
  - Each task does one step of what the playbook C(restore.yml) does, on a cluster on which C(site.yml) ran.
  - An object that is missing is created. One that is there and equal is left as it is. One that differs fails, unless
    O(objects=replace). Argo CD's projects and SSH host keys, which others edit as well, get what they lack.
  - The database is replaced in one transaction, all of it or nothing, and Seldon Deploy is restarted.
  - Fails for a folder that is not whole or was changed, of a newer format, or of another vault password.
  - A step that was done before changes nothing; after an interruption, the same steps go on.
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
options:
  path:
    description: The folder of the backup.
    type: path
    required: true
  step:
    description:
      - V(judge) fails with all that is against the restoration, and writes nothing.
      - V(secrets) writes Secrets and ConfigMaps, V(argocd) what is Argo CD's, V(models) models.
      - V(database) replaces the database.
    type: str
    required: true
    choices: [judge, database, secrets, argocd, models]
  system_namespace:
    description: The namespace of Seldon Deploy and its database.
    type: str
    default: seldon-system
  database:
    description: The Service of a database in the cluster. Empty, it is left as it is.
    type: str
    default: metadata
  objects:
    description: What becomes of objects that are there and differ.
    type: str
    choices: [refuse, replace]
    default: refuse
  rows:
    description:
      - What becomes of a database that holds data and was not brought back from this backup. V(skip) leaves any
        database as it is; V(replace) replaces it even when it was brought back already.
    type: str
    choices: [refuse, replace, skip]
    default: refuse
  other_cluster:
    description: Whether the backup may be of another cluster.
    type: bool
    default: false
attributes:
  check_mode:
    description: It says what would be changed. The database is asked what it holds.
    support: full
  diff_mode:
    description: Shows the objects; of Secrets, only the keys.
    support: full
seealso:
  - module: seldon.openshift.seldon_backup
"""

EXAMPLES = r"""
- name: Read what is to be restored
  seldon.openshift.seldon_restore:
    path: /var/backups/seldon/api.example.com-20221128-101500Z
    step: judge
"""

RETURN = r"""
namespaces:
  description: The model namespaces, as entries of C(seldon_model_namespaces).
  returned: when O(step=judge)
  type: list
  elements: dict
moment:
  description: When the backup was taken.
  returned: when O(step=judge)
  type: str
counts:
  description: How many objects are saved, by group.
  returned: when O(step=judge)
  type: dict
database:
  description: What becomes of the database - V(loads), V(loaded) when this backup was brought back before, or V(none).
  returned: when O(step) is V(judge) or V(database)
  type: str
restarted:
  description: The workloads that were restarted.
  returned: when O(step=database)
  type: list
  elements: dict
results:
  description: One entry for each object, with C(api_version), C(kind), C(name), C(namespace) and C(action).
  returned: when O(step) is a group of objects
  type: list
  elements: dict
resources:
  description: The objects, for the option of that name of M(seldon.openshift.seldon_wait).
  returned: when O(step) is a group of objects
  type: list
  elements: dict
"""
