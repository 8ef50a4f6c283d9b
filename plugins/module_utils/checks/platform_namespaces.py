# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""One row for each model namespace: what it belongs to, what it holds, and how many of its models run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ..kube.kinds import (
    MEMBER_ROLL,
    NAMESPACE,
    NETWORK_POLICY,
    POD_MONITOR,
    PROMETHEUS_RULE,
    SELDON_DEPLOYMENT,
    SERVER,
)
from ..kube.objects import Kind, Object, section
from ..readiness.registry import assess
from ..readiness.state import Ready
from .platform import Gathering

HELD: Mapping[str, Kind] = {"policies": NETWORK_POLICY, "monitors": POD_MONITOR, "rules": PROMETHEUS_RULE}
MODELS = (SELDON_DEPLOYMENT, Kind(SERVER.api_version, "Model"), Kind(SERVER.api_version, "Pipeline"))


def model_namespaces(gathering: Gathering, names: Sequence[str], mesh_namespace: str) -> list[dict[str, Any]]:
    """Return the rows of `names`, from one list of each kind for all of them; what may not be read is None.

    Each has name, gitops, member, policies, monitors, rules, models and running.
    """
    cluster = gathering.cluster
    if not names:
        return []
    named = _listed(gathering, NAMESPACE)
    gitops = None if named is None else {obj["metadata"]["name"] for obj in named if _is_for_gitops(obj)}
    rolls = gathering.fact(lambda: _or_none(gathering, cluster.list(MEMBER_ROLL, mesh_namespace)), None)
    members = None if rolls is None else {name for roll in rolls for name in _members(roll)}
    held = {key: _counts(_listed(gathering, kind)) for key, kind in HELD.items()}
    models = [_listed(gathering, kind) for kind in MODELS]
    there = [obj for found in models for obj in found or []]
    known = None not in models
    total = _counts(there if known else None)
    running = _counts([obj for obj in there if isinstance(assess(obj), Ready)] if known else None)
    return [
        {
            "name": name,
            "gitops": None if gitops is None else name in gitops,
            "member": None if members is None else name in members,
            **{key: _of(counts, name) for key, counts in held.items()},
            "models": _of(total, name),
            "running": _of(running, name),
        }
        for name in names
    ]


def _listed(gathering: Gathering, kind: Kind) -> list[Object] | None:
    return gathering.fact(lambda: _or_none(gathering, gathering.cluster.list(kind)), None)


def _or_none(gathering: Gathering, found: list[Object]) -> list[Object] | None:
    return None if gathering.cluster.refused else found


def _is_for_gitops(namespace: Object) -> bool:
    return section(namespace, "metadata", "labels").get("seldon.gitops") == "enabled"


def _members(roll: Object) -> list[str]:
    return section(roll, "status").get("configuredMembers") or []


def _counts(objects: list[Object] | None) -> Counter[str] | None:
    return None if objects is None else Counter(str(obj["metadata"].get("namespace")) for obj in objects)


def _of(counts: Counter[str] | None, name: str) -> int | None:
    return None if counts is None else counts[name]
