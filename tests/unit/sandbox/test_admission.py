"""Simulated webhooks: what is registered, where it leads to, and when it ends."""

from __future__ import annotations

import base64
import json
import socket
import ssl
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any, cast

import pytest

from sandbox.kube import ApiError, Kube, Object
from sandbox.routes import Routes
from sandbox.simulator.admission import Admission, Denied
from sandbox.simulator.settings import Faults
from sandbox.simulator.webhook_server import self_signed

SERVICE: Object = {
    "kind": "Service",
    "metadata": {"name": "hooks", "namespace": "ns"},
    "spec": {"selector": {"name": "op"}, "ports": [{"port": 443, "targetPort": 9443}]},
}
POD: Object = {"metadata": {"namespace": "ns", "labels": {"name": "op"}}, "spec": {"containers": []}}
CONFIGURATION: Object = {
    "kind": "ValidatingWebhookConfiguration",
    "metadata": {"name": "c"},
    "webhooks": [{"name": "a.b.c", "clientConfig": {"service": {"name": "hooks", "namespace": "ns", "path": "/v"}}}],
}


class Cluster:
    """Holds objects by kind and name; its Services have endpoints as long as they select a pod."""

    def __init__(self, *objects: Object) -> None:
        self.objects = {(obj["kind"], obj["metadata"]["name"]): obj for obj in objects}

    def get(self, _api_version: str, kind: str, name: str, _namespace: str) -> Object | None:
        if kind == "Endpoints":
            selects = "sandbox.seldon/listens" not in self.objects["Service", name]["spec"]["selector"]
            return {"subsets": [{"addresses": [{"ip": "10.128.0.9"}]}] if selects else None}
        return self.objects.get((kind, name))

    def create(self, obj: Object) -> None:
        key = (obj["kind"], obj["metadata"]["name"])
        if key in self.objects:
            raise ApiError(409, "")
        self.objects[key] = obj

    def patch(self, obj: Object, body: Any) -> None:
        key = (obj["kind"], obj["metadata"]["name"])
        if key not in self.objects:
            raise ApiError(404, "")
        if obj["kind"] != "Service":
            self.objects[key] = self.objects[key] | body
            return
        spec = self.objects[key]["spec"]
        merged = {k: v for k, v in (spec["selector"] | body["spec"]["selector"]).items() if v is not None}
        self.objects[key] = self.objects[key] | {"spec": spec | {"selector": merged}}

    def delete(self, obj: Object) -> None:
        self.objects.pop((obj["kind"], obj["metadata"]["name"]), None)

    def client(self) -> Object:
        """Return the clientConfig that is registered."""
        found: Object = self.objects["ValidatingWebhookConfiguration", "c"]["webhooks"][0]["clientConfig"]
        return found


def refuse(_request: Object) -> None:
    raise Denied("no")


@pytest.fixture
def routes(tmp_path: Path) -> Routes:
    return Routes(tmp_path)


def admission(cluster: Cluster, routes: Routes, *faults: Object) -> Admission:
    return Admission(cast(Kube, cluster), Faults(faults), routes)


def connection(port: int, authority: bytes, host: str) -> HTTPSConnection:
    """Connect as the API server does: to loopback, for a Service's host name."""
    context = ssl.create_default_context(cadata=authority.decode())
    found = HTTPSConnection(host, port, context=context)
    raw = socket.create_connection(("127.0.0.1", port), timeout=20)
    found.sock, found.auto_open = context.wrap_socket(raw, server_hostname=host), 0
    return found


def asked(link: HTTPSConnection, path: str = "/v") -> Object:
    body = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "1", "object": {}}}
    link.request("POST", f"{path}?timeout=10s", json.dumps(body))
    found: Object = json.loads(link.getresponse().read())["response"]
    return found


def test_what_is_served_leads_through_its_service_and_ends_at_once(routes: Routes) -> None:
    cluster = Cluster(SERVICE)
    hooks = admission(cluster, routes)
    hooks.serve("op", [CONFIGURATION], {"/v": refuse})
    client = cluster.client()
    assert client["service"] == CONFIGURATION["webhooks"][0]["clientConfig"]["service"]
    assert "url" not in client
    port = routes.local_port(POD, 9443)
    assert port
    link = connection(port, base64.b64decode(client["caBundle"]), "hooks.ns.svc")
    assert [asked(link)["status"]["message"] for _ in range(2)] == ["no", "no"], "the connection is kept"
    hooks.withdraw("op", [CONFIGURATION])
    assert routes.names() == set()
    assert cluster.client() == client, "calls fail now"
    with pytest.raises((OSError, HTTPException)):
        asked(link)


def test_what_olm_has_registered_is_answered_with_its_certificate(routes: Routes) -> None:
    pair = self_signed(["op-service.ns.svc"])
    data = {"tls.crt": base64.b64encode(pair.certificate).decode(), "tls.key": base64.b64encode(pair.key).decode()}
    service = {**SERVICE, "metadata": {"name": "op-service", "namespace": "ns"}}
    cluster = Cluster(service, {"kind": "Secret", "metadata": {"name": "op-service-cert"}, "data": data})
    hooks = admission(cluster, routes)
    hooks.answer("op", "op", "ns", {"/v": refuse})
    port = routes.local_port(POD, 9443)
    assert port
    assert asked(connection(port, pair.certificate, "op-service.ns.svc"))["allowed"] is False
    hooks.leave("op")
    assert not hooks.serves("op")


def test_without_olm_nothing_is_answered(routes: Routes) -> None:
    hooks = admission(Cluster(), routes)
    hooks.answer("op", "op", "ns", {"/v": refuse})
    assert (hooks.serves("op"), routes.names()) == (False, set())


def test_openshift_s_own_are_answered_by_url(routes: Routes) -> None:
    cluster = Cluster()
    hooks = admission(cluster, routes)
    hooks.serve_by_url("own", [CONFIGURATION], {"/v": refuse})
    client = cluster.client()
    assert sorted(client) == ["caBundle", "url"]
    port = int(client["url"].split(":")[2].split("/")[0])
    assert asked(connection(port, base64.b64decode(client["caBundle"]), "127.0.0.1"))["allowed"] is False
    hooks.close()


def test_a_fault_leaves_the_service_without_endpoints_for_a_while(routes: Routes) -> None:
    cluster = Cluster(SERVICE)
    fault = {"fault": "webhook-no-endpoints", "webhook": "op", "seconds": 600}
    hooks = admission(cluster, routes, fault)
    hooks.serve("op", [CONFIGURATION], {"/v": refuse})
    assert cluster.objects["Service", "hooks"]["spec"]["selector"] == {"name": "op", "sandbox.seldon/listens": "nobody"}
    assert routes.local_port(POD, 9443), "it answers as soon as there are endpoints again"
    hooks.close()


def test_not_yet_answered_is_registered_and_what_is_removed_is_not(routes: Routes) -> None:
    cluster = Cluster(SERVICE)
    hooks = admission(cluster, routes)
    hooks.withdraw("op", [CONFIGURATION])
    assert cluster.client() == CONFIGURATION["webhooks"][0]["clientConfig"]
    hooks.serve("op", [CONFIGURATION], {"/v": refuse})
    assert "caBundle" in cluster.client(), "one that is there is completed"
    hooks.remove("op", [CONFIGURATION])
    assert ("ValidatingWebhookConfiguration", "c") not in cluster.objects
    assert routes.names() == set()


def test_what_could_not_be_registered_is_tried_again(routes: Routes) -> None:
    class Refusing(Cluster):
        refuses = True

        def create(self, obj: Object) -> None:
            if self.refuses:
                raise ApiError(500, "busy")
            super().create(obj)

    cluster = Refusing(SERVICE)
    hooks = admission(cluster, routes)
    with pytest.raises(ApiError):
        hooks.serve("op", [CONFIGURATION], {"/v": refuse})
    assert (hooks.serves("op"), routes.names()) == (False, set())
    cluster.refuses = False
    hooks.serve("op", [CONFIGURATION], {"/v": refuse})
    assert "caBundle" in cluster.client()
