# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The check that every chapter with operators has: each is installed, in a version that was tested, and runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..kube.kinds import CLUSTER_SERVICE_VERSION, DEPLOYMENT, SUBSCRIPTION
from ..kube.objects import Object, condition, condition_text, section
from ..olm.service_version import deployment_names
from ..readiness.state import Ready
from .model import Check, Finding, failed, passed, warned
from .observed import Observed
from .workloads import rollout


def operators_check(chapter: str) -> Check:
    """Return the check `<chapter>.operators`, which reads the setting `operators` (entries as seldon_operator's)."""
    return Check(
        f"{chapter}.operators",
        "Its operators are installed in the guide's versions, and their pods are ready",
        "Without its operator, a product is no longer repaired, scaled or changed.",
        lambda cluster, settings: operators(cluster, chapter, settings["operators"]),
    )


def operators(cluster: Observed, chapter: str, wanted: Iterable[Mapping[str, Any]]) -> Iterator[Finding]:
    """Yield one finding for each wanted operator, wherever its Subscription lives."""
    subscriptions = cluster.list(SUBSCRIPTION)
    for operator in wanted:
        name, namespace = operator["name"], operator["namespace"]
        packages = (name, *operator.get("alternatives", ()))
        found = [s for s in subscriptions if section(s, "spec").get("name") in packages]
        # An installation that was there before is adopted, in whatever namespace it lives.
        found.sort(key=lambda s: s["metadata"]["namespace"] != namespace)
        if found:
            yield _judge(cluster, operator, found[0])
        else:
            do = f"ansible-playbook seldon.openshift.site --tags {chapter}"
            yield failed(f"operator {name}", "no namespace has a Subscription for it", do)


def _judge(cluster: Observed, operator: Mapping[str, Any], subscription: Object) -> Finding:
    subject, namespace = f"operator {operator['name']}", subscription["metadata"]["namespace"]
    look = f"oc describe subscription.operators.coreos.com {subscription['metadata']['name']} -n {namespace}"
    status = section(subscription, "status")
    installed, current = status.get("installedCSV"), status.get("currentCSV")
    if not installed:
        return failed(subject, f"not installed in {namespace}: {_why(subscription)}", look)
    version = cluster.get(CLUSTER_SERVICE_VERSION.named(installed, namespace))
    if version is None:
        return failed(subject, f"the Subscription names {installed}, which does not exist in {namespace}", look)
    phase = section(version, "status").get("phase")
    if phase != "Succeeded":
        seen = f"{installed} is {phase or 'new'}: {condition_text(section(version, 'status'), 'no reason given')}"
        return failed(subject, seen, f"oc describe csv {installed} -n {namespace}")
    for name in deployment_names(version):
        state = rollout(cluster, DEPLOYMENT.named(name, namespace))
        if not isinstance(state, Ready):
            seen = f"{installed}, but its Deployment {name}: {state.reason}"
            return failed(subject, seen, f"oc describe deployment {name} -n {namespace}")
    if condition(subscription, "ResolutionFailed").get("status") == "True":
        return warned(subject, f"{installed} runs, but OLM is stuck: {_why(subscription)}", look)
    wanted = operator.get("starting_csv")
    if wanted and installed != wanted:
        return warned(subject, f"{installed} in {namespace}; tested with {wanted}", look)
    offered = f" ({current} waits for approval)" if current and current != installed else ""
    return passed(subject, f"{installed} in {namespace}{offered}")


def _why(subscription: Object) -> str:
    """Return what a Subscription says of itself."""
    for kind in ("ResolutionFailed", "InstallPlanFailed", "CatalogSourcesUnhealthy", "InstallPlanPending"):
        found = condition(subscription, kind)
        if found.get("status") == "True":
            return f"{kind} {condition_text(found, '')}".strip()
    return "OLM has reported no reason yet"
