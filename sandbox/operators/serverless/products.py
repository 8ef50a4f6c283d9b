"""What KnativeServing and KnativeEventing bring: Deployments, Services and namespaces of Serverless 1.26.0."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.kube import Object
from sandbox.operators.serverless.common import PART_OF
from sandbox.simulator.objects import Labels, deployment, make, owner, service
from sandbox.simulator.runtime import LABEL

Ports = dict[str, list[int]]
PROXY: Ports = {"kube-rbac-proxy": []}
PLAIN = [9090, 8008]
WEBHOOK = [8443, 9090, 8008]
WEB = [("http", 80, 8080)]


@dataclass(frozen=True)
class Component:
    """One Deployment; without a selector of its own it has `app: <name>`, without a namespace the product's."""

    name: str
    containers: Ports
    selector: Labels = field(default_factory=dict)
    namespace: str = ""
    replicas: int | None = None
    runs: str = ""  # the simulated operator that its process is


@dataclass(frozen=True)
class Product:
    """A kind of the operator, and what an object of it brings."""

    kind: str
    title: str
    namespace: str
    version: str
    definitions: str
    labels: Labels
    namespace_labels: Labels
    components: tuple[Component, ...]  # in the order of the manifests
    services: tuple[tuple[str, str, list[tuple[str, int, int]], Labels], ...]  # name, namespace, ports, selector
    webhooks: tuple[tuple[str, str], ...] = ()  # kind of the configuration, name
    ingress: Object | None = None  # a second namespace

    @property
    def finalizer(self) -> str:
        """The finalizer of the Knative operator."""
        return f"{self.kind.lower()}s.operator.knative.dev"

    @property
    def openshift_finalizer(self) -> str:
        """The finalizer of OpenShift's part."""
        return f"{self.namespace}-openshift"

    @property
    def namespaces(self) -> list[str]:
        """Where the Deployments are."""
        return [self.namespace] + ([self.ingress["metadata"]["name"]] if self.ingress else [])


INGRESS = "knative-serving-ingress"
KOURIER = {
    "networking.knative.dev/ingress-provider": "kourier",
    "serving.knative.openshift.io/ownerName": "knative-serving",
    "serving.knative.openshift.io/ownerNamespace": "knative-serving",
}
SERVING_LABELS = {"app.kubernetes.io/name": "knative-serving", "app.kubernetes.io/version": "1.5.0"}
GATEWAY = {"app": "3scale-kourier-gateway"}

SERVING = Product(
    kind="KnativeServing",
    title="Knative Serving",
    namespace="knative-serving",
    version="1.5.0",
    definitions="knative_serving",
    labels=SERVING_LABELS,
    namespace_labels={},
    components=(
        Component("activator", {"activator": [*PLAIN, 8012, 8013], **PROXY}),
        Component("autoscaler", {"autoscaler": [*PLAIN, 8080], **PROXY}),
        Component("controller", {"controller": PLAIN, **PROXY}),
        Component("domain-mapping", {"domain-mapping": PLAIN, **PROXY}),
        Component("domainmapping-webhook", {"domainmapping-webhook": WEBHOOK, **PROXY}),
        Component("webhook", {"webhook": WEBHOOK, **PROXY}),
        Component("autoscaler-hpa", {"autoscaler-hpa": PLAIN, **PROXY}),
        Component("net-kourier-controller", {"controller": [18000]}, namespace=INGRESS),
        Component("3scale-kourier-gateway", {"kourier-gateway": [8080, 8081, 8443, 8090, 9443]}, namespace=INGRESS),
    ),
    services=(
        ("activator-service", "knative-serving", [("http", 80, 8012), ("http2", 81, 8013)], {"app": "activator"}),
        ("kourier", INGRESS, [("http2", 80, 8080), ("https", 443, 8443)], GATEWAY),
        ("kourier-internal", INGRESS, [("http2", 80, 8081), ("https", 443, 8444)], GATEWAY),
    ),
    ingress=make(
        "v1",
        "Namespace",
        INGRESS,
        labels={"app.kubernetes.io/component": "net-kourier", **SERVING_LABELS, **PART_OF, **KOURIER},
    ),
)

EVENTING_LABELS = {
    "app.kubernetes.io/name": "knative-eventing",
    "app.kubernetes.io/version": "v1.5",
    "eventing.knative.dev/release": "v1.5",
}
CHANNEL = "messaging.knative.dev"


def _channel(role: str) -> Labels:
    return {f"{CHANNEL}/channel": "in-memory-channel", f"{CHANNEL}/role": role}


def _broker(role: str) -> Labels:
    return {"eventing.knative.dev/brokerRole": role}


EVENTING = Product(
    kind="KnativeEventing",
    title="Knative Eventing",
    namespace="knative-eventing",
    version="1.5",
    definitions="knative_eventing",
    labels=EVENTING_LABELS,
    namespace_labels=EVENTING_LABELS,
    components=(
        Component("eventing-controller", {"eventing-controller": PLAIN, **PROXY}),
        Component("pingsource-mt-adapter", {"dispatcher": [9090]}, {"sources.knative.dev/role": "adapter"}, replicas=0),
        Component("eventing-webhook", {"eventing-webhook": WEBHOOK, **PROXY}, runs="knative_eventing"),
        Component("imc-controller", {"controller": [*PLAIN, 8443], **PROXY}, _channel("controller")),
        Component("imc-dispatcher", {"dispatcher": [8080, 9090], **PROXY}, _channel("dispatcher")),
        Component("mt-broker-filter", {"filter": [8080, 9092], **PROXY}, _broker("filter")),
        Component("mt-broker-ingress", {"ingress": [8080, 9092], **PROXY}, _broker("ingress")),
        Component("mt-broker-controller", {"mt-broker-controller": PLAIN, **PROXY}, runs="knative_eventing"),
    ),
    services=(
        ("broker-filter", "knative-eventing", WEB, _broker("filter")),
        ("broker-ingress", "knative-eventing", WEB, _broker("ingress")),
        ("imc-dispatcher", "knative-eventing", WEB, _channel("dispatcher")),
        ("eventing-webhook", "knative-eventing", [("https-webhook", 443, 8443)], {"app": "eventing-webhook"}),
    ),
    webhooks=(
        ("MutatingWebhookConfiguration", "webhook.eventing.knative.dev"),
        ("ValidatingWebhookConfiguration", "validation.webhook.eventing.knative.dev"),
    ),
)


def objects(product: Product, obj: Object) -> list[Object]:
    """Return the Services and Deployments that `obj`, of the product's kind, brings."""
    replicas = (obj["spec"].get("high-availability") or {}).get("replicas", 2)
    found = [_service(product, *entry) for entry in product.services]
    found += [_deployment(product, component, replicas) for component in product.components]
    for entry in found:
        # The ingress namespace goes as a whole.
        if entry["metadata"]["namespace"] == product.namespace:
            entry["metadata"]["ownerReferences"] = [owner(obj)]
    return found


def _service(
    product: Product, name: str, namespace: str, ports: list[tuple[str, int, int]], selector: Labels
) -> Object:
    return service(name, namespace, ports, selector, labels=_labels(product, namespace))


def _deployment(product: Product, component: Component, replicas: int) -> Object:
    namespace = component.namespace or product.namespace
    return deployment(
        component.name,
        namespace,
        selector=component.selector or {"app": component.name},
        containers=component.containers,
        replicas=replicas if component.replicas is None else component.replicas,
        labels=_labels(product, namespace) | ({LABEL: component.runs} if component.runs else {}),
    )


def _labels(product: Product, namespace: str) -> Labels:
    return product.labels | (KOURIER if namespace == INGRESS else {})


def webhook_configurations(product: Product) -> list[Object]:
    """Return the configurations as the operator installs them: with neither rules nor authority.

    The webhook's own process fills both in later.
    """
    return [
        make(
            "admissionregistration.k8s.io/v1",
            kind,
            name,
            labels=product.labels,
            webhooks=[
                {
                    "name": name,
                    "admissionReviewVersions": ["v1", "v1beta1"],
                    "clientConfig": {"service": {"name": "eventing-webhook", "namespace": product.namespace}},
                    "failurePolicy": "Fail",
                    "sideEffects": "None",
                    "timeoutSeconds": 10,
                }
            ],
        )
        for kind, name in product.webhooks
    ]
