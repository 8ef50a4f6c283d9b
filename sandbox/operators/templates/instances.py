"""Template instances: the objects of a template, created once for the parameters in a secret."""

from __future__ import annotations

import base64

from sandbox.kube import ApiError, Object
from sandbox.operators.templates.common import DEPLOYMENT_CONFIG, operator
from sandbox.operators.templates.deployment_configs import ready
from sandbox.operators.templates.processing import TemplateError, process
from sandbox.simulator import Cluster
from sandbox.simulator.objects import condition, conditions

TEMPLATE_INSTANCE = ("template.openshift.io/v1", "TemplateInstance")
FINALIZER = "template.openshift.io/finalizer"
OWNER = "template.openshift.io/template-instance-owner"
WAIT_FOR_READY = "template.alpha.openshift.io/wait-for-ready"


def _made_by(watched: Object, instance: Object) -> bool:
    return bool(watched["metadata"].get("labels", {}).get(OWNER) == instance["metadata"]["uid"])


@operator.reconciles(*TEMPLATE_INSTANCE, watches=[(*DEPLOYMENT_CONFIG, _made_by)])
def reconcile(cluster: Cluster, instance: Object) -> float | None:
    """Create the objects once, then wait for those that ask for it. Ready and InstantiateFailure are final."""
    if instance["metadata"].get("deletionTimestamp"):
        for entry in instance.get("status", {}).get("objects", []):
            reference = entry["ref"]
            names = {"name": reference["name"], "namespace": reference["namespace"]}
            cluster.kube.delete({"apiVersion": reference["apiVersion"], "kind": reference["kind"], "metadata": names})
        cluster.set_finalizer(instance, FINALIZER, present=False)
        return None
    if any(condition(instance, type_).get("status") == "True" for type_ in ("Ready", "InstantiateFailure")):
        return None
    instance = cluster.set_finalizer(instance, FINALIZER, present=True)
    if wait := cluster.pause(instance, "templates.instantiate"):
        return wait
    objects = instance.get("status", {}).get("objects", [])
    try:
        if not objects:
            _instantiate(cluster, instance, objects)
    except (ApiError, TemplateError) as error:
        message = error.message if isinstance(error, ApiError) else str(error)
        failed = conditions(instance, ("InstantiateFailure", "True", "Failed", message))
        # What was created until then is noted, and goes with the instance.
        cluster.set_status(instance, {"conditions": failed, **({"objects": objects} if objects else {})})
        return None
    cluster.set_status(instance, {"conditions": _readiness(cluster, instance, objects), "objects": objects})
    return None


def _instantiate(cluster: Cluster, instance: Object, references: list[Object]) -> None:
    """Create the objects, and add references to them. Raises ApiError, TemplateError."""
    meta, spec = instance["metadata"], instance["spec"]
    given: dict[str, str] = {}
    if "secret" in spec:
        secret = cluster.kube.get("v1", "Secret", spec["secret"]["name"], meta["namespace"])
        if secret is None:
            raise TemplateError(f'secrets "{spec["secret"]["name"]}" not found')
        given = {key: base64.b64decode(value).decode() for key, value in secret.get("data", {}).items()}
    for obj in process(spec["template"], given):
        wanted = obj["metadata"]
        wanted.setdefault("namespace", meta["namespace"])
        wanted["labels"] = wanted.get("labels", {}) | {OWNER: meta["uid"]}
        made = _create(cluster, obj)
        names = {key: made["metadata"][key] for key in ("name", "namespace", "uid")}
        references.append({"ref": {"apiVersion": obj["apiVersion"], "kind": obj["kind"], **names}})


def _create(cluster: Cluster, obj: Object) -> Object:
    try:
        return cluster.kube.create(obj)
    except ApiError as error:
        names = obj["metadata"]
        found = cluster.kube.get(obj["apiVersion"], obj["kind"], names["name"], names["namespace"])
        # Made by an attempt before this one; anybody else's object is in the way.
        if found and found["metadata"].get("labels", {}).get(OWNER) == names["labels"][OWNER]:
            return found
        raise ApiError(error.status, error.message) from None


def _readiness(cluster: Cluster, instance: Object, objects: list[Object]) -> list[Object]:
    references = [entry["ref"] for entry in objects]
    for reference in (found for found in references if (found["apiVersion"], found["kind"]) == DEPLOYMENT_CONFIG):
        config = cluster.kube.get(*DEPLOYMENT_CONFIG, reference["name"], reference["namespace"])
        if config is None or config["metadata"]["uid"] != reference["uid"]:
            message = f'deploymentconfigs.apps.openshift.io "{reference["name"]}" not found'
            return _failed(instance, message)
        if config["metadata"].get("annotations", {}).get(WAIT_FOR_READY) != "true":
            continue
        if not ready(config):
            return conditions(
                instance, ("Ready", "False", "Waiting", "Waiting for instantiated objects to report ready")
            )
    return conditions(instance, ("Ready", "True", "Created", ""))


def _failed(instance: Object, message: str) -> list[Object]:
    return conditions(
        instance,
        ("Ready", "False", "Failed", "See InstantiateFailure condition for error message"),
        ("InstantiateFailure", "True", "Failed", message),
    )
