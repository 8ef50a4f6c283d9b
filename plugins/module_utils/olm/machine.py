# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""From what is wanted and what is snapshot to the next step: pure functions, one for each stage of an installation.

OLM's rules are those of OpenShift 4.11 (operator-framework/operator-lifecycle-manager 0.22): it resolves all
Subscriptions of a namespace together, and a single Manual one makes every plan of the namespace wait for approval.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ..apply.gone import holders
from ..kube.kinds import NAMESPACE
from ..kube.objects import Object, Reference, condition, condition_text, is_terminating, section
from ..readiness.state import Failed, Progressing
from . import catalog
from .group import group_step
from .model import Installed, Operator, Snapshot, Step, Write, labelled
from .plan import plan_for, plan_step, release
from .repair import RESOLUTION_GRACE, failed_plan, lost_version, orphan, unbound_version
from .service_version import version_step
from .subscription import subscription_step

# A catalogue is asked every few minutes; a plan for what it offers comes within seconds.
OFFER_GRACE = 120.0


def request(operator: Operator, snapshot: Snapshot) -> list[Write] | Failed | Progressing:
    """Return the writes that request the operator (none when all is as wanted), or why it can't be requested (yet)."""
    if going := _terminating(operator, snapshot):
        return Progressing("; ".join(f"{Reference.of(obj)} is being deleted: {holders(obj)}" for obj in going))
    live = snapshot.subscription(operator.name)
    if live and (refusal := out_of_reach(operator, live, snapshot)):
        return refusal
    change = subscription_step(operator, snapshot) if live else None
    moves = isinstance(change, Write) and bool({"channel", "source", "startingCSV"} & change.body["spec"].keys())
    # What is installed needs no catalogue any more, so a dead one must not disturb a second run.
    if live is None or moves:
        problem = catalog.check(operator, snapshot)
        if problem:
            return problem
    writes = [] if snapshot.namespace else [_create_namespace(operator)]
    subscribe = change if live else orphan(operator, snapshot) or subscription_step(operator, snapshot)
    for step in (group_step(operator, snapshot), subscribe):
        if isinstance(step, Failed):
            return step
        if step is not None:
            writes.append(step)
    return writes


def out_of_reach(operator: Operator, live: Object, snapshot: Snapshot) -> Failed | Progressing | None:
    """Return why an installed operator does not get to its pin, before anything is written."""
    status = section(live, "status")
    installed = status.get("installedCSV")
    if not operator.pin or installed in (None, operator.pin):
        return None
    target = _pinned(operator, installed, status.get("currentCSV"))
    return target if isinstance(target, Failed) else catalog.check(operator, snapshot)


def _terminating(operator: Operator, snapshot: Snapshot) -> list[Object]:
    """Return what of the operator's own is being deleted: it would be taken for what is there, and go."""
    live = snapshot.subscription(operator.name)
    return [obj for obj in (snapshot.ending, *snapshot.groups, live) if obj is not None and is_terminating(obj)]


def _create_namespace(operator: Operator) -> Write:
    home = NAMESPACE.named(operator.namespace)
    return Write("create", labelled(home), f"create {home}")


def advance(operator: Operator, operators: Sequence[Operator], snapshot: Snapshot) -> Step:
    """Return the next step of a requested operator; `operators` are all of this task in the same namespace."""
    live = snapshot.subscription(operator.name)
    if live is None:
        return Progressing("requested")
    unbound = unbound_version(operator, live, snapshot)
    if unbound:
        return unbound
    installed = section(live, "status").get("installedCSV")
    target = _target(operator, live, snapshot)
    if isinstance(target, Failed):
        return target
    failed = failed_plan(operators, live, target, snapshot) if target else None
    if failed:
        return failed
    if installed and installed == target:
        return (
            _approval(operators, installed, snapshot)
            or lost_version(operator, live, snapshot)
            or version_step(operator, installed, snapshot)
        )
    if target is None:
        return _unresolved(operator, live, snapshot)
    if snapshot.version(target) is not None:
        judged = version_step(operator, target, snapshot)
        return replace(judged, bound=False) if isinstance(judged, Installed) else judged
    if plan_for(target, snapshot.plans) is None:
        return _unresolved(operator, live, snapshot)
    return plan_step(target, operators, snapshot)


def _approval(operators: Sequence[Operator], installed: str, snapshot: Snapshot) -> Write | None:
    """Return the approval of a second plan for what is installed only by name: OLM at times makes two at once."""
    if section(snapshot.version(installed) or {}, "status").get("phase") == "Succeeded":
        return None
    step = plan_step(installed, operators, snapshot)
    return step if isinstance(step, Write) else None


def _target(operator: Operator, live: Object, snapshot: Snapshot) -> str | Failed | None:
    """Return the CSV that should serve in the end, as far as it is known."""
    status = section(live, "status")
    installed, current = status.get("installedCSV"), status.get("currentCSV")
    if not installed:
        return operator.pin if current == operator.pin or not current else _other_than_pinned(operator, current)
    if operator.pin:
        return _pinned(operator, installed, current)
    plan = plan_for(current, snapshot.plans) if current and current != installed else None
    approved = bool(plan and section(plan, "spec").get("approved"))
    upgrading = bool(plan) and (operator.upgrade or approved)
    target: str = current if upgrading else installed
    return target


def _other_than_pinned(operator: Operator, current: str) -> str | Failed:
    """Return the version that OLM chose for an operator that is not installed yet."""
    if operator.pin and current != operator.pin:
        return Failed(
            f"OLM resolved {current}, pinned is {operator.pin}; delete the Subscription and run again: "
            f"oc delete subscription {operator.name} -n {operator.namespace}",
            after=RESOLUTION_GRACE,
        )
    return current


def _pinned(operator: Operator, installed: str, current: str | None) -> str | Failed:
    """Return the next version on the way from what is installed to the pin."""
    pin = operator.pin or installed
    if installed == pin:
        return pin
    if release(installed) > release(pin):
        return Failed(
            f"{installed} is installed, which is newer than the pinned {pin}; OLM cannot go back: pin {installed}, "
            "or remove the operator (state: absent) and install it again"
        )
    if not operator.upgrade:
        return Failed(
            f"{installed} is installed, pinned is {pin}; set upgrade: true to let it be upgraded, or type: "
            f"ansible-playbook seldon.openshift.upgrade -e upgrade={operator.name}"
        )
    if current and current != installed and release(current) > release(pin):
        return Failed(f"the channel leads from {installed} to {current}, past the pinned {pin}")
    return current if current and current != installed else pin


def _no_next(operator: Operator, installed: str) -> Failed:
    """Say that OLM has no plan for an upgrade that is wanted: the package server of 4.11 does not list all versions."""
    return Failed(
        f"OLM offers no version after {installed} on the way to {operator.pin}; see what there is: "
        f"oc describe packagemanifests {operator.name} -n {operator.source_namespace}",
        after=OFFER_GRACE,
    )


def _unresolved(operator: Operator, live: Object, snapshot: Snapshot) -> Failed | Progressing:
    """Say why OLM has no plan for this operator yet."""
    sick = catalog.health(operator, snapshot)
    failure = condition(live, "ResolutionFailed")
    if sick:
        return sick
    if failure.get("status") != "True":
        installed = section(live, "status").get("installedCSV")
        return _no_next(operator, installed) if installed else Progressing("OLM is resolving it")
    said = condition_text(failure, "no reason given")
    if failure.get("reason") == "ErrorPreventedResolution":
        others = catalog.blocking(operator, snapshot)
        blame = f"; {', '.join(others)} (not needed by this operator) blocks every resolution" if others else ""
        state = Failed(f"OLM cannot resolve it: {said}{blame}", after=catalog.CATALOG_GRACE)
        return state if others else Progressing(state.reason)
    left = orphan(operator, snapshot)
    if left:
        # A version that OLM has just created looks the same until the Subscription's status names it.
        return replace(left, after=RESOLUTION_GRACE, writes=())
    culprits = set(re.findall(r"referenced by subscription (\S+?)[,\s]", f"{said} ")) - {live["metadata"]["name"]}
    blame = f"; Subscription {', '.join(sorted(culprits))} blocks the whole namespace" if culprits else ""
    return Failed(
        f"OLM cannot resolve it: {said}{blame}",
        after=RESOLUTION_GRACE,
    )
