"""What OpenShift's service-ca does for the Services of a namespace, and for those who trust them."""

from __future__ import annotations

import base64
from pathlib import Path

from sandbox import certificates
from sandbox.kube import ApiError, Kube, Object

# Names the folder with the authority in the environment of the simulated operators.
PKI = "SANDBOX_PKI"
PREFIX = "service.beta.openshift.io/"
SERVING = f"{PREFIX}serving-cert-secret-name"
# What operators that are older still write.
SERVING_ALPHA = "service.alpha.openshift.io/serving-cert-secret-name"
INJECT = f"{PREFIX}inject-cabundle"
BUNDLE_KEY = "service-ca.crt"
REGISTRATION = "admissionregistration.k8s.io/v1"
CONFIGURATIONS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")


class ServiceCa:
    """Makes serving certificates, signed by the sandbox's authority, and hands out its certificate."""

    def __init__(self, kube: Kube, pki: Path) -> None:
        """Act on the API server of `kube`; the authority is in the folder `pki`."""
        self._kube = kube
        self._pki = pki
        self._bundle = (pki / "ca.crt").read_text(encoding="utf-8")

    def tend(self, namespace: str) -> None:
        """Give everybody who asks for it in the namespace, and all webhooks, what they lack. Raises ApiError."""
        for service in self._kube.list("v1", "Service", namespace):
            self.serve(service)
        for config_map in self._kube.list("v1", "ConfigMap", namespace):
            if _asks(config_map) and config_map.get("data") != {BUNDLE_KEY: self._bundle}:
                self._kube.replace({**config_map, "data": {BUNDLE_KEY: self._bundle}}, "service-ca-operator")
        for kind in CONFIGURATIONS:
            for configuration in self._kube.list(REGISTRATION, kind):
                if _asks(configuration):
                    self._trust(configuration)

    def serve(self, service: Object) -> None:
        """Make the Secret that the Service asks for, unless there is one. Raises ApiError."""
        meta, name = service["metadata"], wanted(service)
        if not name or self._kube.get("v1", "Secret", name, meta["namespace"]):
            return
        host = f"{meta['name']}.{meta['namespace']}.svc"
        pair = certificates.serving(self._pki, [host, f"{host}.cluster.local"])
        owner = {"apiVersion": "v1", "kind": "Service", "name": meta["name"], "uid": meta["uid"]}
        origin = {f"{PREFIX}originating-service-{key}": meta[key] for key in ("name", "uid")}
        secret = {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "kubernetes.io/tls",
            "metadata": {
                "name": name,
                "namespace": meta["namespace"],
                "annotations": origin,
                "ownerReferences": [owner],
            },
            "data": {"tls.crt": _encoded(pair.certificate), "tls.key": _encoded(pair.key)},
        }
        try:
            self._kube.create(secret)
        except ApiError as error:
            if error.status != 409:
                raise

    def _trust(self, configuration: Object) -> None:
        bundle = _encoded(self._bundle.encode())
        webhooks = configuration.get("webhooks") or []
        wanted = [entry | {"clientConfig": entry["clientConfig"] | {"caBundle": bundle}} for entry in webhooks]
        if wanted != webhooks:
            self._kube.replace({**configuration, "webhooks": wanted}, "service-ca-operator")


def wanted(service: Object) -> str | None:
    """Return the name of the Secret that a Service asks for."""
    annotations = service["metadata"].get("annotations") or {}
    return annotations.get(SERVING) or annotations.get(SERVING_ALPHA)


def _asks(obj: Object) -> bool:
    return (obj["metadata"].get("annotations") or {}).get(INJECT) == "true"


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()
