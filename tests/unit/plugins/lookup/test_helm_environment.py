"""Helm goes through the cluster's proxy to the cluster, and to the charts as before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.seldon.openshift.plugins.lookup.helm_environment import helm_environment

CHECKOUT = Path(__file__).parents[4]
PROXY = "http://proxy.example.com:3128"
CHARTS = ("https://charts.example.com:8443/helm", "oci://quay.example.com/charts/x", "seldon-deploy", "/srv/charts/x")
HOSTS = "charts.example.com,quay.example.com"


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, {}),
        ({"K8S_AUTH_PROXY": ""}, {}),
        ({"NO_PROXY": "a"}, {}),
        ({"K8S_AUTH_PROXY": PROXY, "HTTPS_PROXY": "http://other:1"}, {}),
        ({"K8S_AUTH_PROXY": PROXY, "https_proxy": "http://other:1"}, {}),
        ({"K8S_AUTH_PROXY": PROXY}, {"HTTPS_PROXY": PROXY, "NO_PROXY": HOSTS}),
        (
            {"K8S_AUTH_PROXY": PROXY, "no_proxy": ".svc,10.0.0.0/8", "K8S_AUTH_NO_PROXY": "lab"},
            {"HTTPS_PROXY": PROXY, "NO_PROXY": f".svc,10.0.0.0/8,lab,{HOSTS}"},
        ),
        ({"K8S_AUTH_PROXY": PROXY, "NO_PROXY": "*", "no_proxy": "b"}, {"HTTPS_PROXY": PROXY, "NO_PROXY": f"*,{HOSTS}"}),
    ],
)
def test_what_helm_is_given(given: dict[str, str], wanted: dict[str, str]) -> None:
    assert helm_environment(given, CHARTS, Path("/here")) == wanted


def test_every_task_of_helm_gets_it() -> None:
    found = [
        (str(file), task.get("environment") == f"{{{{ {file.parts[-3]}_helm_environment }}}}")
        for file in CHECKOUT.glob("roles/*/tasks/*.yml")
        for task in tasks(yaml.safe_load(file.read_text()))
        if "kubernetes.core.helm" in task
    ]
    assert len(found) > 5
    assert [file for file, given in found if not given] == []


def tasks(given: Any) -> list[dict[str, Any]]:
    """Return tasks, and those in their blocks."""
    parts = ("block", "rescue", "always")
    return [each for task in given or [] for each in [task, *(t for part in parts for t in tasks(task.get(part)))]]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"KUBECONFIG": "/a:/b", "K8S_AUTH_SSL_CA_CERT": "~/ca.crt", "K8S_AUTH_CERT_FILE": ""}, {}),
        ({"KUBECONFIG": "a:/b"}, {"KUBECONFIG": "/here/a:/b"}),
        (
            {"K8S_AUTH_SSL_CA_CERT": "ca.crt", "K8S_AUTH_KEY_FILE": "../key"},
            {"K8S_AUTH_SSL_CA_CERT": "/here/ca.crt", "K8S_AUTH_KEY_FILE": "/here/../key"},
        ),
    ],
)
def test_a_path_means_the_same_file_to_helm(given: dict[str, str], wanted: dict[str, str]) -> None:
    assert helm_environment(given, CHARTS, Path("/here")) == wanted
