"""How the namespaces break."""

from __future__ import annotations

import base64

from tests.integration.breakages import Breakage, patched

# What the check compares is never shown, so a test that looks again has to know it: a login of the sandbox's own.
SECRETS = {"pull_secret": {"auths": {"quay.io": {"auth": "c2FuZGJveDpzYW5kYm94"}}}}
NO_LOGINS = base64.b64encode(b'{"auths": {}}').decode()
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
    patched(
        "namespaces.pull_secret",
        "v1",
        "Secret",
        "pull-secret",
        "openshift-config",
        {"data": {".dockerconfigjson": NO_LOGINS}},
        subject="quay.io",
    ),
]
