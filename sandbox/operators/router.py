"""Routes as OpenShift's API server and its default router treat them: hosts given, claimed and refused.

The rules and messages are those of openshift/router's UniqueHost plugin with one owner namespace for each host.
"""

from __future__ import annotations

import re

from sandbox.kube import Object
from sandbox.simulator import Cluster, Operator
from sandbox.simulator.objects import conditions

ROUTE = ("route.openshift.io/v1", "Route")
ROUTER = "default"
GENERATED = "openshift.io/host.generated"
LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
LABEL_RULE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with"
    " an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is"
    " '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)

operator = Operator("router", manager="openshift-router", platform=True)


def _same_host(watched: Object, route: Object) -> bool:
    """Tell whether a change of `watched` may admit or displace `route`: it holds or held the same host."""
    hosts = {watched["spec"].get("host"), *(entry["host"] for entry in watched.get("status", {}).get("ingress", []))}
    return watched["metadata"]["uid"] != route["metadata"]["uid"] and route["spec"].get("host") in hosts


@operator.reconciles(*ROUTE, watches=[(*ROUTE, _same_host)])
def reconcile(cluster: Cluster, route: Object) -> float | None:
    """Give a Route without a host one of the cluster's domain, then admit or refuse it."""
    if not route["spec"].get("host"):
        _generate_host(cluster, route)
        return None
    if wait := cluster.pause(route, "router.admit", step=route["spec"]["host"]):
        return wait
    if cluster.fault("route-unnoticed", route):
        return None
    reason, message = _refusal(route, cluster.kube.list(*ROUTE))
    admitted = ("Admitted", "False" if reason else "True", reason, message)
    before = _ingress(route)
    wanted = {
        "host": route["spec"]["host"],
        "routerName": ROUTER,
        "routerCanonicalHostname": f"router-default.{_configuration(cluster)['domain']}",
        "wildcardPolicy": route["spec"].get("wildcardPolicy", "None"),
        "conditions": conditions({"status": before}, admitted),
    }
    # Other routers have entries of their own.
    others = [entry for entry in route.get("status", {}).get("ingress", []) if entry["routerName"] != ROUTER]
    cluster.set_status(route, {"ingress": [wanted, *others]})
    return None


def _generate_host(cluster: Cluster, route: Object) -> None:
    meta, configuration = route["metadata"], _configuration(cluster)
    host = f"{meta['name']}-{meta['namespace']}.{configuration.get('appsDomain') or configuration['domain']}"
    change = {"metadata": {"annotations": {GENERATED: "true"}}, "spec": {"host": host}}
    cluster.kube.patch(route, change)


def _configuration(cluster: Cluster) -> Object:
    found = cluster.kube.get("config.openshift.io/v1", "Ingress", "cluster")
    if found is None:
        raise LookupError("ingresses.config.openshift.io/cluster is missing: it holds the domain of all routes")
    return dict(found["spec"])


def _ingress(route: Object) -> Object:
    entries = route.get("status", {}).get("ingress", [])
    return next((entry for entry in entries if entry["routerName"] == ROUTER), {})


def _refusal(route: Object, routes: list[Object]) -> tuple[str, str]:
    """Return reason and message of the refusal, empty ones when the route is to be admitted."""
    host = route["spec"]["host"]
    if errors := _invalid(host):
        return "InvalidHost", f"host name validation errors: {', '.join(errors)}"
    older = sorted(
        (other for other in routes if other["spec"].get("host") == host and _age(other) < _age(route)), key=_age
    )
    name, namespace, path = route["metadata"]["name"], route["metadata"]["namespace"], route["spec"].get("path", "")
    # The namespace of the oldest route owns the host; there, each path belongs to its oldest route.
    if older and older[0]["metadata"]["namespace"] != namespace:
        return "HostAlreadyClaimed", f"a route in another namespace holds {host} and is older than {name}"
    for other in older:
        if other["metadata"]["namespace"] == namespace and other["spec"].get("path", "") == path:
            return "HostAlreadyClaimed", f"route {other['metadata']['name']} already exposes {host} and is older"
    return "", ""


def _age(route: Object) -> tuple[str, str]:
    return route["metadata"]["creationTimestamp"], route["metadata"]["uid"]


def _invalid(host: str) -> list[str]:
    labels = [label for label in host.split(".") if not LABEL.fullmatch(label)]
    if not labels:
        return []
    rules = ["host must conform to DNS 952 subdomain conventions"]
    rules += ["must be no more than 63 characters" if len(label) > 63 else LABEL_RULE for label in labels]
    return [f'spec.host: Invalid value: "{host}": {rule}' for rule in rules]
