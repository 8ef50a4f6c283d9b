#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Documentation of the action of the same name, which runs on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_report
short_description: Tell what checks or check mode have found, in the terminal and in files
version_added: 1.0.0
author: Contributors to the seldon.openshift collection (@SeldonIO)
description:
  - Prints the rows that M(seldon.openshift.seldon_check) returned, or those of O(findings), as a table, what is wrong
    first, and writes them to files on the controller.
  - C(report.html) is one page that loads nothing and runs no script, to be read on a phone and sent on; C(report.json)
    has the rows; C(junit.xml) is for pipelines. None of them holds a secret.
  - When the play has several hosts, each file's name starts with the host's.
  - Fails, after all is written, when a row is as bad as O(fail_on).
options:
  checks:
    description:
      - The rows, RV(seldon.openshift.seldon_check#module:checks) of any number of chapters.
      - Of an empty list nothing is told.
      - Either this or O(findings) is required.
    type: list
    elements: dict
  findings:
    description:
      - What a play in check mode has collected, in place of O(checks). The fact C(seldon_findings) of a host holds it
        after tasks for which the variable C(seldon_collect_findings) was true.
      - Each object becomes a row, which fails when a run would change it, and warns when it is left to a controller.
      - C(report.json) has the findings themselves then; its keys are in C(docs/drift.md).
    type: list
    elements: dict
  lacking:
    description:
      - The rights that lacked, RV(seldon.openshift.seldon_check#module:lacking) of any number of chapters.
      - They become one row, which warns and gives the command that grants them.
    type: list
    elements: dict
    default: []
  directory:
    description: Where the files go; a relative path starts where C(ansible-playbook) was called.
    type: path
    default: seldon-report
  title:
    description: What the report is about.
    type: str
    default: Seldon Deploy
  fail_on:
    description: The status that makes the task fail. V(warn) includes V(fail).
    type: str
    choices: [fail, warn, never]
    default: fail
attributes:
  check_mode:
    support: full
    description: It prints, but writes no file and does not fail.
  diff_mode:
    support: none
    description: Nothing on the cluster is changed.
"""

EXAMPLES = r"""
- name: Look at the namespaces
  seldon.openshift.seldon_check:
    chapter: namespaces
    settings:
      names: [seldon-system, seldon-logs]
  register: namespaces_checked

- name: Tell
  seldon.openshift.seldon_report:
    checks: "{{ namespaces_checked.checks }}"
    directory: /var/www/html/seldon
    fail_on: never
"""

RETURN = r"""
counts:
  description: The number of rows of each status.
  returned: always
  type: dict
  sample: {fail: 0, warn: 1, skipped: 2, pass: 117}
files:
  description: The files that were written.
  returned: when there are rows, and not in check mode
  type: list
  elements: path
"""
