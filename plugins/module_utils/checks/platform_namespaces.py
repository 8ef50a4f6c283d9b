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
    """Return the rows of `names`, one list of each kind for all of them; a count that may not be read is None.

    Each has name, gitops (`enabled`, or empty), member, policies, monitors, rules, models and running.
    """
    cluster = gathering.cluster
    if not names:
        return []
    labels = _labels(gathering.fact(lambda: _or_none(gathering, cluster.list(NAMESPACE)), None))
    roll = gathering.fact(lambda: cluster.get(MEMBER_ROLL.named("default", mesh_namespace)), None)
    members = set(section(roll, "status").get("configuredMembers") or [])
    held = {key: _counts(_listed(gathering, kind)) for key, kind in HELD.items()}
    models = [_listed(gathering, kind) for kind in MODELS]
    there = [obj for found in models for obj in found or []]
    known = None not in models
    total = _counts(there if known else None)
    running = _counts([obj for obj in there if isinstance(assess(obj), Ready)] if known else None)
    return [
        {
            "name": name,
            "gitops": labels.get(name, {}).get("seldon.gitops") == "enabled",
            "member": name in members if roll else None,
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


def _labels(namespaces: list[Object] | None) -> dict[str, dict[str, str]]:
    return {obj["metadata"]["name"]: obj["metadata"].get("labels") or {} for obj in namespaces or []}


def _counts(objects: list[Object] | None) -> Counter[str] | None:
    return None if objects is None else Counter(str(obj["metadata"].get("namespace")) for obj in objects)


def _of(counts: Counter[str] | None, name: str) -> int | None:
    return None if counts is None else counts[name]
