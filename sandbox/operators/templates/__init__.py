"""OpenShift's template instances and deployment configurations.

Conditions, messages and labels are those of openshift-controller-manager 4.11 (template instance, image trigger and
deployment controllers). The deployer's own pod is left out: nothing but its result is ever looked at.
"""

from sandbox.operators.templates import deployment_configs, instances
from sandbox.operators.templates.common import operator

__all__ = ["deployment_configs", "instances", "operator"]
