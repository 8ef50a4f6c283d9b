"""What the modules of this operator share."""

from __future__ import annotations

from sandbox.simulator import Operator

operator = Operator("templates", manager="openshift-controller-manager", platform=True)
DEPLOYMENT_CONFIG = ("apps.openshift.io/v1", "DeploymentConfig")
