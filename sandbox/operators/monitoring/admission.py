"""The admission webhooks of prometheus-operator 0.57 in openshift-monitoring."""

from __future__ import annotations

from pathlib import Path

from sandbox.kube import Object
from sandbox.operators._templates import load
from sandbox.operators.monitoring import receivers, rules
from sandbox.simulator import Cluster
from sandbox.simulator.admission import Denied, Handler

CONFIGURATIONS = Path(__file__).parent / "objects" / "webhooks.yaml"


def serve(cluster: Cluster) -> None:
    """Answer for PrometheusRules and AlertmanagerConfigs."""
    handlers: dict[str, Handler] = {
        "/admission-prometheusrules/validate": check_rules,
        "/admission-alertmanagerconfigs/validate": check_receivers,
    }
    cluster.admission.serve_by_url("monitoring", load(CONFIGURATIONS), handlers)


def check_rules(request: Object) -> None:
    """Refuse rules that are not valid; why is only in the details' causes. Raises Denied."""
    if found := rules.problems(request["object"]["spec"]):
        denied = Denied("Rules are not valid", code=422, reason="Invalid")
        denied.status["details"] = {"name": "prometheusrules", "causes": [{"message": message} for message in found]}
        raise denied


def check_receivers(request: Object) -> None:
    """Refuse a route to a receiver that is not there. Raises Denied."""
    if receivers.undefined_receiver(request["object"]["spec"]):
        raise Denied("AlertmanagerConfig is invalid", code=422, reason="Invalid")
