# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What would keep an installation from ending well, judged before it starts: pure functions over what was observed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from . import cluster, given, neighbours, tools
from .model import ONLY_WARNED, Observation, Problem, Wanted

# In the order of CHECKS.
JUDGES = (
    *(given.values, given.names),
    *(cluster.version, cluster.upgrade, cluster.rights, cluster.catalogs, cluster.storage),
    *(neighbours.mesh, neighbours.argocd, neighbours.alertmanager),
    *(tools.token, tools.helm, tools.client),
)


def problems(seen: Observation, wanted: Wanted) -> list[Problem]:
    """Return everything that is in the way, in the order of CHECKS."""
    return [problem for judge in JUDGES for problem in judge(seen, wanted)]


def tolerated(found: Iterable[Problem], ignored: Iterable[str]) -> list[Problem]:
    """Return the problems when those checks are ignored: what would stop us warns, what only ever warns is left out."""
    names = set(ignored)
    kept = [each for each in found if each.check not in names & set(ONLY_WARNED)]
    return [replace(each, stops=each.stops and each.check not in names) for each in kept]


def message(found: Iterable[Problem]) -> str:
    """Return problems as the lines of a message."""
    return "\n".join("\n    ".join([f"- {each.seen}", *each.do.splitlines()]) for each in found)
