# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What would keep an installation from ending well, judged before it starts: pure functions over what was observed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from . import cluster, given, neighbours, tools
from .model import CHECKS, ONLY_WARNED, Observation, Problem, Wanted
from .pins import misfits


def operators(seen: Observation, _wanted: Wanted) -> Iterator[Problem]:
    """Yield versions of operators that a run wants and would not get."""
    yield from (Problem("operators", each.seen, each.do, each.stops) for each in misfits(seen.pins))


JUDGES = {
    "input": given.values,
    "variables": given.names,
    "version": cluster.version,
    "upgrade": cluster.upgrade,
    "rights": cluster.rights,
    "catalogs": cluster.catalogs,
    "operators": operators,
    "storage": cluster.storage,
    "mesh": neighbours.mesh,
    "argocd": neighbours.argocd,
    "alertmanager": neighbours.alertmanager,
    "monitoring": neighbours.monitoring,
    "pull_secret": neighbours.pull_secret,
    "adoption": neighbours.adoption,
    "overrides": given.overrides,
    "token": tools.token,
    "helm": tools.helm,
    "client": tools.client,
}
# What a check would have told, had it been allowed to read.
UNTOLD = {
    "version": "which version of OpenShift it is, and whether it is upgrading",
    "catalogs": "whether the catalogues answer",
    "storage": "whether a StorageClass is the default",
    "mesh": "whether other service meshes are in the way",
    "argocd": "whether another Argo CD is in the way",
    "alertmanager": "who manages the configuration of Alertmanager",
    "monitoring": "who manages the settings of monitoring",
    "pull_secret": "whether the cluster's pull secret can take the logins of seldon_image_pull_secret",
    "adoption": "whether objects of these names are somebody else's",
    "overrides": "whether the CRDs know the fields of overrides",
}


def problems(seen: Observation, wanted: Wanted) -> list[Problem]:
    """Return everything that is in the way, in the order of CHECKS; what may not be read is in it, and not judged."""
    unread = {each.check for each in seen.unread}
    return [
        problem
        for check in CHECKS
        for problem in (_untold(check, seen, wanted) if check in unread else JUDGES[check](seen, wanted))
    ]


def _untold(check: str, seen: Observation, wanted: Wanted) -> Iterator[Problem]:
    """Yield that a check could not look, and which rights it lacked, unless nobody needs it."""
    unneeded = {"storage": not wanted.storage, "alertmanager": not wanted.alertmanager}
    if not unneeded.get(check):
        refusals = "; ".join(each.refusal for each in seen.unread if each.check == check)
        yield Problem(check, f"cannot tell {UNTOLD[check]}: {refusals}", cluster.granting(wanted))


def tolerated(found: Iterable[Problem], ignored: Iterable[str]) -> list[Problem]:
    """Return the problems when those checks are ignored: what would stop us warns, what only ever warns is left out."""
    names = set(ignored)
    kept = [each for each in found if each.check not in names & set(ONLY_WARNED)]
    return [replace(each, stops=each.stops and each.check not in names) for each in kept]


def message(found: Iterable[Problem]) -> str:
    """Return problems as the lines of a message."""
    return "\n".join("\n    ".join([f"- {each.seen}", *each.do.splitlines()]) for each in found)
