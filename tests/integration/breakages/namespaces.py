"""How the namespaces break."""

from __future__ import annotations

from tests.integration.breakages import Breakage, patched

GONE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "seldon-argocd"}}

BREAKAGES = [
    Breakage(
        "namespaces.present", "a namespace deleted", lambda kube: kube.delete(GONE), None, subject="seldon-argocd"
    ),
    patched(
        "namespaces.reserved",
        "v1",
        "Namespace",
        "seldon-logs",
        None,
        {"metadata": {"labels": {"seldon.restricted": "false"}}},
        status="warn",
        subject="seldon-logs",
    ),
]
