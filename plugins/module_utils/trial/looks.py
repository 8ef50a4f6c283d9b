# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""One look each at what a model that is tried has brought about: its answer, its log, its metric."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.client import HTTPException

from ..checks import elasticsearch, monitoring
from ..checks.http import Answer
from ..checks.observed import Observed
from ..checks.seldon_deploy import LOGGER
from ..kube.client import Client
from ..kube.errors import EngineError
from ..kube.kinds import BROKER, CONFIG_MAP, DEPLOYMENT, POD_MONITOR, ROUTE, SECRET, STATEFUL_SET, TRIGGER
from ..kube.objects import Reference, section
from ..kube.secrets import decoded, encoded
from ..readiness.state import Ready
from . import tracks
from .model import Trial
from .replies import Asked, excuse, judge
from .router import Way, send
from .verdict import Verdict

ROUTE_NAME, MONITOR = "seldon-route", "seldon-podmonitor"
# Where OpenShift publishes the authorities of its default router.
AUTHORITIES = CONFIG_MAP.named("default-ingress-cert", "openshift-config-managed")


@dataclass(frozen=True)
class Places:
    """The namespaces of what stands behind a model: the mesh, Elasticsearch and the request logger, Seldon Deploy."""

    mesh: str
    logs: str
    system: str


def authorities(client: Client) -> str:
    """Return the authorities of the cluster's default router in PEM; none where they may not be read."""
    found = Observed(client).get(AUTHORITIES)
    return str(section(found, "data").get("ca-bundle.crt") or "")


def answer(client: Client, trial: Trial, places: Places, way: Way, headers: Mapping[str, str]) -> Verdict:
    """Send one request through the Route, and say what came back."""
    cluster, reference = Observed(client), ROUTE.named(ROUTE_NAME, places.mesh)
    do = "ansible-playbook seldon.openshift.site --tags service_mesh"
    route, state = cluster.get(reference), cluster.state(reference)
    if cluster.refused:
        return Verdict(cluster.refused[0], f"oc auth can-i get routes -n {places.mesh}", final=True)
    if route is None:
        return Verdict(f"{reference} does not exist, so that no request comes in", do, final=True)
    if not isinstance(state, Ready):
        return Verdict(
            f"{reference} is not admitted: {state.reason}", f"oc -n {places.mesh} describe route {ROUTE_NAME}"
        )
    asked = Asked(trial, section(route, "spec")["host"], places.mesh)
    try:
        reply = send(f"https://{asked.host}{trial.path}", {**trial.headers, **headers}, trial.payload, way)
    except (OSError, HTTPException, ValueError) as error:
        return excuse(error, asked, way.router)
    return judge(reply, asked)


def log(client: Client, trial: Trial, places: Places) -> Verdict:
    """Say whether Elasticsearch holds a log of a request to the model, and what may keep it from coming."""
    cluster = Observed(client)
    found = ask_elasticsearch(cluster, places, tracks.log_path(trial.namespace, trial.name))
    chain = (
        BROKER.named("default", places.logs),
        TRIGGER.named(f"{LOGGER}-trigger", places.logs),
        DEPLOYMENT.named(LOGGER, places.logs),
    )
    why, do = _broken(cluster, chain, f"oc -n {places.logs} logs deployment/{LOGGER} --tail=50")
    return tracks.log_verdict(found, trial.name, why, do, f"Secret {places.logs}/{elasticsearch.COPY}")


def metric(client: Client, trial: Trial, places: Places) -> Verdict:
    """Say whether Thanos has counted a request to the model, and what may keep it from that."""
    cluster = Observed(client)
    copy = cluster.get(SECRET.named(monitoring.COPY, places.system))
    headers = {"Authorization": f"Bearer {decoded(copy).get(monitoring.KEY, '').strip()}"}
    path = tracks.metric_path(trial.namespace, trial.name)
    found = cluster.ask(monitoring.PLATFORM, "thanos-querier", 9091, path, headers)
    collector = STATEFUL_SET.named("prometheus-user-workload", monitoring.USERS)
    why, do = _broken(cluster, (collector,), f"oc -n {trial.namespace} get podmonitors,networkpolicies,pods")
    if cluster.get(POD_MONITOR.named(MONITOR, trial.namespace)) is None:
        why = f"PodMonitor {trial.namespace}/{MONITOR} does not exist"
        do = f"ansible-playbook seldon.openshift.add_namespace -e ns={trial.namespace}"
    return tracks.metric_verdict(found, trial.name, why, do, f"Secret {places.system}/{monitoring.COPY}")


def ask_elasticsearch(cluster: Observed, places: Places, path: str, method: str = "GET") -> Answer:
    """Return Elasticsearch's answer, asked with the request logger's own login."""
    held = decoded(cluster.get(SECRET.named(elasticsearch.COPY, places.logs)))
    login = encoded(f"{held.get('username', '')}:{held.get('password', '')}")
    headers = {"Authorization": f"Basic {login}"}
    service = f"{elasticsearch.NAME}-es-http"
    return cluster.ask(places.logs, service, elasticsearch.PORT, path, headers, method=method)


def _broken(cluster: Observed, chain: Iterable[Reference], otherwise: str) -> tuple[str, str]:
    """Return what of a chain is not ready, and the command to look at it; `otherwise` is the command without."""
    for reference in chain:
        try:
            state = cluster.state(reference)
        except EngineError:
            continue
        if not isinstance(state, Ready):
            kind = reference.kind.name.lower()
            return f"{reference}: {state.reason}", f"oc -n {reference.namespace} describe {kind} {reference.name}"
    return "", otherwise
