# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The checks of the role logging.

Settings: `mode` (forward, none), `operators`, `url` (of Elasticsearch), `logs_namespace`, `in_cluster` (whether
Elastic's operator runs Elasticsearch there), `authority` (whether the collectors are given a certificate to trust).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from ..credentials.elasticsearch import certificate_secret, user_secret
from ..credentials.restarts import is_older, last_change, selector_text, was_restarted
from ..kube.kinds import CLUSTER_LOGGING, DAEMON_SET, LOG_FORWARDER, POD, SECRET
from ..kube.objects import condition, condition_text, holds, section
from ..kube.secrets import decoded
from ..readiness.state import Ready
from .applied import applied_check
from .copies import copied
from .flows import flows
from .model import Check, Finding, failed, judged, passed, skipped, warned
from .observed import Observed
from .operators import operators_check

Settings = Mapping[str, Any]

HOME, CLUSTER = "openshift-logging", "elasticsearch-seldon"
OUTPUT, PIPELINE = "seldon-elasticsearch", "seldon-container-logs"
CREDENTIALS = SECRET.named("seldon-elasticsearch", HOME)
FORWARDER = LOG_FORWARDER.named("instance", HOME)
COLLECTING = CLUSTER_LOGGING.named("instance", HOME)
COLLECTOR = DAEMON_SET.named("collector", HOME)
MEND = "ansible-playbook seldon.openshift.site --tags logging"
MANAGE = f"oc -n {HOME} patch clusterlogging instance --type merge -p 'spec: {{managementState: Managed}}'"
RESTART = f"oc -n {HOME} rollout restart daemonset/collector"


def _forwarder(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    subject, look = str(FORWARDER), f"oc -n {HOME} describe clusterlogforwarder instance"
    if settings["mode"] != "forward":
        yield skipped(subject, "logs are not forwarded (logging_mode is none)")
        return
    forwarder = cluster.get(FORWARDER)
    spec = section(forwarder, "spec")
    output: Mapping[str, Any] = next((o for o in spec.get("outputs") or [] if o.get("name") == OUTPUT), {})
    pipeline: Mapping[str, Any] = next((p for p in spec.get("pipelines") or [] if p.get("name") == PIPELINE), {})
    if not output or OUTPUT not in (pipeline.get("outputRefs") or []):
        yield failed(
            subject, f"has no pipeline {PIPELINE} to an output {OUTPUT}" if forwarder else "does not exist", MEND
        )
        return
    if output.get("url") != settings["url"]:
        yield failed(subject, f"sends logs to {output.get('url')} instead of {settings['url']}", MEND)
        return
    state = cluster.state(FORWARDER, outputs=[OUTPUT], pipelines=[PIPELINE])
    if isinstance(state, Ready) and holds(forwarder, "Degraded"):
        reason = condition_text(condition(forwarder, "Degraded"), "no reason given")
        yield warned(subject, f"Seldon's output and pipeline are ready, others are not: {reason}", look)
    elif isinstance(state, Ready):
        yield passed(subject, f"output {OUTPUT} and pipeline {PIPELINE} are ready")
    else:
        yield failed(subject, state.reason, look)


def _collector(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    if settings["mode"] != "forward":
        return
    subject = str(COLLECTING)
    found = cluster.get(COLLECTING)
    state = cluster.state(COLLECTING)
    if isinstance(state, Ready) and section(found, "spec").get("managementState") == "Unmanaged":
        yield warned(
            subject, "collectors run, but managementState is Unmanaged: the operator does not update them", MANAGE
        )
    else:
        yield judged(subject, state, f"oc -n {HOME} get pods -l component=collector" if found else MEND)


def _credentials(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    if settings["mode"] != "forward":
        return
    logs = settings["logs_namespace"]
    wanted: dict[str, str | None] = {"username": None, "password": None}
    source = "Elasticsearch's own" if settings["in_cluster"] else f"Secret {logs}/elastic-credentials"
    if settings["in_cluster"]:
        user = decoded(cluster.get(SECRET.named(user_secret(CLUSTER), logs)))
        public = decoded(cluster.get(SECRET.named(certificate_secret(CLUSTER), logs)))
        wanted.update(username="elastic", password=user.get("elastic"))
        wanted["ca-bundle.crt"] = public.get("ca.crt") or public.get("tls.crt")
    else:
        copy = decoded(cluster.get(SECRET.named("elastic-credentials", logs)))
        wanted.update({key: copy.get(key) for key in wanted})
        if settings["authority"]:
            wanted["ca-bundle.crt"] = None
    secret = cluster.get(CREDENTIALS)
    yield copied(str(CREDENTIALS), secret, wanted, source, MEND)


def _current(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    secret, collector = cluster.get(CREDENTIALS), cluster.get(COLLECTOR)
    if settings["mode"] != "forward" or secret is None or collector is None:
        return
    since = last_change(secret)
    pods = cluster.list(POD, HOME, selector_text(collector["spec"]["selector"]))
    # A pod of the same second has most likely been started because of the change.
    older = [pod for pod in pods if is_older(pod, since - timedelta(seconds=1))]
    subject = str(COLLECTOR)
    if older and not was_restarted(collector, since):
        yield failed(subject, f"{len(older)} of {len(pods)} pods started before the credentials changed", RESTART)
    else:
        yield passed(subject, f"{len(pods)} pods run with the current credentials")


def _network(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    if settings["mode"] == "forward" and settings["in_cluster"]:
        yield from flows(cluster, ["log collector to Elasticsearch"], {"logs": settings["logs_namespace"]}, MEND)


CHECKS: tuple[Check, ...] = (
    operators_check("logging"),
    applied_check(
        "logging",
        "Without its label and policy, the forwarder is not monitored, or does not reach Elasticsearch.",
    ),
    Check(
        "logging.forwarder",
        "The ClusterLogForwarder sends the logs of Seldon's pods to Elasticsearch",
        "It is Ready even when it forwards nothing; Seldon Deploy then shows no logs.",
        _forwarder,
    ),
    Check(
        "logging.collector",
        "A collector runs on every node",
        "Logs of a node without a collector are not forwarded.",
        _collector,
    ),
    Check(
        "logging.credentials",
        "The collectors' credentials are complete and current",
        "With an old password, or without the certificate, Elasticsearch accepts no logs from them.",
        _credentials,
    ),
    Check(
        "logging.current",
        "The collectors run with the current credentials",
        "They read them only at their start, and the operator does not restart them when a password changes.",
        _current,
    ),
    Check(
        "logging.network",
        "NetworkPolicies let the collectors reach Elasticsearch",
        "The service mesh's policies close the namespace to everything outside of the mesh.",
        _network,
    ),
)
