"""Render templates with the variables of their role, of which one at a time is empty: an action for `recorded`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible_collections.seldon.openshift.plugins.plugin_utils.rendering import rendered

Values = dict[str, Any]


class ActionModule(ActionBase):  # type: ignore[misc]  # Ansible ships no types
    """Arguments: `folder`, the role's; `templates`, paths; `given`, values; `variables`, each with an empty value."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: Values | None = None) -> Values:
        """Write a line for each variable and template: their names, the text, and what went wrong instead."""
        super().run(tmp, task_vars)
        args = self._task.args
        known = {**(task_vars or {}), **args["given"], "ansible_search_path": [args["folder"]]}
        with Path(os.environ["RECORD"], known["inventory_hostname"]).open("a", encoding="utf-8") as file:
            for name, empty in {"": None, **args["variables"]}.items():
                for template in args["templates"]:
                    variables = {**known, name: empty} if name else known
                    file.write(json.dumps([name, template, *self._rendered(template, variables)]) + "\n")
        return {"changed": False}

    def _rendered(self, template: str, variables: Values) -> tuple[str, str]:
        try:
            return rendered(template, self._loader, self._templar, variables), ""
        except AnsibleError as error:
            return "", str(error)
