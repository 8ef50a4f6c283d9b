"""The process of a pod: what it is given, how it is started again, and that nothing of it is left."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from sandbox import hosted
from sandbox.container import Container, NotThere
from sandbox.hosted import Hosted
from sandbox.kube import Object

POD: Object = {
    "metadata": {"name": "p", "namespace": "ns", "uid": "1"},
    "spec": {"volumes": [{"name": "v", "configMap": {"name": "c"}}]},
}
SPEC: Object = {
    "env": [{"name": "COLOUR", "value": "green"}, {"name": "KUBECONFIG", "value": "/not/here"}],
    "volumeMounts": [{"name": "v", "mountPath": "/etc/c"}],
}
# Starts a child that does not end by itself, tells its id, and waits.
PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, file=open(os.environ["SANDBOX_ROOT"] + "/pids", "a"), flush=True)
time.sleep(600 if sys.argv[1] == "stay" else 0)
"""


def process(folder: Path, said: list[str], data: dict[str, str], *arguments: str) -> Hosted:
    """Return the process of the pod, whose ConfigMap is `data` as it is at each moment."""

    def find(_kind: str, _name: str) -> Object | None:
        return {"kind": "ConfigMap", "data": data} if data else None

    command = [sys.executable, "-c", PARENT, *arguments]
    return Hosted(Container(POD, SPEC, find, "token"), folder, command, {"MARK": "x"}, said.append)


def until(look: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def children(folder: Path) -> list[int]:
    file = folder / "root" / "pids"
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][:1] != "Z"
    except FileNotFoundError:
        return False


def test_its_environment_is_the_container_s_and_leads_to_the_sandbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "somewhere")
    monkeypatch.setenv("OURS", "kept")
    found = process(tmp_path, [], {"a": "1"}).environment()
    assert "KUBERNETES_SERVICE_HOST" not in found
    expected = {"OURS": "kept", "COLOUR": "green", "KUBECONFIG": str(tmp_path / "kubeconfig"), "MARK": "x"}
    expected |= {"SANDBOX_ROOT": str(tmp_path / "root"), "TMPDIR": str(tmp_path / "root" / "tmp")}
    assert expected.items() <= found.items()


def test_its_files_follow_the_volume_and_are_for_their_owner_alone(tmp_path: Path) -> None:
    data = {"a": "1", "b": "2"}
    found = process(tmp_path, [], data)
    folder = tmp_path / "root" / "etc" / "c"
    found.refresh()
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"a": "1", "b": "2"}
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    del data["b"]
    data["a"] = "changed"
    found.refresh()
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"a": "changed"}
    data.clear()
    with pytest.raises(NotThere):
        found.refresh()


def test_what_it_has_started_ends_with_it(tmp_path: Path) -> None:
    said: list[str] = []
    found = process(tmp_path, said, {"a": "1"}, "stay")
    found.refresh()
    found.keep_running()
    until(lambda: children(tmp_path))
    found.keep_running()
    (child,) = children(tmp_path)
    assert "stands for pod ns/p" in said[0]
    found.end()
    until(lambda: not lives(child))
    assert len(said) == 1, "it was started once"


def test_one_that_ends_is_started_again_after_a_pause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(hosted, "time", SimpleNamespace(monotonic=lambda: now[0]))
    said: list[str] = []
    found = process(tmp_path, said, {"a": "1"}, "end")
    found.refresh()
    found.keep_running()
    for pause in ("1 s", "2 s", "4 s"):
        before = len(said)
        until(lambda: found.keep_running() or len(said) > before)  # noqa: B023 - called at once
        assert said[-1] == f"the process of pod ns/p ended with 0; again in {pause}"
        found.keep_running()
        assert len(said) == before + 1, "not yet"
        now[0] += 5
        found.keep_running()
        assert "stands for pod" in said[-1]
    found.end()
