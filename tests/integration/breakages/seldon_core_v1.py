"""How Seldon Core v1 breaks."""

from __future__ import annotations

from sandbox.kube import Kube, Object
from sandbox.simulator.objects import make
from tests.integration.breakages import Breakage, patched, removed, unready_pods

OPERATOR = "seldon-operator-core"
MODEL = ("machinelearning.seldon.io/v1", "SeldonDeployment", "nowhere", "seldon")


def _deploy_nowhere(kube: Kube) -> Object:
    """Make a model whose pods no node takes."""
    containers = [{"name": "classifier", "image": "seldonio/mock_classifier:1.15.0"}]
    components = [{"spec": {"containers": containers, "nodeSelector": {"there-is": "none"}}}]
    predictor = {"name": "default", "componentSpecs": components, "graph": {"name": "classifier", "type": "MODEL"}}
    model = make(*MODEL, spec={"predictors": [predictor]})
    kube.create(model)
    return model


BREAKAGES = [
    unready_pods("seldon_core_v1.operators", OPERATOR, "name=seldon-controller-manager"),
    patched(
        "seldon_core_v1.environment",
        "operators.coreos.com/v1alpha1",
        "Subscription",
        "seldon-operator",
        OPERATOR,
        {"spec": {"config": {"env": [{"name": "ISTIO_ENABLED", "value": "false"}]}}},
    ),
    removed(
        "seldon_core_v1.webhook",
        "admissionregistration.k8s.io/v1",
        "ValidatingWebhookConfiguration",
        "seldon-validating-webhook-configuration",
    ),
    Breakage("seldon_core_v1.models", "a model that no node takes", _deploy_nowhere, lambda kube, it: kube.delete(it)),
]
