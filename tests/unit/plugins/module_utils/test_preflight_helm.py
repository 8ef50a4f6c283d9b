"""Preflight asks Helm itself which cluster it reaches: here a program of that name, which notes what it was given."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.target import Target
from ansible_collections.seldon.openshift.plugins.module_utils.preflight.helm import (
    HelmCluster,
    helm_cluster,
    helm_version,
)

ADDRESS = "https://api:6443"
TARGET = Target("c", {"server": ADDRESS}, {"token": "t0ken"})


def helm(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a program `helm` first on PATH."""
    (folder / "helm").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "helm").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.delenv("HELM_KUBEAPISERVER", raising=False)


def test_helm_is_given_the_kubeconfig_of_the_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noted = (
        f'cp -p "$KUBECONFIG" {tmp_path}/given; cat "$3"/templates/*; echo "$@" >> {tmp_path}/asked; echo "uid: one"'
    )
    helm(tmp_path, monkeypatch, noted)
    assert helm_cluster("v3.14.4", TARGET) == HelmCluster(ADDRESS, uid="one")
    assert json.loads((tmp_path / "given").read_text()) == TARGET.kubeconfig()
    assert (tmp_path / "given").stat().st_mode & 0o077 == 0
    assert "--dry-run=server" in (tmp_path / "asked").read_text()


@pytest.mark.parametrize(
    ("script", "found"),
    [
        (
            "printf 'WARNING: x\nError: template: a:1: error calling lookup: Get: refused\nUse --debug' >&2; exit 1",
            HelmCluster(ADDRESS, error="Get: refused"),
        ),
        ("echo 'Error: x509: who is that' >&2; exit 1", HelmCluster(ADDRESS, error="x509: who is that")),
        ("echo 'Segmentation fault' >&2; exit 139", HelmCluster(ADDRESS, error="Segmentation fault")),
        ("echo 'namespaces is forbidden' >&2; exit 1", HelmCluster(ADDRESS)),
    ],
)
def test_a_helm_that_fails_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, found: HelmCluster
) -> None:
    helm(tmp_path, monkeypatch, script)
    assert helm_cluster("v3.14.4", TARGET) == found


def test_a_helm_that_cannot_look_things_up_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helm(tmp_path, monkeypatch, "exit 1")
    assert helm_cluster("v3.12.3", TARGET) == HelmCluster(ADDRESS)
    assert helm_version() == ""


def test_the_address_is_the_one_that_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helm(tmp_path, monkeypatch, "echo 'uid: two'")
    monkeypatch.setenv("HELM_KUBEAPISERVER", "https://other:6443")
    assert helm_cluster("v3.14.4", TARGET) == HelmCluster("https://other:6443", uid="two")
