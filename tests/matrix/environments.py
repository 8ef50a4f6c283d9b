"""What a cell of the matrix runs in: a virtual environment, and a folder of collections that shadows all others."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from sandbox.paths import CHECKOUT

HERE = Path(__file__).parent
CACHE = CHECKOUT / ".cache/matrix"
PREFIX = "ansible_collections/kubernetes/core/"


class Failed(Exception):
    """A command of a step ended with an error; the message names the file that holds what it printed."""


class NoPython(Exception):
    """There is no Python of that name on PATH."""


@dataclass(frozen=True)
class Cell:
    """One combination of versions. `libraries` are those of a target host's own Python, `host`; empty: none such."""

    core: str
    python: str
    ansible: str
    client: str
    tools: tuple[str, ...] = ()
    host: str = ""
    libraries: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """A name for files, unique in the matrix."""
        return f"{self.core}-{self.client}" + (f"-host-{self.host}" if self.host else "")

    @property
    def folder(self) -> Path:
        """Everything that the cell makes."""
        return CACHE / self.name

    @property
    def programs(self) -> Path:
        """The folder of the virtual environment's commands."""
        return self.folder / "venv/bin"

    @property
    def collections(self) -> Path:
        """The folder that holds seldon.openshift (a link to the checkout) and kubernetes.core."""
        return self.folder / "collections"

    @cached_property
    def kubernetes_core(self) -> str:
        """The version of kubernetes.core that the release of `ansible` brings."""
        manifest = yaml.safe_load((self.collections / PREFIX / "MANIFEST.json").read_text())
        return str(manifest["collection_info"]["version"])

    @property
    def target_python(self) -> Path:
        """The Python of the target host, in a virtual environment of its own."""
        return self.folder / "host/bin/python"

    def make(self) -> None:
        """Make the environments anew. Raises Failed and NoPython."""
        shutil.rmtree(self.folder, ignore_errors=True)
        packages = (f"ansible-core=={self.core}", f"kubernetes=={self.client}", *self.tools)
        self._environment(self.folder / "venv", self.python, packages)
        if self.host:
            self._environment(self.folder / "host", self.host, self.libraries)
        self._unpack()
        (self.collections / "ansible_collections/seldon").mkdir(parents=True)
        (self.collections / "ansible_collections/seldon/openshift").symlink_to(CHECKOUT)

    def run(self, step: str, *command: str | Path, **environment: str) -> str:
        """Run a command in the checkout, keep what it prints in a file and return it. Raises Failed."""
        own = {"PATH": f"{self.programs}:{os.environ['PATH']}", "ANSIBLE_COLLECTIONS_PATH": str(self.collections)}
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("K8S_AUTH_", "ANSIBLE_", "MAKE"))}
        done = subprocess.run(
            [str(word) for word in command],
            cwd=CHECKOUT,
            env=inherited | own | {"ANSIBLE_NOCOLOR": "1"} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        log = self.folder / f"{step}.log"
        log.write_text(done.stdout)
        if done.returncode:
            raise Failed(f"{self.name}: {step} failed, see {log}")
        return done.stdout

    def _environment(self, folder: Path, version: str, packages: tuple[str, ...]) -> None:
        python = shutil.which(f"python{version}")
        if python is None:
            raise NoPython(f"there is no python{version} on PATH")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.run(f"{folder.name}-make", python, "-m", "venv", folder)
        pip = (folder / "bin/python", "-m", "pip", "--disable-pip-version-check", "--quiet")
        self.run(f"{folder.name}-pip", *pip, "install", *packages)

    def _unpack(self) -> None:
        """Take kubernetes.core out of the package `ansible`, which holds a hundred other collections."""
        wheels = CACHE / "wheels"
        pip = (self.programs / "python", "-m", "pip", "--disable-pip-version-check", "--quiet")
        if not list(wheels.glob(f"ansible-{self.ansible}-*.whl")):
            # Not every release installs with every Python; the collection in it does not care.
            anywhere = ("--no-deps", "--ignore-requires-python", "--only-binary", ":all:")
            self.run("wheel-pip", *pip, "download", *anywhere, "--dest", wheels, f"ansible=={self.ansible}")
        with zipfile.ZipFile(next(wheels.glob(f"ansible-{self.ansible}-*.whl"))) as wheel:
            wheel.extractall(self.collections, [name for name in wheel.namelist() if name.startswith(PREFIX)])


def cells(data: dict[str, Any]) -> list[Cell]:
    """Return what `versions.yml` names: every row with every client, then the target hosts with the newest client."""
    clients, tools, rows = data["clients"], tuple(data["tools"]), data["rows"]
    found = [Cell(**row, client=client, tools=tools) for row in rows for client in clients]
    by_core = {row["core"]: row for row in rows}
    return found + [
        Cell(
            **by_core[host["core"]],
            client=clients[-1],
            tools=tools,
            host=host["python"],
            libraries=tuple(host["libraries"]),
        )
        for host in data["hosts"]
    ]
