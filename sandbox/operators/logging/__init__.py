"""The Cluster Logging operator 5.5: the collector and the forwarder of logs."""

from sandbox.operators.logging import collector, forwarder
from sandbox.operators.logging.common import operator

__all__ = ["collector", "forwarder", "operator"]
