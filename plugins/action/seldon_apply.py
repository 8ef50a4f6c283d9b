# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Run the module that has this file's name, in-process where possible. Other modules' actions are links to this file.

They are links, because Ansible loads an action before it forks its workers only by the name that the task says. With
`action_plugin` in meta/runtime.yml every worker would import the Kubernetes library anew; with `redirect`, Ansible
would ignore `module_defaults`.
"""

from __future__ import annotations

from importlib import import_module

from ansible_collections.seldon.openshift.plugins.plugin_utils.engine_action import EngineAction

MODULES = "ansible_collections.seldon.openshift.plugins.modules"


class ActionModule(EngineAction):
    """The action of the module of the same name."""

    module = import_module(f"{MODULES}.{__name__.rpartition('.')[2]}")
