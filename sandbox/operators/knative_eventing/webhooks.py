"""The webhook of Knative Eventing: its process fills the rules into the configurations, some time after it runs.

Until then a Broker is accepted without defaults, and is stuck: the fields it lacks cannot be added any more.
"""

from __future__ import annotations

from typing import Any

from sandbox.kube import Object
from sandbox.operators.knative_eventing.common import BROKER_LABEL, CLASS, NAMESPACE, OUR_CLASS, operator, process, runs
from sandbox.simulator import Cluster
from sandbox.simulator.admission import Denied, Handler
from sandbox.simulator.objects import make

NAME = "knative_eventing"
REGISTRATION = "admissionregistration.k8s.io/v1"
DEFAULTING, VALIDATION = "webhook.eventing.knative.dev", "validation.webhook.eventing.knative.dev"
KINDS = (
    ("MutatingWebhookConfiguration", DEFAULTING, "/defaulting", ["CREATE", "UPDATE"]),
    ("ValidatingWebhookConfiguration", VALIDATION, "/resource-validation", ["CREATE", "UPDATE", "DELETE"]),
)
CONFIG = {"apiVersion": "v1", "kind": "ConfigMap", "name": "config-br-default-channel", "namespace": NAMESPACE}
DELIVERY = {"backoffDelay": "PT0.2S", "backoffPolicy": "exponential", "retry": 10}


def _ours(configuration: Object) -> bool:
    return bool(configuration["metadata"]["name"] == DEFAULTING)


def _gone(cluster: Cluster, _configuration: Object) -> None:
    cluster.admission.remove(NAME, configurations())


@operator.reconciles(
    REGISTRATION, KINDS[0][0], where=_ours, watches=[("apps/v1", "Deployment", process("eventing-webhook"))], gone=_gone
)
def attend(cluster: Cluster, configuration: Object) -> float | None:
    """Fill in the rules and answer while the process runs; afterwards the rules stay, and every call fails."""
    if runs(cluster, "eventing-webhook"):
        filled_in = configuration["webhooks"][0].get("rules")
        if not filled_in and (wait := cluster.pause(configuration, "knative_eventing.rules")):
            return wait
        handlers: dict[str, Handler] = {"/defaulting": default, "/resource-validation": validate}
        cluster.admission.serve(NAME, configurations(), handlers)
    elif cluster.admission.serves(NAME):
        cluster.admission.withdraw(NAME, configurations())
    return None


@operator.stops
def stop(cluster: Cluster) -> None:
    """Answer no longer; the configurations are gone first when KnativeEventing is deleted."""
    if not cluster.admission.serves(NAME):
        return
    if cluster.kube.get(REGISTRATION, KINDS[0][0], DEFAULTING):
        cluster.admission.withdraw(NAME, configurations())
    else:
        cluster.admission.remove(NAME, configurations())


def configurations() -> list[Object]:
    """Return the configurations with the rules that concern Brokers and Triggers."""
    return [make(REGISTRATION, kind, name, webhooks=[_webhook(name, path, verbs)]) for kind, name, path, verbs in KINDS]


def _webhook(name: str, path: str, operations: list[str]) -> Object:
    rule = {
        "apiGroups": ["eventing.knative.dev"],
        "apiVersions": ["v1"],
        "operations": operations,
        "resources": ["brokers", "triggers"],
    }
    return {
        "name": name,
        "admissionReviewVersions": ["v1", "v1beta1"],
        "clientConfig": {"service": {"name": "eventing-webhook", "namespace": NAMESPACE, "path": path}},
        "failurePolicy": "Fail",
        "rules": [rule],
        "sideEffects": "None",
        "timeoutSeconds": 10,
    }


def default(request: Object) -> Object:
    """Complete a Broker or a Trigger, and note who wrote it."""
    obj, before = request["object"], request.get("oldObject")
    spec = {**(obj.get("spec") or {})}
    annotations, labels = {**obj["metadata"].get("annotations", {})}, {**obj["metadata"].get("labels", {})}
    if obj["kind"] == "Broker":
        spec = {"config": CONFIG, "delivery": DELIVERY, **spec}
        annotations.setdefault(CLASS, OUR_CLASS)
    else:
        spec = {"broker": "default", "filter": {}, **spec}
        labels[BROKER_LABEL] = spec["broker"]
        if ref := spec.get("subscriber", {}).get("ref"):
            spec["subscriber"] = {**spec["subscriber"], "ref": {"namespace": request["namespace"], **ref}}
    user = request["userInfo"]["username"]
    if not before:
        annotations |= {"eventing.knative.dev/creator": user, "eventing.knative.dev/lastModifier": user}
    elif before.get("spec") != spec:
        annotations["eventing.knative.dev/lastModifier"] = user
    meta = {**obj["metadata"], "annotations": annotations} | ({"labels": labels} if labels else {})
    return {**obj, "metadata": meta, "spec": spec}


def validate(request: Object) -> None:
    """Refuse a Broker whose configuration is incomplete or changes. Raises Denied."""
    obj, before = request.get("object"), request.get("oldObject")
    if not obj or obj["kind"] != "Broker" or obj["metadata"].get("deletionTimestamp"):
        return
    config = obj["spec"]["config"]
    missing = [f"spec.config.{field}" for field in ("apiVersion", "kind", "name") if not config.get(field)]
    if missing:
        raise Denied(f"validation failed: missing field(s): {', '.join(missing)}")
    if before:
        _refuse_change(before, obj)


def _refuse_change(before: Object, after: Object) -> None:
    old, new = (before.get("spec") or {}).get("config"), after["spec"]["config"]
    if old is None:
        raise Denied(_changed("fields", "spec", "{v1.BrokerSpec}.Config", "<nil>", _go(new)))
    for field in ("kind", "namespace", "name", "apiVersion"):
        if old.get(field) != new.get(field):
            path = f"{{v1.BrokerSpec}}.Config.{'APIVersion' if field == 'apiVersion' else field.capitalize()}"
            raise Denied(_changed("fields", "spec", path, old.get(field, ""), new.get(field, "")))
    classes = [one["metadata"].get("annotations", {}).get(CLASS, "") for one in (before, after)]
    if classes[0] != classes[1]:
        raise Denied(_changed("annotations", "annotations", "{string}", *classes))


def _changed(what: str, where: str, path: str, old: Any, new: Any) -> str:
    """Return how Knative prints a difference."""
    return f'validation failed: Immutable {what} changed (-old +new): {where}\n{path}:\n\t-: "{old}"\n\t+: "{new}"\n'


def _go(config: Object) -> str:
    """Return a reference as Go prints the struct."""
    fields = [(name, config.get(key, "")) for name, key in _GO_FIELDS]
    return f"&{{{' '.join(f'{name}:{value}' for name, value in fields)}}}"


_GO_FIELDS = (
    ("Kind", "kind"),
    ("Namespace", "namespace"),
    ("Name", "name"),
    ("APIVersion", "apiVersion"),
    ("Group", "group"),
)
