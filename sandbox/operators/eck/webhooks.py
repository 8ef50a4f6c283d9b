"""Admission of Elasticsearch; its failurePolicy is Ignore, so that everything passes while the operator is down."""

from __future__ import annotations

from sandbox.kube import Object
from sandbox.operators.eck.common import operator
from sandbox.operators.eck.validation import errors_in, errors_in_change, refusal
from sandbox.simulator import Cluster
from sandbox.simulator.admission import Denied

NAME = "eck"
PATH = "/validate-elasticsearch-k8s-elastic-co-v1-elasticsearch"


@operator.starts
def start(cluster: Cluster) -> None:
    """Answer admission, which OLM registers from the CSV."""
    cluster.admission.answer(NAME, "elastic-operator", cluster.namespace, {PATH: validate})


@operator.stops
def stop(cluster: Cluster) -> None:
    """Answer no longer; OLM takes the registration away with the CSV."""
    cluster.admission.leave(NAME)


def validate(request: Object) -> None:
    """Refuse what the operator could not run, and changes that it could not make. Raises Denied."""
    es, before = request["object"], request.get("oldObject")
    errors = (errors_in_change(before, es) if before else []) + errors_in(es)
    if errors:
        message = refusal(errors, es)
        raise Denied(message, code=403, reason=message)
