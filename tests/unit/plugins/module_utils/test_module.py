from __future__ import annotations

from ansible_collections.seldon.openshift.plugins.module_utils.apply.waves import waves
from ansible_collections.seldon.openshift.plugins.module_utils.kube.redaction import kubeconfig_secrets


def test_secrets_of_a_kubeconfig_are_known_and_names_are_not() -> None:
    kubeconfig = {
        "current-context": "demo",
        "clusters": [{"name": "demo", "cluster": {"server": "https://api", "certificate-authority-data": "Q0E="}}],
        "users": [
            {"name": "admin", "user": {"token": "t0ken", "client-key-data": "a2V5", "password": "pw"}},
            {"name": "oidc", "user": {"auth-provider": {"config": {"client-secret": "s1", "id-token": "s2"}}}},
            {"name": "exec", "user": {"exec": {"command": "login", "env": [{"name": "KEY", "value": "s3cret"}]}}},
        ],
    }
    assert kubeconfig_secrets(kubeconfig) == {"t0ken", "a2V5", "pw", "s1", "s2", "s3cret"}
    assert kubeconfig_secrets("/root/.kube/config") == set()


def test_waves_put_first_what_others_need() -> None:
    kinds = ["Deployment", "RoleBinding", "CustomResourceDefinition", "Secret", "ServiceAccount", "Namespace", "Role"]
    order = [{obj["kind"] for obj in wave} for wave in waves([{"kind": kind} for kind in kinds])]
    assert order == [
        {"Namespace"},
        {"CustomResourceDefinition"},
        {"ServiceAccount", "Role"},
        {"Deployment", "RoleBinding", "Secret"},
    ]
