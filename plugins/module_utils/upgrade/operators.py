# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""How far an operator is behind, what its next step is, and what is in its way: pure functions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..kube.objects import Object, condition, condition_text, is_ours, section
from ..kube.versions import minor, numbers
from ..olm.catalog import blocking, channel, health, manifest
from ..olm.limits import newest_openshift
from ..olm.model import Operator, Snapshot
from ..olm.plan import names, plan_for, release

WANTED, NEWEST = "wanted", "newest"


@dataclass(frozen=True)
class Aim:
    """What a run is for. to: WANTED or NEWEST. consented: the packages that may be upgraded. openshift: its version."""

    to: str = WANTED
    consented: frozenset[str] = frozenset()
    openshift: str = ""


@dataclass(frozen=True)
class Standing:
    """How one operator stands.

    name, namespace: of what is used, perhaps another package elsewhere. asked: the package that the chapter asks for.
    installed, wanted, newest, next, goal: names of CSVs; next: the version that OLM's next plan brings, if any; goal:
    where a run with consent ends. blocked: what is in the way. notes: what is good to know.
    """

    chapter: str
    asked: str
    name: str
    namespace: str
    channel: str = ""
    installed: str = ""
    wanted: str = ""
    newest: str = ""
    next: str = ""
    goal: str = ""
    adopted: bool = False
    automatic: bool = False
    blocked: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_behind(self) -> bool:
        """Whether a run with consent would upgrade it."""
        return bool(self.installed) and self.goal != self.installed


@dataclass(frozen=True)
class _Seen:
    """What is known of one operator. used: what serves where the chapter asks for `asked`. offered: its channel."""

    asked: Operator
    used: Operator
    snapshot: Snapshot
    live: Object
    offered: Object | None
    aim: Aim


def standing(chapter: str, asked: Operator, used: Operator, snapshot: Snapshot, aim: Aim) -> Standing:
    """Return how the operator stands that serves (`used`) where the chapter asks for `asked`."""
    live, package = snapshot.subscription(used.name), manifest(used, snapshot)
    name = used.channel or section(live, "spec").get("channel") or ""
    offered = channel(package, name or None) if package else None
    found = Standing(
        chapter,
        asked=asked.name,
        name=used.name,
        namespace=used.namespace,
        channel=name,
        installed=section(live, "status").get("installedCSV") or "",
        wanted=asked.starting_csv or "",
        newest=(offered or {}).get("currentCSV") or "",
    )
    if live is None or not found.installed:
        return replace(found, blocked=(_not_installed(live, chapter),))
    return _judged(found, _Seen(asked, used, snapshot, live, offered, aim))


def _judged(found: Standing, seen: _Seen) -> Standing:
    """Return the standing of an installed operator with its goal, and what is in the way."""
    automatic = section(seen.live, "spec").get("installPlanApproval") != "Manual" and seen.asked.approval != "Manual"
    adopted = seen.used.adopted or not is_ours(seen.live)
    stays = adopted or automatic
    goal = found.installed if stays else _goal(found, seen.asked.pin, seen.aim.to)
    placed = replace(
        found, next=_next(seen.live, seen.snapshot), goal=goal, adopted=adopted, automatic=automatic and not adopted
    )
    return replace(placed, blocked=tuple(_blockers(placed, seen)), notes=tuple(_notes(placed, seen)))


def _not_installed(live: Object | None, chapter: str) -> str:
    if live is None:
        return f"it is not installed; to install it: ansible-playbook seldon.openshift.site --tags {chapter}"
    why = condition_text(condition(live, "ResolutionFailed"), "OLM is at it")
    return f"its first version is not installed yet ({why})"


def _goal(found: Standing, pin: str | None, to: str) -> str:
    """Return the newest of what may be meant; never an older one than is installed, as OLM cannot go back."""
    candidates = [found.installed, pin or "", found.newest if to == NEWEST else ""]
    return max((each for each in candidates if each), key=release)


def _next(live: Object, snapshot: Snapshot) -> str:
    """Return the version that an install plan of OLM would bring, empty when it offers none."""
    status = section(live, "status")
    current = status.get("currentCSV") or ""
    return current if current != status.get("installedCSV") and plan_for(current, snapshot.plans) else ""


def _blockers(found: Standing, seen: _Seen) -> Iterator[str]:
    """Yield what keeps the operator from its goal, each as a sentence without an end."""
    if found.adopted:
        yield "it was not installed by this collection; whoever did upgrades it"
        return
    if seen.aim.to == WANTED and (pin := seen.asked.pin) and release(pin) < release(found.installed):
        yield (
            f"{found.installed} is newer than the wanted {pin}, and OLM cannot go back; say starting_csv: "
            f"{found.installed} in {found.chapter}_operators"
        )
    yield from _unwell(found, seen)
    if found.is_behind:
        yield from _out_of_reach(found, seen)
        yield from _company(found, seen)
    if found.automatic and (held := _manual(seen)):
        yield f"OLM upgrades it by itself, but {held} in {found.namespace} is Manual, so that every plan there waits"


def _unwell(found: Standing, seen: _Seen) -> Iterator[str]:
    """Yield what is wrong with the operator, or with what OLM needs to upgrade it."""
    version = seen.snapshot.version(found.installed)
    phase = section(version, "status").get("phase") or "missing"
    if phase != "Succeeded":
        yield f"{found.installed} is {phase} ({condition_text(section(version, 'status'), 'no reason given')})"
    if seen.used.source and (sick := health(seen.used, seen.snapshot)):
        yield sick.reason
    elif others := blocking(seen.used, seen.snapshot):
        yield f"catalogue {', '.join(others)} does not answer, and OLM resolves nothing as long as one does not"
    failure = condition(seen.live, "ResolutionFailed")
    if failure.get("status") == "True":
        yield f"OLM cannot resolve it: {condition_text(failure, 'no reason given')}"


def _out_of_reach(found: Standing, seen: _Seen) -> Iterator[str]:
    """Yield why the goal cannot be had."""
    listed = [each.get("name") or "" for each in (seen.offered or {}).get("entries") or []]
    if seen.offered is None:
        yield f"channel {found.channel or '(default)'} of package {found.name} is not on offer"
    elif listed and found.goal not in listed:
        yield f"channel {found.channel} has no {found.goal}; it has {', '.join(listed)}"
    if found.next and release(found.next) > release(found.goal):
        yield f"the channel leads from {found.installed} to {found.next}, past {found.goal}"
    head = section(seen.offered, "currentCSVDesc", "annotations") if found.goal == found.newest else {}
    limit = newest_openshift(head)
    if limit and seen.aim.openshift and numbers(minor(limit)) < numbers(minor(seen.aim.openshift)):
        yield f"{found.goal} runs on OpenShift up to {limit}, and this is {seen.aim.openshift}"


def _company(found: Standing, seen: _Seen) -> Iterator[str]:
    """Yield what the next plan would bring beside the operator, without consent."""
    plan = plan_for(found.next, seen.snapshot.plans) if found.next else None
    agreed = {
        section(s, "status").get("currentCSV")
        for s in seen.snapshot.subscriptions
        if is_ours(s) and section(s, "spec").get("name") in seen.aim.consented
    }
    strangers = sorted(set(names(plan or {})) - {found.next} - agreed)
    if strangers and plan:
        yield f"OLM's plan {plan['metadata']['name']} brings {', '.join(strangers)} as well: all of it, or nothing"


def _manual(seen: _Seen) -> str:
    """Return the names of Manual Subscriptions in the namespace of an automatic one."""
    found = (s for s in seen.snapshot.subscriptions if section(s, "spec").get("installPlanApproval") == "Manual")
    return ", ".join(sorted(each["metadata"]["name"] for each in found))


def _notes(found: Standing, seen: _Seen) -> Iterator[str]:
    if found.automatic:
        yield "Automatic: OLM upgrades it by itself"
    version = seen.snapshot.version(found.installed)
    limit = newest_openshift(section(version, "metadata", "annotations"))
    if limit and seen.aim.openshift and numbers(minor(limit)) <= numbers(minor(seen.aim.openshift)):
        yield f"{found.installed} keeps OpenShift at {limit}: upgrade it before you upgrade OpenShift"
