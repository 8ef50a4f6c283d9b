"""A cluster that a person has installed by hand: the guide's chapters, command by command, by kubectl and Helm alone.

`chapters/` holds the commands in the guide's order, `manifests/` the YAML that it prints, `person.sh` what its words
mean here: `oc` is kubectl, a form of the console is the object that it makes, by the manager `Mozilla`. Nothing of the
collection takes part.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from sandbox.build import binaries
from sandbox.cluster import Sandbox, Settings
from tests.integration.cluster import GIT_REPOSITORY

HERE = Path(__file__).parent


class NotInstalled(AssertionError):
    """A command of the guide failed; the message holds what it printed."""


def install(sandbox: Sandbox) -> None:
    """Start the sandbox and follow the guide on it, to its last page. Raises NotInstalled."""
    sandbox.up(Settings())
    with TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        for chapter in sorted((HERE / "chapters").glob("*.sh")):
            _follow(chapter, folder, _environment(sandbox, folder))


def prepare(folder: Path) -> None:
    """Put what a person has in the working folder: the guide's files, a key for Git."""
    shutil.copytree(HERE / "manifests", folder, dirs_exist_ok=True)
    shutil.copy2(HERE / "person.sh", folder)
    (folder / "id_rsa").write_text("the private key of a person\n")
    (folder / "known_hosts").write_text("git.example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDhq\n")


def _follow(chapter: Path, folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        ["bash", str(chapter)], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NotInstalled(f"{chapter.name} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")


def _environment(sandbox: Sandbox, folder: Path) -> dict[str, str]:
    """Return what the commands of a person read: the cluster, and what they have filled in."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("K8S_AUTH_", "HELM_"))}
    programs = binaries()
    return inherited | {
        "KUBECONFIG": str(sandbox.kubeconfig),
        "PATH": f"{programs['helm'].parent}:{programs['kubectl'].parent}:{os.environ['PATH']}",
        **filled_in(sandbox, folder),
    }


def filled_in(sandbox: Sandbox, folder: Path) -> dict[str, str]:
    """Return what the guide leaves to its reader, as variables of the environment, with the files of `prepare`."""
    return {
        "HOME": str(folder),
        "CHARTS": sandbox.charts_url,
        "GIT_REPOSITORY": GIT_REPOSITORY,
        "GIT_SSH_PATH": "id_rsa",
        "GIT_KNOWN_HOSTS_PATH": "known_hosts",
        "GIT_USER": "a person",
        "GIT_EMAIL": "person@example.com",
    }
