# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Run seldon_template_instance in-process where possible."""

from __future__ import annotations

from ansible_collections.seldon.openshift.plugins.modules import seldon_template_instance
from ansible_collections.seldon.openshift.plugins.plugin_utils.engine_action import EngineAction


class ActionModule(EngineAction):
    """The action of seldon_template_instance."""

    module = seldon_template_instance
