#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Documentation of the action of the same name, which runs on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_refuse
short_description: Fail on invalid input
version_added: 1.0.0
author: Contributors to the seldon.openshift collection (@SeldonIO)
description:
  - Fails with everything that is wrong with the input of a role, each with what to type. Asks no cluster.
  - With O(later=true) it only returns what it was given, so that M(seldon.openshift.seldon_preflight) can report the
    input of all roles together, before anything is written.
options:
  problems:
    description:
      - What is wrong with the input, a sentence or two for each; the last of them says what to type.
    type: list
    elements: str
    required: true
  later:
    description: Report the problems and let a later task fail.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    description: It changes nothing.
  diff_mode:
    support: none
    description: It changes nothing.
seealso:
  - module: seldon.openshift.seldon_preflight
"""

EXAMPLES = r"""
- name: Fail on invalid input
  seldon.openshift.seldon_refuse:
    problems: "{{ kafka | seldon.openshift.replication_problems }}"
"""

RETURN = r"""
problems:
  description: What is wrong.
  returned: always
  type: list
  elements: str
"""
