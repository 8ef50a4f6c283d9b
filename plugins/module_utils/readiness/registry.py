# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Which rule judges which kind, and what it needs beside the object."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..kube.kinds import CONTROL_PLANE, DAEMON_SET, DEPLOYMENT_CONFIG, STATEFUL_SET
from ..kube.objects import Kind, Object, section
from . import (
    elasticsearch,
    generic,
    gitops,
    kafka,
    logging,
    platform,
    refusals,
    seldon,
    serverless,
    service_mesh,
    workloads,
)
from .state import Progressing, Ready, State


@dataclass(frozen=True)
class Rule:
    """How one kind is judged.

    judge: the pure function; `options` are the keyword arguments it takes from the caller.
    related: the kind of the objects of the same namespace that `judge` takes as `related`.
    stabilization: seconds that Ready must hold, for kinds whose status flips.
    """

    judge: Callable[..., State]
    options: tuple[str, ...] = ()
    related: Kind | None = None
    stabilization: float = 0


GENERIC = Rule(generic.by_condition)

RULES: Mapping[tuple[str, str], Rule] = {
    ("", "Namespace"): Rule(generic.namespace),
    ("", "PersistentVolumeClaim"): Rule(platform.claim),
    ("", "Secret"): Rule(generic.present),
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"): Rule(platform.webhooks),
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"): Rule(platform.webhooks),
    ("apiextensions.k8s.io", "CustomResourceDefinition"): Rule(generic.crd),
    ("apps", "DaemonSet"): Rule(workloads.daemon_set),
    ("apps", "Deployment"): Rule(workloads.deployment),
    ("apps", "StatefulSet"): Rule(workloads.stateful_set),
    ("apps.openshift.io", "DeploymentConfig"): Rule(workloads.deployment_config),
    ("argoproj.io", "Application"): Rule(gitops.application, options=("compared",)),
    ("argoproj.io", "ArgoCD"): Rule(gitops.argocd, stabilization=3),
    ("elasticsearch.k8s.elastic.co", "Elasticsearch"): Rule(elasticsearch.elasticsearch, stabilization=2),
    ("eventing.knative.dev", "Broker"): Rule(serverless.broker),
    ("kafka.strimzi.io", "Kafka"): Rule(kafka.kafka),
    ("logging.openshift.io", "ClusterLogForwarder"): Rule(
        logging.log_forwarder, options=("outputs", "pipelines"), related=DAEMON_SET
    ),
    ("logging.openshift.io", "ClusterLogging"): Rule(logging.cluster_logging, related=DAEMON_SET),
    ("machinelearning.seldon.io", "SeldonDeployment"): Rule(seldon.seldon_deployment, stabilization=2),
    ("maistra.io", "ServiceMeshControlPlane"): Rule(service_mesh.control_plane),
    ("maistra.io", "ServiceMeshMemberRoll"): Rule(
        service_mesh.member_roll, options=("members",), related=CONTROL_PLANE
    ),
    ("mlops.seldon.io", "Server"): Rule(seldon.server, related=STATEFUL_SET),
    ("monitoring.coreos.com", "Prometheus"): Rule(platform.prometheus),
    ("operator.knative.dev", "KnativeEventing"): Rule(serverless.knative),
    ("operator.knative.dev", "KnativeServing"): Rule(serverless.knative),
    ("rbac.authorization.k8s.io", "RoleBinding"): Rule(generic.present),
    ("route.openshift.io", "Route"): Rule(platform.route),
    ("template.openshift.io", "TemplateInstance"): Rule(platform.template_instance, related=DEPLOYMENT_CONFIG),
}


def rule_for(kind: Kind) -> Rule:
    """Return the rule of a kind, whatever its version; kinds without one follow their Ready or Available condition."""
    return RULES.get((kind.group, kind.name), GENERIC)


def assess(obj: Object, options: Mapping[str, Any] | None = None, related: Sequence[Object] = ()) -> State:
    """Judge one object (which must carry apiVersion and kind).

    options: values for the rule's `options`; others are a mistake of the caller and raise TypeError.
    related: the objects named by the rule's `related`.
    """
    rule = rule_for(Kind.of(obj))
    arguments: dict[str, Any] = dict(options or {})
    if rule.related:
        arguments["related"] = related
    state = rule.judge(obj, **arguments)
    if isinstance(state, Ready) and section(obj, "metadata").get("deletionTimestamp"):
        return Progressing("is being deleted")
    if isinstance(state, Progressing):
        # What an operator was refused; it keeps the words for a while after the cause is gone.
        namespace = section(obj, "metadata").get("namespace")
        return refusals.without_end(state.reason, namespace, refusals.GRACE_SECONDS) or state
    return state
