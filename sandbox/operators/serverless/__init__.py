"""The OpenShift Serverless operator 1.26.0: KnativeServing and KnativeEventing, and their admission."""

from sandbox.operators.serverless import install, webhooks
from sandbox.operators.serverless.common import operator

__all__ = ["install", "operator", "webhooks"]
