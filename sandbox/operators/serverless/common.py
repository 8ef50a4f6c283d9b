"""What the parts of the Serverless operator share."""

from __future__ import annotations

from sandbox.simulator import Operator

API_VERSION = "operator.knative.dev/v1beta1"
MONITORED = {"openshift.io/cluster-monitoring": "true"}
PART_OF = {"knative.openshift.io/part-of": "openshift-serverless"}

operator = Operator("serverless", manager="openshift-knative-operator")
