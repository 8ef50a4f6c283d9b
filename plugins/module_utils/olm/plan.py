# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Install plans: which one is ours, and may it be approved."""

from __future__ import annotations

from collections.abc import Iterable

from ..kube.kinds import INSTALL_PLAN
from ..kube.objects import Object, condition_text, is_ours, section
from ..kube.versions import numbers
from ..readiness.state import Failed, Progressing
from .model import Operator, Snapshot, Write

# OLM writes a plan first, and a moment later the Subscriptions' status that says what belongs to whom.
STATUS_SECONDS = 5.0


def plan_for(csv: str, plans: Iterable[Object]) -> Object | None:
    """Return the newest plan that installs `csv`.

    By name and generation, not by the Subscription's reference: that one stays at an old plan when a neighbour's
    request led to a new plan for both.
    """
    found = [p for p in plans if csv in names(p)]
    return max(found, key=lambda p: section(p, "spec").get("generation", 0), default=None)


def names(plan: Object) -> list[str]:
    """Return the CSVs that a plan installs."""
    return section(plan, "spec").get("clusterServiceVersionNames") or []


def wanted_versions(operators: Iterable[Operator], snapshot: Snapshot) -> set[str]:
    """Return the CSVs that a plan of this namespace may carry.

    Those of the operators of this task, and those that an earlier task of ours requested and that is not installed yet.
    """
    wanted: set[str] = set()
    for operator in operators:
        live = snapshot.subscription(operator.name)
        status = section(live, "status") if live else {}
        if operator.pin and not (operator.upgrade and status.get("installedCSV")):
            wanted.add(operator.pin)
        elif status.get("currentCSV") and (operator.upgrade or not status.get("installedCSV")):
            wanted.add(status["currentCSV"])
    for live in snapshot.subscriptions:
        spec, status = section(live, "spec"), section(live, "status")
        if is_ours(live) and not status.get("installedCSV"):
            manual = spec.get("installPlanApproval") == "Manual"
            wanted.add((manual and spec.get("startingCSV")) or status.get("currentCSV") or "")
    return wanted - {""}


def plan_step(csv: str, operators: Iterable[Operator], snapshot: Snapshot) -> Write | Failed | Progressing:
    """Return what the plan that installs `csv` needs: approval, time, or the user."""
    plan = plan_for(csv, snapshot.plans)
    if plan is None:
        return Progressing(f"waiting for the install plan of {csv}")
    name, namespace = plan["metadata"]["name"], plan["metadata"]["namespace"]
    phase = section(plan, "status").get("phase", "")
    if section(plan, "spec").get("approved") or phase == "Complete":
        return Progressing(f"install plan {name} is {phase or 'being prepared'}{_unpacking(plan)}")
    strangers = sorted(set(names(plan)) - wanted_versions(operators, snapshot))
    if strangers and _undecided(operators, snapshot):
        return Progressing(f"install plan {name} exists; OLM has not listed its contents yet")
    if strangers:
        return Failed(_refusal(name, namespace, csv, strangers, snapshot), after=STATUS_SECONDS)
    if phase != "RequiresApproval":
        return Progressing(f"install plan {name} is being prepared{_unpacking(plan)}")
    reference = INSTALL_PLAN.named(name, namespace)
    said = f"approve install plan {name} for {', '.join(names(plan))}"
    return Write("patch", reference.bare(), said, {"spec": {"approved": True}})


def _undecided(operators: Iterable[Operator], snapshot: Snapshot) -> bool:
    """Tell whether OLM has still to name the version of an operator that is wanted here."""
    live = (snapshot.subscription(operator.name) for operator in operators if not operator.pin)
    return any(s is not None and not section(s, "status").get("currentCSV") for s in live)


def release(csv: str) -> tuple[int, ...]:
    """Return the numbers of a CSV's name (`amqstreams.v2.2.0-4` -> 2, 2, 0, 4), to tell older from newer."""
    return numbers(csv.partition(".")[2])


def _refusal(name: str, namespace: str, csv: str, strangers: list[str], snapshot: Snapshot) -> str:
    """Explain why a plan is not approved: it would install or upgrade what was not requested."""
    known = {
        section(s, "status").get("currentCSV"): f"upgrade of Subscription {s['metadata']['name']}"
        for s in snapshot.subscriptions
        if section(s, "status").get("installedCSV")
    }
    listed = ", ".join(f"{s} ({known[s]})" if s in known else s for s in strangers)
    return (
        f"install plan {name} would bring, beside {csv}, what this task does not ask for: {listed}. OLM installs all "
        f"of a plan or nothing. Add them to 'operators' (with upgrade: true for an upgrade), give {csv} a namespace of "
        f"its own, or approve by hand: oc patch installplan {name} -n {namespace} --type merge "
        """-p '{"spec":{"approved":true}}'"""
    )


def _unpacking(plan: Object) -> str:
    """Return what holds the unpacking of bundles up, as the plan tells it."""
    lookups = section(plan, "status").get("bundleLookups") or []
    found = [c for lookup in lookups for c in lookup.get("conditions") or [] if c.get("status") == "True"]
    problems = [condition_text(c, "") for c in found if c.get("type") in ("BundleLookupPending", "BundleLookupFailed")]
    return f" ({'; '.join(problems)})" if problems else ""


def could_not_unpack(plan: Object) -> bool:
    """Tell whether a plan failed because a bundle could not be unpacked."""
    lookups = section(plan, "status").get("bundleLookups") or []
    found = (c for lookup in lookups for c in lookup.get("conditions") or [] if c.get("type") == "BundleLookupFailed")
    return section(plan, "status").get("phase") == "Failed" and any(c.get("status") == "True" for c in found)
