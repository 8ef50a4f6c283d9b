"""A pod without a pod: the collection with an account's folder where kubelet would mount it."""

from __future__ import annotations

import shutil
from pathlib import Path

from sandbox.paths import CHECKOUT

# Where kubelet puts the token of a pod's account.
MOUNTED = "/var/run/secrets/kubernetes.io/serviceaccount"
HELD = ("meta", "playbooks", "plugins", "roles")


def mounted(folder: Path, token: str, authority: bytes) -> Path:
    """Return a collections path, in `folder`, whose seldon.openshift finds this account as its pod's."""
    account = folder / "serviceaccount"
    account.mkdir()
    (account / "token").write_text(token)
    (account / "ca.crt").write_bytes(authority)
    copy = folder / "collections/ansible_collections/seldon/openshift"
    for name in HELD:
        shutil.copytree(CHECKOUT / name, copy / name)
    shutil.copy(CHECKOUT / "galaxy.yml", copy)
    target = copy / "plugins/module_utils/kube/target.py"
    text = target.read_text()
    assert text.count(MOUNTED) == 1
    target.write_text(text.replace(MOUNTED, str(account)))
    return folder / "collections"


def addressed(port: int) -> dict[str, str]:
    """Return the environment in which kubelet tells a pod the API server's address."""
    return {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(port)}
