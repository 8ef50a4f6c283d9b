# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The checks of the role seldon_core_v1.

settings: operators (entries as seldon_operator's), environment (what the operator's Deployment must carry).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..kube.kinds import CRD, DEPLOYMENT, SELDON_DEPLOYMENT, SUBSCRIPTION, VALIDATING_WEBHOOKS
from ..kube.objects import Object, section
from .model import Check, Finding, failed, judged, passed
from .observed import Observed
from .operators import operators_check

Settings = Mapping[str, Any]

MANAGER = "seldon-controller-manager"
WEBHOOK = "seldon-validating-webhook-configuration"
ROUTES = CRD.named("virtualservices.networking.istio.io")
RUN = "ansible-playbook seldon.openshift.site --tags seldon_core_v1"


def environment(cluster: Observed, settings: Settings) -> Iterable[Finding]:
    """Judge what the operator's container runs with; the Subscription alone does not say that it arrived."""
    namespace, manager = _manager(cluster, settings)
    subject = str(DEPLOYMENT.named(MANAGER, namespace))
    if manager is None:
        yield failed(subject, "does not exist", RUN)
        return
    if settings["environment"].get("ISTIO_ENABLED") == "true" and cluster.get(ROUTES) is None:
        seen = "it restarts repeatedly: ISTIO_ENABLED is true, but the CRD of VirtualService does not exist"
        yield failed(subject, seen, "ansible-playbook seldon.openshift.site --tags service_mesh")
    for container in section(manager, "spec", "template", "spec").get("containers") or []:
        live = {entry["name"]: entry.get("value", "") for entry in container.get("env") or []}
        for name, value in settings["environment"].items():
            if live.get(name) == value:
                yield passed(subject, f"{name} is {value}")
            else:
                yield failed(subject, f"{name} is {live.get(name) or 'not set'}, wanted is {value}", RUN)


def webhook(cluster: Observed, settings: Settings) -> Iterable[Finding]:
    """Judge whether somebody answers the webhook that sees every SeldonDeployment; it outlives the operator."""
    configuration = cluster.get(VALIDATING_WEBHOOKS.named(WEBHOOK))
    namespace, manager = _manager(cluster, settings)
    subject = f"ValidatingWebhookConfiguration {WEBHOOK}"
    if configuration is None:
        yield failed(subject, "does not exist: the operator makes it when it starts", RUN)
    elif section(manager, "status").get("availableReplicas"):
        yield passed(subject, f"answered by the operator in {namespace}")
    else:
        yield failed(
            subject,
            "no pod of the operator is ready: every new or changed SeldonDeployment is refused",
            f"{RUN}   # or, to live without the operator: oc delete validatingwebhookconfiguration {WEBHOOK}",
        )


def models(cluster: Observed, _settings: Settings) -> Iterable[Finding]:
    """Judge every SeldonDeployment."""
    for model in cluster.list(SELDON_DEPLOYMENT):
        name, namespace = model["metadata"]["name"], model["metadata"]["namespace"]
        state = cluster.state(SELDON_DEPLOYMENT.named(name, namespace))
        yield judged(f"SeldonDeployment {namespace}/{name}", state, f"oc -n {namespace} describe sdep {name}")


def _manager(cluster: Observed, settings: Settings) -> tuple[str, Object | None]:
    """Return the operator's Deployment and its namespace, wherever it is installed."""
    packages = {name for entry in settings["operators"] for name in (entry["name"], *entry.get("alternatives", ()))}
    for live in cluster.list(SUBSCRIPTION):
        namespace: str = live["metadata"]["namespace"]
        manager = (
            cluster.get(DEPLOYMENT.named(MANAGER, namespace)) if section(live, "spec").get("name") in packages else None
        )
        if manager is not None:
            return namespace, manager
    return settings["operators"][0]["namespace"], None


CHECKS: tuple[Check, ...] = (
    operators_check("seldon_core_v1"),
    Check(
        name="seldon_core_v1.environment",
        title="The operator is configured for Istio and the request logger",
        why="Otherwise models are not reachable through the gateway, and their requests are not logged.",
        judge=environment,
    ),
    Check(
        name="seldon_core_v1.webhook",
        title="The webhook for SeldonDeployments has a ready pod",
        why="Without it, every new or changed SeldonDeployment is refused.",
        judge=webhook,
    ),
    Check(
        name="seldon_core_v1.models",
        title="Every SeldonDeployment is ready",
        why="A model that is not ready answers no request.",
        judge=models,
    ),
)
