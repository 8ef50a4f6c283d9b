"""How Argo CD and its credentials break."""

from __future__ import annotations

import base64

from tests.integration.breakages import patched, removed, unready_pods

ARGO = "argoproj.io/v1alpha1"
ARGOCD, SYSTEM = "seldon-argocd", "seldon-system"


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


BREAKAGES = [
    unready_pods("gitops.operators", "seldon-operator-gitops", "name=gitops-operator-controller-manager"),
    patched(
        "gitops.applied",
        "argoproj.io/v1alpha1",
        "ArgoCD",
        "seldon-argocd",
        ARGOCD,
        {"spec": {"rbac": {"policy": "g, all, role:admin"}}},
        status="warn",
    ),
    unready_pods("gitops.argocd", ARGOCD, "app.kubernetes.io/name=seldon-argocd-server", subject="ArgoCD"),
    unready_pods(
        "gitops.components", ARGOCD, "app.kubernetes.io/name=seldon-argocd-repo-server", subject="repo-server"
    ),
    removed("gitops.project", ARGO, "AppProject", "seldon", ARGOCD),
    patched("gitops.project", ARGO, "AppProject", "seldon", ARGOCD, {"spec": {"destinations": []}}),
    patched("gitops.credentials", "v1", "Secret", "git-creds", SYSTEM, {"data": {"email": ""}}),
    patched(
        "gitops.repository",
        "v1",
        "Secret",
        "seldon-gitops-repository",
        ARGOCD,
        {"data": {"url": _encoded("https://git.example.com/other")}},
    ),
    patched(
        "gitops.repository",
        "v1",
        "Secret",
        "seldon-gitops-repository",
        ARGOCD,
        {"metadata": {"labels": {"argocd.argoproj.io/secret-type": None}}},
    ),
]
