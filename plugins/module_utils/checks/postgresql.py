# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The checks of the role postgresql.

Settings: `namespace`, `secret` (what Seldon Deploy reads), `service` (how the objects of a database of the cluster are
named).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..kube.kinds import CLAIM, DEPLOYMENT, DEPLOYMENT_CONFIG, ENDPOINTS, SECRET, SERVICE, TEMPLATE_INSTANCE
from ..kube.objects import section
from ..kube.secrets import decoded
from ..readiness.state import Failed, Ready
from .model import Check, Finding, failed, judged, passed, skipped, warned
from .observed import Observed
from .workloads import rollout

Settings = Mapping[str, Any]

KEYS = ("user", "password", "host", "port", "dbname", "sslmode")
MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
MEND = "ansible-playbook seldon.openshift.site --tags postgresql"
EVIDENT = ("postgres", "postgresql", "password", "seldon", "metadata")


def _secret(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    subject, values = _values(cluster, settings)
    if values is None:
        yield failed(subject, "does not exist", MEND)
        return
    empty = [key for key in KEYS if not values.get(key, "").strip()]
    if empty:
        yield failed(subject, f"no value for {', '.join(empty)}", MEND)
    elif values["sslmode"] not in MODES:
        yield failed(subject, f"sslmode is not one of {', '.join(MODES)}", f"{MEND} -e postgresql_sslmode=prefer")
    elif not values["port"].isdigit():
        yield failed(subject, "port is not a number", f"{MEND} -e postgresql_port=5432")
    elif values["password"] in (*EVIDENT, values["user"]):
        yield warned(subject, "the password is easily guessed", f"{MEND} -e @vault.yml")
    else:
        yield passed(subject, f"has {', '.join(KEYS)}; sslmode {values['sslmode']}")


def _password(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    subject, values = _values(cluster, settings)
    namespace, name = settings["namespace"], settings["service"]
    if not values or _service(values.get("host", ""), namespace) != (namespace, name):
        yield skipped(subject, "the database is external: its credentials are not checked")
        return
    own = decoded(cluster.get(SECRET.named(name, namespace)))
    for ours, theirs in (("user", "database-user"), ("password", "database-password"), ("dbname", "database-name")):
        if theirs in own and own[theirs] != values.get(ours):
            yield failed(subject, f"{ours} differs from the database's own Secret {name}", MEND)
            return
    deployment = cluster.get(DEPLOYMENT.named(name, namespace))
    read = [
        section(each, "valueFrom", "secretKeyRef").get("name")
        for container in section(deployment, "spec", "template", "spec").get("containers") or []
        for each in container.get("env") or []
    ]
    if own or settings["secret"] in read:
        yield passed(subject, "user, password and name match the database's")
    else:
        yield skipped(subject, "the database's password is unknown")


def _database(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    _subject, values = _values(cluster, settings)
    namespace, name = settings["namespace"], settings["service"]
    if values and _service(values.get("host", ""), namespace) != (namespace, name):
        yield skipped("database", f"external, at {values.get('host')}")
        return
    wanted = [kind.named(name, namespace) for kind in (DEPLOYMENT_CONFIG, DEPLOYMENT)]
    found = [reference for reference in wanted if cluster.get(reference)]
    if not found:
        yield failed(f"database {namespace}/{name}", "neither DeploymentConfig nor Deployment exists", MEND)
    for reference in found:
        look = f"oc describe {reference.kind.name.lower()} {name} -n {namespace}; oc get events -n {namespace}"
        yield judged(str(reference), rollout(cluster, reference), look)
    claim = cluster.state(CLAIM.named(name, namespace))
    look = f"oc describe pvc {name} -n {namespace}"
    yield judged(f"PersistentVolumeClaim {namespace}/{name}", claim, look)
    if cluster.get(TEMPLATE_INSTANCE.named(name, namespace)):
        state = cluster.state(TEMPLATE_INSTANCE.named(name, namespace))
        # A later change of its objects does not concern it.
        if isinstance(state, (Failed, Ready)):
            do = f"oc delete templateinstance {name} -n {namespace} && {MEND}   # deletes its data"
            yield judged(f"TemplateInstance {namespace}/{name}", state, do)


def _address(cluster: Observed, settings: Settings) -> Iterator[Finding]:
    subject, values = _values(cluster, settings)
    host, port = (values or {}).get("host", ""), (values or {}).get("port", "")
    place = _service(host, settings["namespace"])
    if place is None:
        yield skipped(subject, f"host {host or '(none)'} is outside of the cluster")
        return
    namespace, name = place
    subject = f"Service {namespace}/{name}"
    service = cluster.get(SERVICE.named(name, namespace))
    if service is None:
        yield failed(subject, f"does not exist, but is the host in the Secret ({host})", MEND)
    elif port not in [str(each["port"]) for each in section(service, "spec").get("ports") or []]:
        yield failed(subject, f"has no port {port}", MEND)
    elif not any(each.get("addresses") for each in _subsets(cluster, name, namespace)):
        yield failed(subject, "has no ready pod", f"oc describe endpoints {name} -n {namespace}")
    else:
        yield passed(subject, f"port {port}, with a ready pod")


def _subsets(cluster: Observed, name: str, namespace: str) -> list[dict[str, Any]]:
    endpoints = cluster.get(ENDPOINTS.named(name, namespace)) or {}
    return endpoints.get("subsets") or []


def _values(cluster: Observed, settings: Settings) -> tuple[str, dict[str, str] | None]:
    namespace, name = settings["namespace"], settings["secret"]
    found = cluster.get(SECRET.named(name, namespace))
    return f"Secret {namespace}/{name}", None if found is None else decoded(found)


def _service(host: str, namespace: str) -> tuple[str, str] | None:
    """Return namespace and name of the Service that a host is, as a pod of `namespace` sees it; None: none."""
    name, *rest = host.removesuffix(".cluster.local").removesuffix(".svc").split(".")
    inside = len(rest) <= 1 and (host.endswith((".svc", ".svc.cluster.local")) or not rest)
    return ((rest or [namespace])[0], name) if host and inside else None


CHECKS: tuple[Check, ...] = (
    Check(
        "postgresql.secret",
        "The Secret with the database's address and login is complete",
        "Seldon Deploy does not start while one of its keys is missing.",
        _secret,
    ),
    Check(
        "postgresql.password",
        "The Secret has the user, password and name that the database was created with",
        "With another password Seldon Deploy cannot log in, and the model catalogue stays empty.",
        _password,
    ),
    Check(
        "postgresql.database",
        "The database's pods are ready and its volume is bound",
        "The model catalogue is stored in it.",
        _database,
    ),
    Check(
        "postgresql.address",
        "The address in the Secret is a Service with a ready pod",
        "Seldon Deploy connects to this address only.",
        _address,
    ),
)
