# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Taking an operator away: Subscription first (or OLM installs it again), then its versions, then our OperatorGroup."""

from __future__ import annotations

from collections.abc import Sequence

from ..readiness.state import section
from .model import GROUPS, MANAGED_BY, OPERATORS, Object, Operator, Seen, Write
from .subscription import orphans


def remove(operators: Sequence[Operator], seen: Seen) -> list[Write]:
    """Return the deletions, in order, that remove `operators` from one namespace; definitions and resources stay.

    The OperatorGroup goes only if we made it and nobody else's Subscription or version needs it.
    """
    packages = {operator.name for operator in operators}
    subscriptions = [s for s in seen.subscriptions if section(s, "spec").get("name") in packages]
    doomed = {section(s, "status").get(key) for s in subscriptions for key in ("installedCSV", "currentCSV")}
    doomed.update(name for operator in operators for name in orphans(operator, seen))
    versions = [v for v in seen.own_versions() if v["metadata"]["name"] in doomed]
    writes = [_delete(OPERATORS, "Subscription", s) for s in subscriptions]
    writes += [_delete(OPERATORS, "ClusterServiceVersion", v) for v in versions]
    needed = len(subscriptions) < len(seen.subscriptions) or len(versions) < len(list(seen.own_versions()))
    ours = [g for g in seen.groups if MANAGED_BY.items() <= section(g, "metadata", "labels").items()]
    return writes if needed else writes + [_delete(GROUPS, "OperatorGroup", g) for g in ours]


def _delete(api_version: str, kind: str, obj: Object) -> Write:
    name, namespace = obj["metadata"]["name"], obj["metadata"]["namespace"]
    reference = {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": namespace}}
    return Write("delete", reference, f"delete {kind} {namespace}/{name}")
