"""What the operator makes when it starts, and which SeldonDeployments it refuses."""

from __future__ import annotations

from sandbox.kube import Object
from sandbox.operators.seldon_v1.common import MODEL, SERVERS, operator, units
from sandbox.simulator import Cluster
from sandbox.simulator.admission import Denied
from sandbox.simulator.objects import make

DEFINITION = ("apiextensions.k8s.io/v1", "CustomResourceDefinition", "seldondeployments.machinelearning.seldon.io")
CONFIGURATION = (
    "admissionregistration.k8s.io/v1",
    "ValidatingWebhookConfiguration",
    "seldon-validating-webhook-configuration",
)
SERVICE = "seldon-webhook-service"
PATH = "/validate-machinelearning-seldon-io-v1-seldondeployment"
WITHOUT_CONTAINER = ("UNKNOWN_IMPLEMENTATION", None)


@operator.starts
def serve(cluster: Cluster) -> None:
    """Bring the definition if it is missing, the webhook and what belongs to it."""
    cluster.install_definitions("seldon_v1")
    labels = {"control-plane": "seldon-controller-manager"}
    owned = {"owned_by": cluster.deployment}
    spec = {"ports": [{"port": 443, "protocol": "TCP", "targetPort": "webhook-server"}], "selector": labels}
    cluster.apply(
        make("v1", "Service", SERVICE, cluster.namespace, spec=spec, **owned),
        make("v1", "ConfigMap", "seldon-config", cluster.namespace, labels=labels, **owned),
    )
    cluster.admission.serve("seldon_v1", [_configuration(cluster)], {PATH: validate})


@operator.stops
def withdraw(cluster: Cluster) -> None:
    """Leave the webhook behind, failing: it belongs to the definition. One that was deleted stays so."""
    there = cluster.kube.get(*CONFIGURATION)
    cluster.admission.withdraw("seldon_v1", [_configuration(cluster)] if there else [])


def _configuration(cluster: Cluster) -> Object:
    unmanaged = {"matchExpressions": [{"key": "seldon.io/controller-id", "operator": "DoesNotExist"}]}
    group, version = MODEL[0].split("/")
    rule = {"apiGroups": [group], "apiVersions": [version], "operations": ["CREATE", "UPDATE"]}
    webhook = {
        "name": "v1.vseldondeployment.kb.io",
        "admissionReviewVersions": ["v1", "v1beta1"],
        "clientConfig": {"service": {"name": SERVICE, "namespace": cluster.namespace, "path": PATH, "port": 443}},
        "failurePolicy": "Fail",
        "matchPolicy": "Equivalent",
        "namespaceSelector": unmanaged,
        "objectSelector": unmanaged,
        "rules": [rule | {"resources": ["seldondeployments"], "scope": "*"}],
        "sideEffects": "None",
        "timeoutSeconds": 10,
    }
    return make(
        *CONFIGURATION,
        owned_by=cluster.kube.get(*DEFINITION),
        webhooks=[webhook],
    )


def validate(request: Object) -> None:
    """Refuse what the operator could not run. Raises Denied."""
    spec = request["object"]["spec"]
    problem = _problem(spec)
    if problem is None:
        return
    field, value, detail = problem
    name, cause = spec.get("name", ""), f'Invalid value: "{value}": {detail}'
    kind = MODEL[1]
    denied = Denied(f'{kind}.machinelearning.seldon.io "{name}" is invalid: {field}: {cause}', 422, "Invalid")
    causes = [{"reason": "FieldValueInvalid", "field": field, "message": cause}]
    denied.status["details"] = {"name": name, "group": "machinelearning.seldon.io", "kind": kind, "causes": causes}
    raise denied


def _problem(spec: Object) -> tuple[str, str, str] | None:
    """Return field, value and detail of the first thing that is wrong."""
    predictors = spec.get("predictors") or []
    if not predictors:
        return "spec", "", "Graph contains no predictors"
    for index, predictor in enumerate(predictors):
        field = f"spec.predictors[{index}].graph"
        components = predictor.get("componentSpecs") or []
        containers = {entry["name"] for component in components for entry in component["spec"]["containers"]}
        for unit in units(predictor["graph"]):
            implementation = unit.get("implementation")
            if implementation in WITHOUT_CONTAINER and unit["name"] not in containers:
                return field, unit["name"], "Can't find container for Predictive Unit"
            if implementation not in WITHOUT_CONTAINER and implementation not in SERVERS:
                return field, unit["name"], f"No entry in predictors map for {implementation}"
    if len(predictors) > 1 and sum(predictor.get("traffic", 0) for predictor in predictors) != 100:
        return "spec", predictors[0]["name"], "Traffic must sum to 100 for multiple predictors"
    return None
