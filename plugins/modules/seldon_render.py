#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Documentation of the action of the same name, which runs on the controller, and its options."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_render
short_description: Write what tasks want as a tree of plain manifests
version_added: 1.0.0
author: Contributors to the seldon.openshift collection (@SeldonIO)
description:
  - Writes to a folder on the controller what the tasks before it have recorded, those for which the variable
    C(seldon_render) was set. Such tasks look at no cluster, and change none.
  - The tree has a folder for each chapter, with a file for each object and a C(kustomization.yaml), Applications for
    Argo CD in C(argocd/), and pages that say what no manifest can say. No secret is in it.
  - C(.seldon-render.json) lists the files that were written. Only those are changed, and removed when they are not
    wanted any more and nobody has edited them. A folder that holds other files and no such list is refused.
  - Chapters that the tags of the run leave out stay as they are.
  - When the play has several hosts, each has a folder of its name in O(directory).
options:
  directory:
    description: The folder; a relative path starts where C(ansible-playbook) was called. Made when it does not exist.
    type: path
    required: true
  secrets:
    description:
      - V(placeholders) writes a form for each Secret, which kustomize passes over (C(.yaml.example)).
      - V(external_secrets) writes an ExternalSecret (C(external-secrets.io/v1beta1)) for each instead.
    type: str
    choices: [placeholders, external_secrets]
    default: placeholders
  store:
    description: Name of the store that ExternalSecrets read.
    type: str
    default: seldon
  store_kind:
    description: Kind of the store.
    type: str
    choices: [ClusterSecretStore, SecretStore]
    default: ClusterSecretStore
  store_path:
    description: What the keys in the store begin with; the Secret's namespace and name follow, as C(seldon/NS/NAME).
    type: str
    default: seldon
  shared:
    description:
      - Whether objects that others may have settings in are part of the kustomizations. Applying them overwrites what
        others have there. Otherwise they end in C(.example).
    type: bool
    default: false
  repository:
    description: The Git repository that the tree will be in, for Applications of the chapters; none without it.
    type: str
    default: ''
  revision:
    description: The branch, tag or commit of the tree in O(repository).
    type: str
    default: HEAD
  path:
    description: The folder of the tree in O(repository).
    type: str
    default: .
  argocd_namespace:
    description: Namespace of the Argo CD that applies the tree, which need not be the one for models.
    type: str
    default: openshift-gitops
  project:
    description: Its project for the Applications.
    type: str
    default: default
  title:
    description: What the tree is for, the title of its page.
    type: str
    default: Seldon Deploy
attributes:
  check_mode:
    support: full
    description: Writes nothing.
  diff_mode:
    support: full
    description: Shows each file that differs.
"""

EXAMPLES = r"""
- name: Record what the chapter wants
  vars:
    seldon_render: {domain: apps.example.com, host: seldon.apps.example.com}
  block:
    - name: Record Kafka
      ansible.builtin.import_role:
        name: seldon.openshift.kafka

- name: Write the tree
  seldon.openshift.seldon_render:
    directory: platform/seldon
    repository: https://github.com/acme/platform
    path: seldon
"""

RETURN = r"""
directory:
  description: The folder.
  returned: success
  type: str
files:
  description: All files of the chapters that this run renders, by their paths in the folder.
  returned: success
  type: list
  elements: str
written:
  description: Those that were written, or would be in check mode.
  returned: success
  type: list
  elements: str
removed:
  description: Those of earlier runs that were removed, as nothing wants them any more.
  returned: success
  type: list
  elements: str
"""
