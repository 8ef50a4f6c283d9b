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
  - C(report.html) is one page that loads nothing, to be read on a phone and on paper, and sent on. Its one script
    filters and copies; the page is read without it as well.
  - C(report.json) has the rows, C(junit.xml) is for pipelines. None of the files holds a secret.
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
  platform:
    description:
      - What to tell of the platform beside O(checks), RV(seldon.openshift.seldon_platform_info#module:platform).
      - C(report.html) gets versions, addresses, a picture and the model namespaces from it; C(report.json) holds it.
    type: dict
  started:
    description: When the checks began, as ISO 8601 with a time zone, to tell how long they took.
    type: str
  baseline:
    description:
      - The C(report.json) of an earlier run on the same cluster, to tell what fails since, what is healed, and which
        versions changed; a relative path starts where C(ansible-playbook) was called.
      - The task fails when there is no such file, and when it is no report, of an older format, or of another cluster.
        With an empty list of O(checks) that is all it does, so that it can be known before anything runs.
    type: path
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
comparison:
  description:
    - What is new since O(baseline). The C(new_failures) and what is C(healed) have C(check), C(chapter), C(subject) and
      C(seen); C(versions) have C(kind), C(name), C(namespace), C(before) and C(after).
    - C(not_compared) names the chapters that only one of the two reports has looked at.
  returned: when there is a O(baseline), and rows
  type: dict
  sample: {baseline: 2022-12-01 10:00 UTC, new_failures: [], healed: [], versions: [], not_compared: []}
files:
  description: The files that were written.
  returned: when there are rows, and not in check mode
  type: list
  elements: path
"""
