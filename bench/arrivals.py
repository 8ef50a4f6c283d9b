"""When each operator can be there at the earliest: the real OLM is asked for all of them at once, by nobody but us."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence

from bench.chains import Operator
from sandbox.kube import Kube, Object

OLM = "operators.coreos.com"
SUBSCRIPTION, CSV = (f"{OLM}/v1alpha1", "Subscription"), (f"{OLM}/v1alpha1", "ClusterServiceVersion")
NOT_A_COPY = "!olm.copiedFrom"
PAUSE = 0.5  # seconds between two looks
LIMIT = 900.0  # seconds for all operators


class NotThere(Exception):
    """Operators did not arrive; the message names them and their last phase."""


def arrivals(kube: Kube, operators: Sequence[Operator]) -> dict[str, float]:
    """Request the operators and return the seconds after which each runs as it was asked for. Raises NotThere.

    Its CSV has Succeeded then, and its Deployments carry its environment.
    """
    began = time.monotonic()
    for operator in operators:
        for obj in requested(operator):
            kube.apply(obj)
    found: dict[str, float] = {}
    while missing := [operator for operator in operators if operator.package not in found]:
        csvs = kube.list(*CSV, labels=NOT_A_COPY)
        running = [one for one in missing if _phase(csvs, one) == "Succeeded" and _has_environment(kube, one)]
        passed = time.monotonic() - began
        found |= dict.fromkeys((one.package for one in running), passed)
        if passed > LIMIT:
            seen = ", ".join(f"{one.package} ({_phase(csvs, one) or 'no CSV'})" for one in missing)
            raise NotThere(f"not there within {LIMIT:.0f} s: {seen}")
        time.sleep(PAUSE)
    return found


def requested(operator: Operator) -> Iterator[Object]:
    """Yield what OLM is asked by: a namespace, its OperatorGroup, and a Subscription that needs no approval."""
    meta = {"name": operator.package, "namespace": operator.namespace}
    targets = {"targetNamespaces": list(operator.targets)} if operator.targets else {}
    offer = {
        "name": operator.package,
        "channel": operator.channel,
        "source": operator.source,
        "sourceNamespace": "openshift-marketplace",
        "installPlanApproval": "Automatic",
    }
    yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": operator.namespace}}
    yield {"apiVersion": f"{OLM}/v1", "kind": "OperatorGroup", "metadata": meta, "spec": targets}
    environment = [{"name": name, "value": value} for name, value in operator.environment.items()]
    spec = {**offer, "config": {"env": environment}} if environment else offer
    yield {"apiVersion": SUBSCRIPTION[0], "kind": SUBSCRIPTION[1], "metadata": meta, "spec": spec}


def _has_environment(kube: Kube, operator: Operator) -> bool:
    """Tell whether every container of the operator's Deployments carries its environment."""
    if not operator.environment:
        return True
    deployments = kube.list("apps/v1", "Deployment", operator.namespace)
    containers = [one for each in deployments for one in each["spec"]["template"]["spec"]["containers"]]
    carried = [{entry["name"]: entry.get("value") for entry in one.get("env", [])} for one in containers]
    return bool(carried) and all(operator.environment.items() <= each.items() for each in carried)


def _phase(csvs: Iterable[Object], operator: Operator) -> str:
    """Return the phase of the operator's CSV; empty while there is none. It is alone in its namespace."""
    own = (csv for csv in csvs if csv["metadata"]["namespace"] == operator.namespace)
    return next((str(csv.get("status", {}).get("phase", "")) for csv in own), "")
