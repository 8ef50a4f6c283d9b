"""The certificate of the address: what is declared, and what the gateway serves with."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.checks import service_mesh
from ansible_collections.seldon.openshift.plugins.module_utils.checks.model import rows

from tests.pems import pair
from tests.unit.observed import observed

Object = dict[str, Any]
HOST = "seldon.apps.example.com"
GOOD, SOON, OLD, OTHER = (
    pair(HOST).certificate,
    pair(HOST, days=9).certificate,
    pair(HOST, days=-2).certificate,
    pair("a.example.com").certificate,
)


def route(termination: str, certificate: str = "") -> Object:
    tls = {"termination": termination, **({"certificate": certificate} if certificate else {})}
    metadata = {"name": "seldon-route", "namespace": "istio-system"}
    spec = {"host": HOST, "to": {"name": "istio-ingressgateway"}, "tls": tls}
    admitted = {"conditions": [{"type": "Admitted", "status": "True"}], "host": HOST, "routerName": "default"}
    api = "route.openshift.io/v1"
    return {"apiVersion": api, "kind": "Route", "metadata": metadata, "spec": spec, "status": {"ingress": [admitted]}}


def secret(certificate: str) -> Object:
    data = {"tls.crt": base64.b64encode(certificate.encode()).decode()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "g", "namespace": "istio-system"}, "data": data}


def said(name: str, termination: str, gateway: str, *objects: Object) -> list[tuple[str, str]]:
    settings = {"namespace": "istio-system", "host": HOST, "termination": termination, "gateway_secret": gateway}
    checks = [check for check in service_mesh.CHECKS if check.name == name]
    return [(row["status"], row["seen"]) for row in rows(checks, "chapter", observed(*objects), settings)]


@pytest.mark.parametrize(
    ("objects", "told"),
    [
        ([route("edge")], [("pass", "is the router's own")]),
        ([route("edge", GOOD)], [("pass", "holds until ")]),
        ([route("edge", SOON)], [("warn", "expires in 8 days, on ")]),
        ([route("edge", OLD)], [("fail", "has expired on ")]),
        ([route("edge", OTHER)], [("fail", f"is for a.example.com, not for {HOST}")]),
        ([route("edge", "x")], [("fail", "holds no certificate in PEM")]),
        # The gateway's own certificate behind the router need not be for the public host.
        ([route("reencrypt", GOOD), secret(OTHER)], [("pass", "holds until "), ("pass", "holds until ")]),
        ([route("reencrypt"), secret(OLD)], [("pass", "is the router's own"), ("fail", "has expired on ")]),
        ([route("reencrypt")], [("pass", "is the router's own"), ("fail", "does not exist: ")]),
        ([route("passthrough"), secret(OTHER)], [("fail", "is for a.example.com, not for ")]),
        ([route("passthrough"), secret(GOOD)], [("pass", "holds until ")]),
    ],
)
def test_a_certificate(objects: list[Object], told: list[tuple[str, str]]) -> None:
    termination = objects[0]["spec"]["tls"]["termination"]
    found = said("service_mesh.certificate", termination, "" if termination == "edge" else "g", *objects)
    assert [(status, seen[: len(start)]) for (status, seen), (_, start) in zip(found, told, strict=True)] == told


def test_a_route_that_ends_tls_elsewhere() -> None:
    assert said("service_mesh.route", "reencrypt", "g", route("edge"))[0][0] == "fail"
    assert said("service_mesh.route", "edge", "", route("edge"))[0][0] == "pass"
