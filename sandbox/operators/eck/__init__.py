"""Elastic Cloud on Kubernetes 2.5.0 as the certified operator runs it: Elasticsearch and its admission."""

from sandbox.operators.eck import elasticsearch, webhooks
from sandbox.operators.eck.common import operator

__all__ = ["elasticsearch", "operator", "webhooks"]
