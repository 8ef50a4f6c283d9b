# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The one table of what each module wants and answers when a tree of manifests is rendered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.seldon.openshift.plugins.plugin_utils.render import credentials, edits, objects, stand_ins
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.model import Wanted
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.stand_ins import Answer, Place

Params = Mapping[str, Any]

# A play that sets this variable to a Place ({domain, host}) gets what its tasks want in the fact, and no task looks at,
# or changes, a cluster.
ASKED_BY = "seldon_render"
FACT = "seldon_rendered"


def _none(_params: Params) -> Iterable[Wanted]:
    return ()


@dataclass(frozen=True)
class Description:
    """What a task of a module wants, and what it returns."""

    wanted: Callable[[Params], Iterable[Wanted]] = _none
    answer: Callable[[Params, Place], Answer] = stand_ins.nothing


_PASSING = Description()
MODULES: dict[str, Description] = {
    "seldon_apply": Description(objects.applied),
    "seldon_operator": Description(objects.operators, stand_ins.installed),
    "seldon_release": Description(objects.release),
    "seldon_credentials": Description(credentials.kept, stand_ins.credited),
    "seldon_es_credentials": Description(credentials.elasticsearch, stand_ins.credited),
    "seldon_token_secret": Description(credentials.token, stand_ins.credited),
    "seldon_mesh_member": Description(edits.member),
    "seldon_gitops_project": Description(edits.project),
    "seldon_monitoring_config": Description(edits.monitoring, stand_ins.configured),
    "seldon_log_forwarder": Description(edits.forwarder),
    "seldon_alertmanager_receiver": Description(edits.receiver),
    "seldon_gitops_known_hosts": Description(edits.hosts),
    "seldon_pull_secret": Description(edits.logins),
    "seldon_gitops_trusted_ca": Description(edits.certificates),
    "seldon_trusted_ca": Description(edits.authorities),
    "seldon_template_instance": Description(edits.template),
    # These want nothing that lasts: they look, wake, restart, repair, or end something.
    "seldon_cluster_info": Description(answer=stand_ins.information),
    "seldon_wait": Description(answer=stand_ins.awaited),
    "seldon_check": Description(answer=stand_ins.checked),
    "seldon_restart": Description(answer=stand_ins.credited),
    "seldon_annotate": _PASSING,
    "seldon_mesh_repair": _PASSING,
    "seldon_gitops_release": _PASSING,
}
# These are no part of what an installation wants, and are run as always.
ELSEWHERE = frozenset(
    {
        "seldon_backup",
        "seldon_doctor",
        "seldon_helm",
        "seldon_platform_info",
        "seldon_preflight",
        "seldon_restore",
        "seldon_try_model",
        "seldon_upgrade_info",
    }
)
