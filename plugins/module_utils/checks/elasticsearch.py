# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The checks of the role elasticsearch.

Settings: `mode` (eck, external), `operators` (none for an external one), `url`, `namespace` and `system_namespace` (of
the copies of the credentials).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ..credentials.elasticsearch import user_secret
from ..kube.kinds import ELASTICSEARCH, SECRET, SUBSCRIPTION
from ..kube.objects import Object, section
from ..kube.secrets import decoded, encoded
from ..readiness.state import Ready
from .applied import applied_check
from .copies import copied
from .flows import flows
from .model import Check, Finding, failed, judged, passed, skipped, warned
from .observed import Observed
from .operators import operators_check

Settings = Mapping[str, Any]

NAME, COPY, PORT = "elasticsearch-seldon", "elastic-credentials", 9200
MEND = "ansible-playbook seldon.openshift.site --tags elasticsearch"


def _ready(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    namespace = settings["namespace"]
    reference = ELASTICSEARCH.named(NAME, namespace)
    subject = str(reference)
    if settings["mode"] != "eck":
        yield skipped(subject, f"Elasticsearch is external: {settings['url']}")
        return
    found = cluster.get(reference)
    state = cluster.state(reference)
    look = f"oc -n {namespace} describe elasticsearch {NAME} && oc -n {namespace} get pods,pvc,events"
    nodes = sum(each.get("count", 0) for each in section(found, "spec").get("nodeSets") or [])
    if isinstance(state, Ready) and nodes > 1 and section(found, "status").get("health") == "yellow":
        yield warned(subject, f"{state.reason}: replica shards are not assigned", look)
    else:
        yield judged(subject, state, look if found else MEND)


def _network(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    if settings["mode"] != "eck":
        return
    packages = {name for entry in settings["operators"] for name in (entry["name"], *entry.get("alternatives", ()))}
    homes = [
        live["metadata"]["namespace"]
        for live in cluster.list(SUBSCRIPTION)
        if section(live, "spec").get("name") in packages
    ]
    spaces = {"logs": settings["namespace"], "eck": (homes or [settings["operators"][0]["namespace"]])[0]}
    yield from flows(cluster, ["ECK operator to Elasticsearch"], spaces, MEND)


def _credentials(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    copies = {namespace: _copy(cluster, namespace) for namespace in _namespaces(settings)}
    wanted: dict[str, str | None] = {"username": None, "password": None}
    if settings["mode"] == "eck":
        source = f"Secret {settings['namespace']}/{user_secret(NAME)}"
        wanted["username"] = "elastic"
        wanted["password"] = decoded(cluster.get(SECRET.named(user_secret(NAME), settings["namespace"]))).get("elastic")
        if not wanted["password"]:
            do = f"oc -n {settings['namespace']} delete secret {user_secret(NAME)} --ignore-not-found && {MEND}"
            yield failed(source, "holds no password under elastic", do)
    else:
        source = f"Secret {settings['namespace']}/{COPY}"
        wanted.update({key: decoded(copies[settings["namespace"]]).get(key) for key in wanted})
    for namespace, copy in copies.items():
        yield copied(f"Secret {namespace}/{COPY}", copy, wanted, source, MEND)


def _login(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    if settings["mode"] != "eck":
        look = f"curl -u USER {settings['url']}/_cat/indices"
        yield skipped(settings["url"], f"an external Elasticsearch is not checked from here; run: {look}")
        return
    for namespace in _namespaces(settings):
        held = decoded(_copy(cluster, namespace))
        subject = f"login with Secret {namespace}/{COPY}"
        login = encoded(f"{held.get('username', '')}:{held.get('password', '')}")
        headers = {"Authorization": f"Basic {login}"}
        path = "/_cat/indices?format=json&h=index"
        answer = cluster.ask(settings["namespace"], f"{NAME}-es-http", PORT, path, headers)
        if answer.status == 0:
            yield skipped(subject, answer.body)
        elif answer.status == 200:
            yield passed(subject, f"accepted; {_indices(answer.body)}")
        else:
            yield failed(subject, f"Elasticsearch answers HTTP {answer.status}", MEND)


def _indices(body: str) -> str:
    """Return how many indices of users there are; those that begin with a dot are Elasticsearch's own."""
    try:
        found = [entry["index"] for entry in json.loads(body)]
    except (ValueError, TypeError, KeyError):
        return "its list of indices cannot be read"
    own = [name for name in found if not name.startswith(".")]
    return f"{len(own)} indices of requests and logs" if own else "no request or log has arrived yet"


def _namespaces(settings: Settings) -> tuple[str, str]:
    return settings["namespace"], settings["system_namespace"]


def _copy(cluster: Observed, namespace: str) -> Object | None:
    return cluster.get(SECRET.named(COPY, namespace))


CHECKS: tuple[Check, ...] = (
    operators_check("elasticsearch"),
    applied_check(
        "elasticsearch",
        "Another size or configuration of Elasticsearch shows only under load, or when a node restarts.",
    ),
    Check(
        "elasticsearch.ready",
        "Elasticsearch is ready, with all of its nodes",
        "Without it, requests, responses and logs are lost or cannot be searched.",
        _ready,
    ),
    Check(
        "elasticsearch.network",
        "NetworkPolicies let the operator reach Elasticsearch",
        "The service mesh closes the namespace; without a policy the operator cannot repair or change Elasticsearch.",
        _network,
    ),
    Check(
        "elasticsearch.credentials",
        "Both copies of Elasticsearch's credentials are complete and current",
        "The request logger and Seldon Deploy log in with them; an outdated copy locks both out.",
        _credentials,
    ),
    Check(
        "elasticsearch.login",
        "Elasticsearch accepts the credentials",
        "Only a login proves that the password is valid.",
        _login,
    ),
)
