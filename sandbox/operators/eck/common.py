"""What the parts of the ECK operator share."""

from __future__ import annotations

from sandbox.kube import Object
from sandbox.simulator import Operator
from sandbox.simulator.objects import Labels

API_VERSION, KIND = "elasticsearch.k8s.elastic.co/v1", "Elasticsearch"
CLUSTER_NAME = "elasticsearch.k8s.elastic.co/cluster-name"
STATEFUL_SET = ("apps/v1", "StatefulSet")
STATEFUL_SET_NAME = "elasticsearch.k8s.elastic.co/statefulset-name"
OWNER = "eck.k8s.elastic.co/owner"
PORT = 9200

operator = Operator("eck", manager="elastic-operator")


def labels(es: Object) -> Labels:
    """Return the labels by which everything of an Elasticsearch is found, and by which Services select its pods."""
    return {"common.k8s.elastic.co/type": "elasticsearch", CLUSTER_NAME: es["metadata"]["name"]}


def resource(es: Object, suffix: str) -> str:
    """Return the name of a resource of the Elasticsearch."""
    return f"{es['metadata']['name']}-es-{suffix}"
