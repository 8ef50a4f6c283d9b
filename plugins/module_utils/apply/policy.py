# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Whose fields an apply may take: pure functions over the names of field managers and fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
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
    changed. explicit: the paths of fields that somebody has given explicitly, which `heal` takes from controllers, too;
    zeros: of those whose values are, or hold, zeros. given_by: the names of the variables that hold them, each with the
    path of its part.
    """

    conflicts: str = HEAL
    adopt: bool = False
    explicit: tuple[str, ...] = ()
    zeros: tuple[str, ...] = ()
    given_by: Mapping[str, str] = field(default_factory=dict)

    @property
    def forces(self) -> bool:
        """Whether everything is taken, whoever holds it."""
        return self.conflicts == FORCE

    @property
    def consents(self) -> bool:
        """Whether objects of others may be changed."""
        return self.adopt or self.forces

    def may_take(self, field: str, manager: str, kind: Kind) -> bool:
        """Say whether `heal` takes a field, named by its path, from `manager`."""
        return may_take(manager, kind) or self.is_explicit(field)

    def is_explicit(self, field: str) -> bool:
        """Say whether somebody has given the field, a part of it, or what it is a part of."""
        return any(field == path or _within(field, path) or _within(path, field) for path in self.explicit)


def policy_of(params: Mapping[str, Any]) -> Policy:
    """Return the policy of a module's options, which are those of POLICY_SPEC."""
    return Policy(params["conflicts"], params["adopt"])


def fields_of(given: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of the values that a mapping holds, lists as a whole: `.spec.ha.enabled`."""
    if isinstance(given, Mapping):
        for key, value in given.items():
            yield from fields_of(value, f"{path}.{key}")
    elif given is not None:
        yield path


def is_person(manager: str) -> bool:
    """Say whether people use this client."""
    return _PERSONS.fullmatch(manager) is not None


def may_take(manager: str, kind: Kind) -> bool:
    """Say whether `manager` would not write again: a client that people use, ours, or one that only fills in."""
    return manager in (FIELD_MANAGER, _COMPLETING.get(kind)) or is_person(manager)


def _within(part: str, whole: str) -> bool:
    return part.startswith((f"{whole}.", f"{whole}["))
