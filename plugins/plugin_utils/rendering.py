# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Templates of the user and of the roles, by Ansible's own lookup."""

from __future__ import annotations

from typing import Any

from ansible.plugins.loader import lookup_loader


class Variables(dict[str, Any]):
    """A task's variables, of which a deep copy is a shallow one.

    The lookup copies all variables for each template, results of tasks included, only to add a few names to them.
    """

    def __deepcopy__(self, _memo: dict[int, Any]) -> dict[str, Any]:
        """Return a new mapping of the same values."""
        return dict(self)


def rendered(name: str, loader: Any, templar: Any, variables: dict[str, Any]) -> str:
    """Return the text of the template `name`, found where Ansible looks for templates; empty for one without output.

    Raises AnsibleError when there is none, or when it cannot be rendered.
    """
    lookup = lookup_loader.get("ansible.builtin.template", loader=loader, templar=templar)
    return str(lookup.run([name], variables=Variables(variables))[0] or "")
