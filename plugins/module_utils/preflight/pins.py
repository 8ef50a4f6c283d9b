# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Versions of operators that a run wants and would not get: neither installed nor on offer, or another way round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..kube.client import Client
from ..kube.errors import ApiError
from ..kube.kinds import SUBSCRIPTION
from ..kube.objects import section
from ..kube.rights import is_forbidden
from ..olm import catalog
from ..olm.adoption import find_installed
from ..olm.look import offers
from ..olm.machine import out_of_reach
from ..olm.model import Operator, Snapshot
from ..olm.plan import release
from ..readiness.state import Failed


@dataclass(frozen=True)
class Pin:
    """An operator whose version is wanted and not installed, with what its namespace and the catalogues hold."""

    operator: Operator
    snapshot: Snapshot


@dataclass(frozen=True)
class Misfit:
    """A version that would not come: what was seen, what to type, and whether a run ends with it."""

    seen: str
    do: str
    stops: bool = True


def unmet(client: Client, entries: Sequence[Mapping[str, Any]], deadline: float) -> Iterator[Pin]:
    """Yield the operators of `entries` (as seldon_operator's) that are not installed in the version that they say.

    Costs a list, and a look at its package for each of them. Those of others are not ours to judge. deadline: seconds
    of time.monotonic(). What may not be read is not judged. Raises EngineError.
    """
    wanted = [operator for operator in map(_operator, entries) if operator.starting_csv]
    try:
        used = [each for each in find_installed(client, wanted, deadline) if not each.adopted]
        subscriptions = client.list(SUBSCRIPTION, deadline=deadline) if used else []
        for operator in used:
            here = [s for s in subscriptions if s["metadata"]["namespace"] == operator.namespace]
            snapshot = Snapshot(subscriptions=here)
            live = snapshot.subscription(operator.name)
            if section(live, "status").get("installedCSV") != operator.starting_csv:
                found = offers(client, operator, deadline)
                yield Pin(operator, replace(snapshot, manifests={operator.name: found}))
    except ApiError as error:
        if error.status != 404 and not is_forbidden(error):
            raise


def misfits(pins: Iterable[Pin]) -> Iterator[Misfit]:
    """Yield what a run would end with. A catalogue that does not answer is told elsewhere."""
    for each in pins:
        operator, snapshot = each.operator, each.snapshot
        live = snapshot.subscription(operator.name)
        installed = section(live, "status").get("installedCSV")
        if catalog.manifest(operator, snapshot) is None:
            continue
        if not installed:
            found = catalog.check(operator, snapshot)
        else:
            found = (
                out_of_reach(operator, live or {}, snapshot) if operator.pin else _later(operator, installed, snapshot)
            )
        if isinstance(found, Failed):
            yield Misfit(
                f"{operator.title}: {found.reason}", _advice(operator, installed), stops=_stops(operator, installed)
            )


def _later(operator: Operator, installed: str, snapshot: Snapshot) -> Any:
    """Judge the first version of an operator that follows its channel: only a later one than it has is looked for."""
    asked = operator.starting_csv or installed
    return catalog.check(operator, snapshot) if release(asked) > release(installed) else None


def _stops(operator: Operator, installed: str | None) -> bool:
    return not installed or operator.pin is not None


def _advice(operator: Operator, installed: str | None) -> str:
    look = f"oc describe packagemanifests {operator.name} -n {operator.source_namespace}"
    keep = f" (or say starting_csv: {installed} to keep what is installed)" if installed else ""
    return f"{look}, then correct starting_csv of {operator.name}{keep}"


def _operator(entry: Mapping[str, Any]) -> Operator:
    """Return what counts here of an entry of seldon_operator."""
    targets = entry.get("target_namespaces")
    operator = Operator(
        name=str(entry.get("name") or ""),
        namespace=str(entry.get("namespace") or ""),
        channel=entry.get("channel"),
        source=entry.get("source"),
        starting_csv=entry.get("starting_csv"),
        approval=entry.get("approval"),
        target_namespaces=None if targets is None else tuple(targets),
        upgrade=bool(entry.get("upgrade")),
        alternatives=tuple(entry.get("alternatives") or ()),
    )
    return replace(operator, source_namespace=entry["source_namespace"]) if entry.get("source_namespace") else operator
