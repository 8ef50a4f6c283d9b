# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Rights (RBAC): which one a refused request lacked, and the ClusterRole that grants several."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from .errors import ApiError

# What the API server says to a 403, in any version: verb, resource with its subresource, group, and where.
_REFUSED = re.compile(
    r'cannot (?P<verb>\w+) resource "(?P<resource>[^"]+)" in API group "(?P<group>[^"]*)"'
    r'(?: in the namespace "(?P<namespace>[^"]+)")?'
)
_READS = ("get", "list")
# PLAYBOOK is that which was refused; the command says what whoever administers the cluster types then.
GRANT = "ansible-playbook seldon.openshift.rights -e playbook=PLAYBOOK -e user=USER"


@dataclass(frozen=True)
class Right:
    """A verb on a resource of an API group; `namespace` empty means in the whole cluster, `name` empty any object."""

    verb: str
    resource: str
    group: str = ""
    namespace: str = ""
    name: str = ""

    def __str__(self) -> str:
        resource = f"{self.resource}.{self.group}" if self.group else self.resource
        return f"{self.verb} {resource} in {self.namespace}" if self.namespace else f"{self.verb} {resource}"

    def as_options(self) -> dict[str, str]:
        """Return it as a result of a module holds it."""
        return {key: value for key, value in asdict(self).items() if key != "name"}


def grant_for(playbook: str) -> str:
    """Return the command that writes the roles with which USER may run a playbook."""
    return GRANT.replace("PLAYBOOK", playbook)


def gives(rule: Mapping[str, Any], right: Right) -> bool:
    """Say whether a rule of RBAC (of a role, or of a SelfSubjectRulesReview) gives a right."""
    wanted = {"verbs": right.verb, "apiGroups": right.group, "resources": right.resource}
    names = rule.get("resourceNames") or []
    return (not names or right.name in names) and all(
        value in (rule.get(field) or []) or "*" in (rule.get(field) or []) for field, value in wanted.items()
    )


def is_forbidden(error: Exception) -> bool:
    """Say whether the API server refused a request for want of a right; it says nothing of what is there."""
    return isinstance(error, ApiError) and error.status == 403


def lacking(error: ApiError) -> Right | None:
    """Return the right that a refused request lacked, None when the server does not say."""
    found = _REFUSED.search(error.message)
    return Right(found["verb"], found["resource"], found["group"], found["namespace"] or "") if found else None


def refusal(error: ApiError) -> str:
    """Return what a refused request lacked, as in `you may not list pods in seldon`."""
    right = lacking(error)
    return f"you may not {right}" if right else error.message


def grant(name: str, rights: Iterable[Right]) -> str:
    """Return the command that creates a ClusterRole with these rights and gives it to USER, to be pasted."""
    verbs: dict[tuple[str, str], set[str]] = {}
    for right in rights:
        # Who may list objects has to get them as well, and the other way round.
        added = _READS if right.verb in _READS and "/" not in right.resource else (right.verb,)
        verbs.setdefault((right.group, right.resource), set()).update(added)
    resources: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (group, resource), allowed in sorted(verbs.items()):
        resources.setdefault((group, tuple(sorted(allowed))), []).append(resource)
    rules = [
        {"apiGroups": [group], "resources": names, "verbs": list(allowed)}
        for (group, allowed), names in resources.items()
    ]
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": name},
        "rules": rules,
    }
    return f"echo {shlex.quote(json.dumps(role))} | oc apply -f - && oc adm policy add-cluster-role-to-user {name} USER"
