# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Refuse input that cannot work: all of it in one message, or handed on to the preflight."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.seldon.openshift.plugins.plugin_utils import inherited
from ansible_collections.seldon.openshift.plugins.plugin_utils.output import shown
from ansible_collections.seldon.openshift.plugins.plugin_utils.playbook_names import told

Values = dict[str, Any]

inherited.load()

ARGUMENT_SPEC: Values = {
    "problems": {"type": "list", "elements": "str", "required": True},
    "later": {"type": "bool", "default": False},
}


class ActionModule(ActionBase):  # type: ignore[misc]  # Ansible ships no types
    """The action seldon_refuse; it needs no connection to the host."""

    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: Values | None = None) -> Values:
        """Return the problems; failed, unless there are none or the caller reports them."""
        super().run(tmp, task_vars)
        _validation, params = self.validate_argument_spec(ARGUMENT_SPEC)
        problems = told([" ".join(problem.split()) for problem in params["problems"]])
        result: Values = {"changed": False, "problems": problems}
        if problems and not params["later"]:
            listed = problems[0] if len(problems) == 1 else "".join(f"\n- {problem}" for problem in problems)
            result.update(failed=True, msg=f"The input cannot work: {listed}")
        return shown(result)
