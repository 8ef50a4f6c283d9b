# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The one row that says which rights lacked, so that checks were skipped, and how to get them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ansible_collections.seldon.openshift.plugins.module_utils.kube.rights import Right, grant

ROLE = "seldon-validate"
_OLM, _RBAC = "operators.coreos.com", "rbac.authorization.k8s.io"
# What a check reads only after what lacked: it tries passwords, looks up who has a token, CSVs, roles of bindings.
_ROLES = (
    Right("list", "rolebindings", _RBAC),
    Right("list", "clusterrolebindings", _RBAC),
    Right("get", "roles", _RBAC),
    Right("get", "clusterroles", _RBAC),
)
FURTHER: Mapping[tuple[str, str], tuple[Right, ...]] = {
    ("", "secrets"): (Right("get", "pods/portforward"), Right("create", "pods/portforward"), *_ROLES),
    (_OLM, "subscriptions"): (Right("get", "clusterserviceversions", _OLM),),
    (_RBAC, "rolebindings"): _ROLES,
    (_RBAC, "clusterrolebindings"): _ROLES,
}


def row_of(lacking: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """Return the row of the rights that lacked (verb, group, resource, namespace); nothing when none did."""
    rights = list(dict.fromkeys(Right(**each) for each in lacking))
    if not rights:
        return []
    further = [each for right in rights for each in FURTHER.get((right.group, right.resource), ())]
    return [
        {
            "check": "validate.rights",
            "chapter": "validate",
            "title": "You may read all that is checked",
            "why": "What you may not read is skipped, and may be broken.",
            "status": "warn",
            "subject": "your rights",
            "seen": f"you may not {'; '.join(map(str, rights))}",
            "do": grant(ROLE, [*rights, *further]),
        }
    ]
