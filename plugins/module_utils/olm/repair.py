# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""States that OLM 0.22 never leaves by itself, and the deletions after which it installs again: pure functions.

Deleted is only what OLM makes again from a Subscription of ours: never a CRD, a custom resource, or what others asked
for. A deleted CSV pauses its operator until OLM has installed it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..kube.kinds import CLUSTER_SERVICE_VERSION, CONFIG_MAP, INSTALL_PLAN, JOB, SUBSCRIPTION
from ..kube.objects import Kind, Object, Reference, condition, condition_text, holds, is_ours, section
from .catalog import channel, entries, manifest
from .model import Operator, Snapshot, Stuck, Write
from .plan import names, plan_for, wanted_versions
from .subscription import LEAVING, orphans

# The informers of Subscriptions, plans and versions are not equally fast.
LAG_SECONDS = 5.0
# OLM keeps a failed resolution's condition until the next one succeeds, also after what caused it was repaired.
RESOLUTION_GRACE = 30.0


def orphan(operator: Operator, snapshot: Snapshot) -> Stuck | None:
    """Return Stuck when a version of the package is installed that no Subscription refers to, or None.

    Deleting it is ours when the catalogue offers that very version, and it is the one to be installed again.
    """
    found = [name for name in orphans(operator, snapshot) if not _leaves(name, snapshot)]
    if not found:
        return None
    again = (
        len(found) == 1 and found[0] == _installed_first(operator, snapshot) and _offered(operator, snapshot, found[0])
    )
    return _stuck(
        f"{', '.join(found)} is installed in {operator.namespace} but no Subscription refers to it, so OLM could not "
        "resolve a new one",
        [CLUSTER_SERVICE_VERSION.named(name, operator.namespace) for name in found],
        again,
        hint="custom resources stay, the operator pauses",
    )


def unbound_version(operator: Operator, live: Object, snapshot: Snapshot) -> Stuck | None:
    """Judge a version that OLM made for a Subscription whose status does not name it.

    OLM at times loses the race for that status; and a Subscription that somebody deleted and made again never had it.
    """
    status, failure = section(live, "status"), condition(live, "ResolutionFailed")
    if status.get("installedCSV") or status.get("currentCSV") or failure.get("status") != "True":
        return None
    said = failure.get("message", "")
    for name in orphans(operator, snapshot):
        settled = section(snapshot.version(name) or {}, "status").get("phase") in ("Succeeded", "Failed")
        if not settled or f"clusterserviceversion {name} exists and is not referenced by a subscription" not in said:
            continue
        again = _brought(live, name, snapshot) or (_is_first(operator, live, name) and _named_offer(live, name) in said)
        if is_ours(live) and again:
            return _stuck(
                f"no Subscription refers to {name} any more, so OLM resolves nothing in {operator.namespace}",
                [CLUSTER_SERVICE_VERSION.named(name, operator.namespace)],
            )
    return None


def failed_plan(operators: Sequence[Operator], live: Object, csv: str, snapshot: Snapshot) -> Stuck | None:
    """Judge a failed plan for `csv`, the next version of the Subscription `live`; `operators` are all of the namespace.

    OLM never tries a plan again, and a version that it has begun with stays Pending.
    """
    plan, version, installed = (
        plan_for(csv, snapshot.plans),
        snapshot.version(csv),
        section(live, "status").get("installedCSV"),
    )
    if plan is None or section(plan, "status").get("phase") != "Failed" or _phase(version) == "Succeeded":
        return None
    name, namespace = plan["metadata"]["name"], plan["metadata"]["namespace"]
    begun = version is not None or installed == csv
    upgrade = installed not in (None, csv)
    unpacking, ours = [*_unpack_jobs(plan, snapshot)], _ours(operators, snapshot)
    deletions = [*unpacking]
    if version is not None:
        deletions.append(CLUSTER_SERVICE_VERSION.named(csv, namespace))
    if begun:
        # With the version in its status, a Subscription gets no further plan for it.
        deletions.append(SUBSCRIPTION.named(live["metadata"]["name"], namespace))
    return _stuck(
        f"install plan {name} failed: {condition_text(condition(plan, 'Installed'), 'no reason given')}",
        [*deletions, *_twins(plan, csv, snapshot, ours), INSTALL_PLAN.named(name, namespace)],
        # Without its Subscription, the version that an upgrade should replace would be in the way.
        is_ours(live) and set(names(plan)) <= ours and not (begun and upgrade),
        hint="OLM does not try it again",
        first=len(unpacking),
    )


def _twins(plan: Object, csv: str, snapshot: Snapshot, ours: set[str]) -> Iterator[Reference]:
    """Return further failed plans for the same version, as OLM at times makes: the next one would be told."""
    for other in snapshot.plans:
        failed = section(other, "status").get("phase") == "Failed" and csv in names(other) and {*names(other)} <= ours
        if failed and other["metadata"]["name"] != plan["metadata"]["name"]:
            yield INSTALL_PLAN.named(other["metadata"]["name"], other["metadata"]["namespace"])


def lost_version(operator: Operator, live: Object, snapshot: Snapshot) -> Stuck | None:
    """Judge a Subscription whose installed version was deleted: OLM plans nothing for what its status names."""
    status = section(live, "status")
    csv = status.get("installedCSV")
    if not csv or snapshot.version(csv) is not None or status.get("currentCSV") not in (None, csv):
        return None
    plan = plan_for(csv, snapshot.plans)
    if plan is not None and section(plan, "status").get("phase") != "Complete":
        return None
    return _stuck(
        f"{csv} was deleted from {operator.namespace}, and OLM does not install again what its Subscription names",
        [SUBSCRIPTION.named(live["metadata"]["name"], operator.namespace)],
        is_ours(live) and operator.starting_csv in (None, csv),
        hint="and let its owner create it again" if not is_ours(live) else "OLM installs what a new one names",
    )


def _stuck(
    found: str, doomed: Sequence[Reference], safe: bool = True, hint: str = "OLM installs it again", first: int = 0
) -> Stuck:
    commands = "; ".join(f"oc delete {_typed(each.kind)} {each.name} -n {each.namespace}" for each in doomed)
    writes = tuple(Write("delete", each.bare(), f"delete {each}") for each in doomed) if safe else ()
    reason = f"{found}; delete it ({hint}), then run again: {commands}"
    return Stuck(reason=reason, after=LAG_SECONDS if safe else 0, found=found, writes=writes, first=writes[:first])


def _typed(kind: Kind) -> str:
    """Return a kind as it is typed; Knative has Subscriptions, too."""
    short = {CLUSTER_SERVICE_VERSION: "csv", INSTALL_PLAN: "installplan"}
    return short.get(kind) or (kind.qualified if kind == SUBSCRIPTION else kind.name.lower())


def _unpack_jobs(plan: Object, snapshot: Snapshot) -> Iterator[Reference]:
    """Return the failed jobs that should have unpacked this plan's bundles, each with the ConfigMap of its result.

    Until OLM has noticed that they are gone, a new plan fails at once by the old job.
    """
    images = {lookup.get("path") for lookup in section(plan, "status").get("bundleLookups") or []}
    for job in snapshot.jobs:
        if holds(job, "Failed") and images & _images(job):
            where = job["metadata"]["name"], job["metadata"]["namespace"]
            yield from (kind.named(*where) for kind in (JOB, CONFIG_MAP))


def _images(job: Object) -> set[str]:
    pod = section(job, "spec", "template", "spec")
    return {each.get("image", "") for each in [*(pod.get("initContainers") or []), *(pod.get("containers") or [])]}


def _ours(operators: Sequence[Operator], snapshot: Snapshot) -> set[str]:
    """Return the versions that Subscriptions of ours name or asked for."""
    statuses = [section(live, "status") for live in snapshot.subscriptions if is_ours(live)]
    named = {status.get(key) for status in statuses for key in ("installedCSV", "currentCSV")}
    return wanted_versions(operators, snapshot) | {name for name in named if name}


def _brought(live: Object, name: str, snapshot: Snapshot) -> bool:
    """Tell whether a plan of this very Subscription has brought the version."""
    uid = live["metadata"].get("uid")
    return any(
        name in names(plan) and uid in [owner.get("uid") for owner in plan["metadata"].get("ownerReferences") or []]
        for plan in snapshot.plans
    )


def _is_first(operator: Operator, live: Object, name: str) -> bool:
    """Tell whether the Subscription installs this version first."""
    return name == (section(live, "spec").get("startingCSV") or operator.starting_csv or name)


def _named_offer(live: Object, name: str) -> str:
    """Return how OLM's solver names a version that a catalogue offers."""
    spec = section(live, "spec")
    return f"{spec.get('source')}/{spec.get('sourceNamespace')}/{spec.get('channel')}/{name}"


def _installed_first(operator: Operator, snapshot: Snapshot) -> str | None:
    """Return the version that a new Subscription would install first."""
    found = _channel(operator, snapshot)
    return operator.starting_csv or (found.get("currentCSV") if found else None)


def _offered(operator: Operator, snapshot: Snapshot, name: str) -> bool:
    found = _channel(operator, snapshot)
    return found is not None and name in entries(found)


def _channel(operator: Operator, snapshot: Snapshot) -> Object | None:
    package = manifest(operator, snapshot)
    return channel(package, operator.channel) if package else None


def _leaves(name: str, snapshot: Snapshot) -> bool:
    # A version that was replaced goes by itself; OLM still deletes it when the Subscription is gone.
    return _phase(snapshot.version(name)) in LEAVING


def _phase(version: Object | None) -> str:
    return str(section(version or {}, "status").get("phase", ""))
