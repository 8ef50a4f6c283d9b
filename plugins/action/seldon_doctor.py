# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Run seldon_doctor in-process where possible."""

from __future__ import annotations

from ansible_collections.seldon.openshift.plugins.modules import seldon_doctor
from ansible_collections.seldon.openshift.plugins.plugin_utils.engine_action import EngineAction


class ActionModule(EngineAction):
    """The action of seldon_doctor."""

    module = seldon_doctor
