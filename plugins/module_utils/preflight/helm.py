# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Helm on this machine: its version, and the cluster that it reaches by the kubeconfig that seldon_helm gives it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ..kube.proxies import past
from ..kube.target import Target
from ..kube.versions import numbers

# Its templates can look things up without installing anything.
LOOKS_UP = "3.13"
SECONDS = 60
# It wins over every kubeconfig.
ADDRESS = "HELM_KUBEAPISERVER"
_CHART = {
    "Chart.yaml": "apiVersion: v2\nname: identity\nversion: 0.0.0\n",
    "templates/uid.yaml": 'uid: {{ (lookup "v1" "Namespace" "" "kube-system").metadata.uid }}\n',
}


@dataclass(frozen=True)
class HelmCluster:
    """The cluster that Helm reaches: its address and the uid of its kube-system, or why it reaches none.

    Without both texts, nothing is known: Helm is too old to tell, or we may not read that namespace.
    """

    address: str = ""
    uid: str = ""
    error: str = ""


def helm_version() -> str:
    """Return the version of the program `helm` on PATH, such as v3.14.4; empty when there is none that runs."""
    done = _run(["version", "--template", "{{.Version}}"], os.environ)
    return done.stdout.strip() if done and done.returncode == 0 else ""


def helm_cluster(version: str, target: Target) -> HelmCluster:
    """Return the cluster that a Helm of this version reaches when it is given the kubeconfig of a target."""
    address = os.environ.get(ADDRESS) or target.server
    if not version or numbers(version) < numbers(LOOKS_UP):
        return HelmCluster(address)
    with TemporaryDirectory(prefix="seldon-") as folder:
        here = Path(folder)
        (here / "templates").mkdir()
        (here / "kubeconfig").touch(0o600)
        for name, text in {**_CHART, "kubeconfig": json.dumps(target.flat().kubeconfig())}.items():
            (here / name).write_text(text, encoding="utf-8")
        environ = {**os.environ, **past(target.server, target.proxy, os.environ), "KUBECONFIG": f"{folder}/kubeconfig"}
        done = _run(["template", "identity", folder, "--dry-run=server"], environ)
    if done is None:
        return HelmCluster(address, error=f"it did not end within {SECONDS} seconds")
    if done.returncode != 0:
        return HelmCluster(address, error="" if "forbidden" in done.stderr else cause(done.stderr))
    return HelmCluster(address, uid=done.stdout.rpartition("uid: ")[2].strip())


def cause(stderr: str) -> str:
    """Return what went wrong, of all that Helm says of it: without warnings, advice, and the place in our chart."""
    errors = [line for line in stderr.splitlines() if line.startswith("Error: ")] or [stderr]
    return (
        " ".join(errors[-1].partition("Error: ")[2].rpartition("error calling lookup: ")[2].split()) or stderr.strip()
    )


def _run(arguments: list[str], environ: Mapping[str, str]) -> subprocess.CompletedProcess[str] | None:
    """Return how Helm ended, None when it did not, or cannot be started."""
    # Inside Ansible's own process there is no AnsibleModule to run a command.
    # pylint: disable=ansible-bad-function
    try:
        return subprocess.run(  # noqa: S603 (constant)
            ["helm", *arguments],  # noqa: S607 (as kubernetes.core finds it)
            env=dict(environ),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
