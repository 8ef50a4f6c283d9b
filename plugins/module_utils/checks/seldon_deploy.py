# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The checks of the role seldon_deploy. Its main tasks look at `seldon_deploy.prerequisites` before Helm is asked.

Settings: `namespace`, `logs_namespace`, `mesh_namespace`, `argocd_namespace` (empty: none), `request_logger` (whether
there is one), `secrets` ({secret: {name, namespace}, keys, tag of the role that makes it}), `trusted_ca` (the
authorities that were given, or none).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..credentials.restarts import is_older, last_change, readers, selector_text, was_restarted
from ..kube import pem
from ..kube.kinds import (
    CLUSTER_ROLE,
    CLUSTER_ROLE_BINDING,
    CRD,
    DEPLOYMENT,
    NAMESPACE,
    POD,
    ROLE,
    ROLE_BINDING,
    ROUTE,
    SECRET,
    TRIGGER,
    VIRTUAL_SERVICE,
)
from ..kube.objects import Object, section
from ..kube.secrets import decoded
from ..readiness.state import Ready
from ..shared import pod_authorities
from .address import reached
from .certificates import authorities_finding
from .flows import flows
from .model import Check, Finding, failed, judged, passed, skipped, warned
from .observed import Observed
from .releases import as_installed, deployed
from .workloads import rollouts

Settings = Mapping[str, Any]

DEPLOY, LOGGER = "seldon-deploy", "seldon-request-logger"
# The kinds that the chart makes objects of, and the tags that bring them.
KINDS = {"virtualservices.networking.istio.io": "service_mesh", "triggers.eventing.knative.dev": "serverless"}


def _run(tag: str) -> str:
    return f"ansible-playbook seldon.openshift.site --tags {tag}"


def prerequisites(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    """Judge the chart's prerequisites: namespaces, CRDs, and Secrets whose keys are all there and not empty."""
    for name in filter(None, (settings["namespace"], settings["logs_namespace"], settings["argocd_namespace"])):
        there = cluster.get(NAMESPACE.named(name))
        yield _presence(f"Namespace {name}", [] if there else ["does not exist"], "namespaces")
    for name, tag in KINDS.items():
        if name.startswith("triggers.") and not settings["request_logger"]:
            continue
        there = cluster.get(CRD.named(name))
        yield _presence(f"kind {name}", [] if there else ["is not served"], tag)
    for entry in settings["secrets"]:
        secret = cluster.get(SECRET.named(**entry["secret"]))
        subject = f"Secret {entry['secret']['namespace']}/{entry['secret']['name']}"
        yield _presence(subject, _flaws(secret, entry["keys"]), entry["tag"])


def release(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    """Judge what Helm says of the release, and what has become of its objects."""
    yield deployed(cluster, DEPLOY, settings["namespace"], _run("seldon_deploy"))
    rights = (CLUSTER_ROLE, CLUSTER_ROLE_BINDING, ROLE, ROLE_BINDING)
    yield from as_installed(cluster, DEPLOY, settings["namespace"], _run("seldon_deploy"), rights)


def workloads(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    """Judge the two Deployments."""
    yield from rollouts(cluster, DEPLOYMENT, settings["namespace"], [DEPLOY])
    if settings["request_logger"]:
        yield from rollouts(cluster, DEPLOYMENT, settings["logs_namespace"], [LOGGER])


def credentials(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    """Judge whether the workloads that read a Secret at their start were started after its last change."""
    for entry in settings["secrets"]:
        secret, namespace = cluster.get(SECRET.named(**entry["secret"])), entry["secret"]["namespace"]
        if secret is None:
            continue  # seldon_deploy.prerequisites says so
        for workload in readers(cluster.list(DEPLOYMENT, namespace), entry["secret"]["name"]):
            subject = f"Deployment {namespace}/{workload['metadata']['name']}, Secret {entry['secret']['name']}"
            if _is_outdated(cluster, workload, secret):
                yield failed(subject, "runs with old credentials", "ansible-playbook seldon.openshift.rotate")
            else:
                yield passed(subject, "runs with the current credentials")


def trusted_ca(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    """Judge whether Seldon Deploy's pods trust the authorities that were given, and how long these hold."""
    namespace, given, do = settings["namespace"], settings["trusted_ca"], _run("seldon_deploy")
    subject = f"Deployment {namespace}/{DEPLOY}"
    if not given:
        yield skipped(subject, "no authority was given (seldon_deploy_trusted_ca)")
        return
    mounted = section(cluster.get(pod_authorities.config_map(namespace)), "data").get(pod_authorities.FILE, "")
    deployment = cluster.get(DEPLOYMENT.named(DEPLOY, namespace))
    if pem.digest(mounted) != pem.digest(given):
        yield failed(str(pod_authorities.config_map(namespace)), "does not hold the certificates that were given", do)
    elif deployment and (flaws := pod_authorities.flaws(deployment, pem.digest(given))):
        yield failed(subject, "; ".join(flaws), do)
    else:
        yield authorities_finding(subject, given, do)


def requests(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    """Judge what brings models' requests to the request logger."""
    if not settings["request_logger"]:
        yield skipped("request logger", "is not configured")
        return
    namespace = settings["logs_namespace"]
    trigger = TRIGGER.named("seldon-request-logger-trigger", namespace)
    yield judged(str(trigger), cluster.state(trigger), f"oc -n {namespace} describe trigger {trigger.name}")


def address(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    """Judge the path from a browser to Seldon Deploy: VirtualService, Route, and whether the address answers."""
    namespace, mesh = settings["namespace"], settings["mesh_namespace"]
    subject, gateway = f"VirtualService {namespace}/{DEPLOY}", f"{mesh}/seldon-gateway"
    service = cluster.get(VIRTUAL_SERVICE.named(DEPLOY, namespace))
    gateways = section(service, "spec").get("gateways") or []
    if gateway in gateways:
        yield passed(subject, f"routes from {gateway} to Seldon Deploy")
    else:
        seen = f"is for {', '.join(gateways) or 'no gateway'} instead of {gateway}" if service else "does not exist"
        yield failed(subject, seen, _run("seldon_deploy"))
    state = cluster.state(ROUTE.named("seldon-route", mesh))
    if isinstance(state, Ready):
        yield reached(f"https://{state.reason}/seldon-deploy/api/status", f"oc -n {namespace} logs deployment/{DEPLOY}")
    else:
        yield skipped("address", f"the Route is not ready: {state.reason}")


def login(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    """Judge whether users must log in."""
    deployment = cluster.get(DEPLOYMENT.named(DEPLOY, settings["namespace"]))
    if deployment is None:
        return
    containers = section(deployment, "spec", "template", "spec").get("containers") or []
    environment = {entry["name"]: entry.get("value") for entry in containers[0].get("env") or []}
    look, provider = "ansible-doc -t role seldon.openshift.seldon_deploy   # seldon_deploy_oidc", "OIDC_PROVIDER"
    if environment.get("ENABLE_APP_AUTH") != "true":
        seen = "is disabled: everyone who can reach the public address can change and delete every model"
        yield warned("login", seen, look)
    elif environment.get(provider):
        yield passed("login", f"by {environment[provider]}")
    else:
        yield failed("login", f"no user can log in: {provider} is empty", look)


def reachable(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    """Judge whether the policies let users through."""
    namespaces = {"mesh": settings["mesh_namespace"], "system": settings["namespace"]}
    yield from flows(cluster, ["mesh gateway to Seldon Deploy"], namespaces, _run("service_mesh"))


def _presence(subject: str, flaws: list[str], tag: str) -> Finding:
    return failed(subject, "; ".join(flaws), _run(tag)) if flaws else passed(subject, "exists")


def _flaws(secret: Object | None, keys: list[str]) -> list[str]:
    """Return what is wrong with a Secret: a container that takes an absent key for its environment never starts."""
    if secret is None:
        return ["does not exist"]
    held = decoded(secret)
    absent = [key for key in keys if key not in held]
    empty = [key for key in keys if key in held and not held[key].strip()]
    flaws = [f"has no key {', '.join(absent)}"] if absent else []
    return [*flaws, f"{', '.join(empty)} is empty"] if empty else flaws


def _is_outdated(cluster: Observed, workload: Object, secret: Object) -> bool:
    since, namespace = last_change(secret), workload["metadata"]["namespace"]
    if was_restarted(workload, since):
        return False
    pods = cluster.list(POD, namespace, selector_text(workload["spec"]["selector"]))
    return any(is_older(pod, since) for pod in pods)


CHECKS: tuple[Check, ...] = (
    Check(
        "seldon_deploy.prerequisites",
        "Namespaces, CRDs and Secrets that Seldon Deploy needs exist",
        "A container never starts while a Secret or key that it takes its environment from is missing.",
        prerequisites,
    ),
    Check(
        "seldon_deploy.release",
        "The Helm release of Seldon Deploy is deployed, and its objects are as Helm installed them",
        "Helm refuses to change a release that an interrupted run has left pending; its next one ends edits by hand.",
        release,
    ),
    Check(
        "seldon_deploy.workloads",
        "Pods of Seldon Deploy and of the request logger are ready",
        "Without Seldon Deploy there is no user interface and no API; without its logger, no request is logged.",
        workloads,
    ),
    Check(
        "seldon_deploy.credentials",
        "Seldon Deploy and the request logger run with the current credentials",
        "They read credentials only at their start; the database, Git or Elasticsearch refuse old ones.",
        credentials,
    ),
    Check(
        "seldon_deploy.trusted_ca",
        "Pods of Seldon Deploy have the authorities that were given",
        "Without them, it trusts no provider of the login whose certificate an authority of your own has issued.",
        trusted_ca,
    ),
    Check(
        "seldon_deploy.requests",
        "The Trigger that sends models' requests to the request logger is ready",
        "Without it, the requests view stays empty, and detectors receive no requests.",
        requests,
    ),
    Check(
        "seldon_deploy.address",
        "Seldon Deploy answers at its address",
        "Users reach it through the Route, the service mesh's gateway and a VirtualService.",
        address,
    ),
    Check(
        "seldon_deploy.network",
        "NetworkPolicies let users reach Seldon Deploy",
        "The service mesh's policies close its namespace to everything outside of the mesh.",
        reachable,
    ),
    Check(
        "seldon_deploy.login",
        "Users log in",
        "Without login, everyone who can reach the address is an administrator.",
        login,
    ),
)
