"""Knative Eventing 1.5: the processes that KnativeEventing brings. They go on when the Serverless operator is gone."""

from sandbox.operators.knative_eventing import broker, trigger, webhooks
from sandbox.operators.knative_eventing.common import operator

__all__ = ["broker", "operator", "trigger", "webhooks"]
