"""The process of one pod: its environment, its files, and its life."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from sandbox import certificates
from sandbox.build import Say
from sandbox.container import Container, Files, NotThere

TEMPORARY = PurePosixPath("/tmp")  # noqa: S108 - below a folder of our own
# By these a client finds the cluster in which it runs itself, and Ansible another one.
OF_OTHER_CLUSTERS = ("KUBERNETES_", "K8S_AUTH_")
END_SECONDS = 10.0  # between SIGTERM and SIGKILL
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 30.0


class Hosted:
    """The process of one pod."""

    def __init__(
        self, container: Container, folder: Path, command: Sequence[str], mark: dict[str, str], say: Say
    ) -> None:
        """Let its files be below `folder`/root; the kubeconfig is in `folder`, too."""
        self._container = container
        self._folder = folder
        self._command = list(command)
        self._mark = mark
        self._say = say
        self._process: subprocess.Popen[bytes] | None = None
        self._files: Files = {}
        self._pause, self._not_before = FIRST_PAUSE_SECONDS, 0.0
        shutil.rmtree(self._root, ignore_errors=True)

    @property
    def uid(self) -> str:
        """The pod's."""
        return str(self._container.pod["metadata"]["uid"])

    @property
    def name(self) -> str:
        """The pod's namespace and name."""
        meta = self._container.pod["metadata"]
        return f"{meta['namespace']}/{meta['name']}"

    @property
    def _root(self) -> Path:
        return self._folder / "root"

    def refresh(self) -> None:
        """Write what has changed in the volumes, as a kubelet does. Raises NotThere while the container can't start."""
        try:
            files = self._container.files()
        except NotThere:
            if self._process:
                return  # what runs keeps what it has
            raise
        for path in [TEMPORARY, *self._container.folders()]:
            self._own(path).mkdir(parents=True, exist_ok=True, mode=0o700)
        for path in self._files.keys() - files.keys():
            self._own(path).unlink(missing_ok=True)
        for path, content in files.items():
            if self._files.get(path) != content:
                self._write(self._own(path), content)
        self._files = files

    def keep_running(self) -> None:
        """Start the process; one that has ended is started again after a pause, which doubles. Raises NotThere."""
        if self._process and self._process.poll() is None:
            return
        if self._process:
            _send(self._process, signal.SIGKILL)  # what it has started and left behind
            self._say(
                f"the process of pod {self.name} ended with {self._process.returncode}; again in {self._pause:.0f} s"
            )
            self._process = None
            self._not_before = time.monotonic() + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)
        if time.monotonic() >= self._not_before:
            self._start()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            self._command, env=self.environment(), stdin=subprocess.DEVNULL, start_new_session=True
        )
        self._say(f"the process {self._process.pid} stands for pod {self.name}; its files: {self._root}")

    def environment(self) -> dict[str, str]:
        """Return the process's environment: ours, the container's, and where the cluster and the files are."""
        own = {
            "KUBECONFIG": str(self._folder / "kubeconfig"),
            "SANDBOX_ROOT": str(self._root),
            # controller-runtime looks for its certificates below the folder for temporary files.
            "TMPDIR": str(self._own(TEMPORARY)),
        }
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(OF_OTHER_CLUSTERS)}
        return inherited | self._container.environment() | own | self._mark

    def end(self) -> None:
        """End the process and what it has started: asked first, then killed."""
        if self._process is None:
            return
        _send(self._process, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(END_SECONDS)
        _send(self._process, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def _own(self, path: PurePosixPath) -> Path:
        return self._root / path.relative_to("/")

    def _write(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f".{path.name}.new")
        certificates.write_private(fresh, content)
        fresh.rename(path)


def _send(process: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
