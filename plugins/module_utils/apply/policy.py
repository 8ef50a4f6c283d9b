# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Whose fields an apply may take: pure functions over the names of field managers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..kube.client import FIELD_MANAGER
from ..kube.kinds import ARGOCD, ELASTICSEARCH
from ..kube.objects import Kind

HEAL, REFUSE, FORCE = "heal", "refuse", "force"
POLICY_SPEC: dict[str, Any] = {
    "conflicts": {"type": "str", "choices": [HEAL, REFUSE, FORCE], "default": HEAL},
    "adopt": {"type": "bool", "default": False},
}
ADOPT = "See what would change with `ansible-playbook seldon.openshift.adopt`, and agree with -e seldon_adopt=true."
# A client that names no field manager gets the first word of its User-Agent (Kubernetes documentation, Server-Side
# Apply): browsers are the console, OpenAPI-Generator is Kubernetes' Python client, which kubernetes.core uses.
_PERSONS = re.compile(
    r"(kubectl|oc|odo)([-.].*)?|Mozilla|OpenAPI-Generator|Swagger-Codegen|python-requests|[Hh]elm|HashiCorp|Terraform"
    r"|pulumi.*|k9s|Lens|OpenLens|freelens|node-fetch|axios|undici|curl|Wget|before-first-apply"
)

# Operators that write the whole spec of their own objects, in their form and with defaults, and respect what it holds.
_COMPLETING = {ELASTICSEARCH: "elastic-operator", ARGOCD: "gitops-operator"}


@dataclass(frozen=True)
class Policy:
    """What an apply does with fields that others hold.

    conflicts: `heal` takes back what people's clients changed of an object that we applied, and leaves what a
    controller holds; `refuse` fails; `force` takes everything. adopt: whether an object that we never applied may be
    changed.
    """

    conflicts: str = HEAL
    adopt: bool = False

    @property
    def forces(self) -> bool:
        """Whether everything is taken, whoever holds it."""
        return self.conflicts == FORCE

    @property
    def consents(self) -> bool:
        """Whether objects of others may be changed."""
        return self.adopt or self.forces


def policy_of(params: Mapping[str, Any]) -> Policy:
    """Return the policy of a module's options, which are those of POLICY_SPEC."""
    return Policy(params["conflicts"], params["adopt"])


def may_take(manager: str, kind: Kind) -> bool:
    """Say whether `manager` would not write again: a client that people use, ours, or one that only fills in."""
    return manager in (FIELD_MANAGER, _COMPLETING.get(kind)) or _PERSONS.fullmatch(manager) is not None
