"""OpenShift GitOps 1.7 (argocd-operator 0.5): Argo CD instances, managed namespaces, and the state of Applications."""

from __future__ import annotations

from sandbox.kube import ApiError, Object
from sandbox.operators._templates import load
from sandbox.operators.gitops import applications, argocds, managed
from sandbox.operators.gitops.objects import FOLDER
from sandbox.simulator import Cluster, Operator

API = "argoproj.io/v1alpha1"

operator = Operator("gitops", manager="gitops-operator")


@operator.starts
def create_own_instance(cluster: Cluster) -> None:
    """Create the operator's own Argo CD, unless it is there."""
    for obj in load(FOLDER / "own_instance.yaml"):
        try:
            cluster.kube.create(obj)
        except ApiError as error:
            if error.status != 409:
                raise


def _neighbour(watched: Object, application: Object) -> bool:
    """Tell whether a change in the Application's namespace may be its project's or its controller's."""
    return bool(watched["metadata"]["namespace"] == application["metadata"]["namespace"])


WORKLOADS = [("apps/v1", "Deployment"), ("apps/v1", "StatefulSet"), ("route.openshift.io/v1", "Route")]
NEIGHBOURS = [("apps/v1", "StatefulSet", _neighbour), (API, "AppProject", _neighbour)]

operator.reconciles(API, "ArgoCD", watches=WORKLOADS)(argocds.reconcile)
operator.reconciles(API, "Application", watches=NEIGHBOURS)(applications.reconcile)
operator.reconciles("v1", "Namespace", where=managed.labelled, gone=managed.gone)(managed.reconcile)
