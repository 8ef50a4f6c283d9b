"""What the parts of the Seldon Core operator share."""

from __future__ import annotations

from sandbox.kube import Object
from sandbox.simulator import Operator

MODEL = ("machinelearning.seldon.io/v1", "SeldonDeployment")
DEPLOYMENT = ("apps/v1", "Deployment")
VIRTUAL_SERVICE = ("networking.istio.io/v1alpha3", "VirtualService")
DESTINATION_RULE = ("networking.istio.io/v1alpha3", "DestinationRule")
# The servers that need no image: what the operator runs for `implementation`.
SERVERS = {
    "HUGGINGFACE_SERVER": "seldonio/mlserver:1.2.0-huggingface",
    "MLFLOW_SERVER": "seldonio/mlflowserver:1.15.0",
    "SKLEARN_SERVER": "seldonio/sklearnserver:1.15.0",
    "TEMPO_SERVER": "seldonio/mlserver:1.2.0-slim",
    "TENSORFLOW_SERVER": "tensorflow/serving:2.1.0",
    "TRITON_SERVER": "nvcr.io/nvidia/tritonserver:21.08-py3",
    "XGBOOST_SERVER": "seldonio/xgboostserver:1.15.0",
}

operator = Operator("seldon_v1", manager="manager")


def environment(workload: Object) -> dict[str, str]:
    """Return the environment of the first container of a pod or of a workload's pods."""
    pod = workload["spec"].get("template", workload)["spec"]
    return {entry["name"]: entry.get("value", "") for entry in pod["containers"][0].get("env", [])}


def istio_enabled(variables: dict[str, str]) -> bool:
    """Tell whether an operator with these variables makes VirtualServices."""
    return variables.get("ISTIO_ENABLED") == "true"


def units(graph: Object) -> list[Object]:
    """Return the units of a predictor's graph, the root first."""
    return [graph, *(unit for child in graph.get("children") or [] for unit in units(child))]
