"""Admission of Elasticsearch; its failurePolicy is Ignore, so that everything passes while the operator is down."""

from __future__ import annotations

from sandbox.kube import Object
from sandbox.operators.eck.common import operator
from sandbox.operators.eck.validation import errors_in, errors_in_change, refusal
from sandbox.simulator import Cluster
from sandbox.simulator.admission import Denied
from sandbox.simulator.objects import make

NAME = "eck"
WEBHOOK = "elastic-es-validation-v1.k8s.elastic.co"
PATH = "/validate-elasticsearch-k8s-elastic-co-v1-elasticsearch"


@operator.starts
def start(cluster: Cluster) -> None:
    """Answer admission."""
    cluster.admission.serve(NAME, [configuration(cluster.namespace)], {PATH: validate})


@operator.stops
def stop(cluster: Cluster) -> None:
    """Answer no longer; OLM takes the registration away with the CSV."""
    meta = cluster.deployment["metadata"] if cluster.deployment else {}
    if cluster.kube.get("apps/v1", "Deployment", meta["name"], meta["namespace"]):
        cluster.admission.withdraw(NAME, [configuration(cluster.namespace)])
    else:
        cluster.admission.remove(NAME, [configuration(cluster.namespace)])


def configuration(namespace: str) -> Object:
    """Return the webhook configuration of an operator in this namespace."""
    address = {"name": "elastic-operator-service", "namespace": namespace, "path": PATH, "port": 443}
    rule = {
        "apiGroups": ["elasticsearch.k8s.elastic.co"],
        "apiVersions": ["v1"],
        "operations": ["CREATE", "UPDATE"],
        "resources": ["elasticsearches"],
    }
    webhook = {
        "name": WEBHOOK,
        "admissionReviewVersions": ["v1", "v1beta1"],
        "clientConfig": {"service": address},
        "failurePolicy": "Ignore",
        "rules": [rule],
        "sideEffects": "None",
        "timeoutSeconds": 10,
    }
    return make("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", WEBHOOK, webhooks=[webhook])


def validate(request: Object) -> None:
    """Refuse what the operator could not run, and changes that it could not make. Raises Denied."""
    es, before = request["object"], request.get("oldObject")
    errors = (errors_in_change(before, es) if before else []) + errors_in(es)
    if errors:
        message = refusal(errors, es)
        raise Denied(message, code=403, reason=message)
