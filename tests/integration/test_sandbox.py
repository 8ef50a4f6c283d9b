"""The sandbox itself: its life, several at once, and what is left when it is killed."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox import catalog
from sandbox.cluster import Sandbox, SandboxError, Settings
from sandbox.kube import Object
from sandbox.paths import CHECKOUT
from sandbox.process import MARK
from tests.integration.cluster import RUN, Cluster


def config_map(name: str) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "default"}}


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sandbox", *arguments], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )


def processes_of(state: Path) -> list[str]:
    """Return the command lines of all living processes of a sandbox, however they were started."""
    mark = f"{MARK}={state}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append((folder / "cmdline").read_text().replace("\0", " "))
        except (FileNotFoundError, PermissionError, ProcessLookupError):
            continue
    return found


def test_the_command_line_tells_how_to_use_the_cluster_and_what_runs(empty_cluster: Cluster) -> None:
    name = empty_cluster.sandbox.name
    up = command("up", "--name", name)
    assert up.returncode == 0, up.stderr
    assert up.stdout.splitlines()[-1] == f"export KUBECONFIG={empty_cluster.kubeconfig}"
    status = command("status", "--name", name)
    assert status.returncode == 0, status.stdout
    assert {"etcd", "kube-apiserver", "olm", "catalog", "kwok", "operators"} <= {
        line.split()[0] for line in status.stdout.splitlines()
    }
    other = command("up", "--name", name, "--catalog", "today")
    assert other.returncode == 1
    assert "runs with other settings" in other.stderr


def test_keys_are_for_their_owner_alone(empty_cluster: Cluster) -> None:
    state = empty_cluster.sandbox.state
    secret = [*state.glob("**/*.key"), *state.glob("*kubeconfig"), state / "settings.json"]
    assert len(secret) >= 6
    assert {stat.S_IMODE(path.stat().st_mode) for path in secret} == {0o600}
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


def listening(pid: int) -> set[str]:
    """Return the addresses, as the kernel prints them, on which a process listens."""
    sockets = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    addresses = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
                addresses.add(fields[1].partition(":")[0])
    return addresses


def test_servers_with_a_choice_listen_on_loopback_only(empty_cluster: Cluster) -> None:
    open_to_all = {name for name, pid in empty_cluster.sandbox.status() if pid and listening(pid) - {"0100007F"}}
    # These bind all addresses and have no option for it.
    assert open_to_all <= {"olm", "catalog", *(f"opm-{source}" for source in catalog.sources())}


def test_a_dead_component_is_named_with_the_end_of_its_log(empty_cluster: Cluster) -> None:
    sandbox = empty_cluster.sandbox
    sandbox.processes.signal("kube-scheduler", signal.SIGKILL)
    status = command("status", "--name", sandbox.name)
    assert status.returncode == 1
    assert "kube-scheduler ended by itself; the end of its log:" in status.stdout
    sandbox.up()
    assert command("status", "--name", sandbox.name).returncode == 0


def test_restore_brings_back_what_the_snapshot_held_and_nothing_else(empty_cluster: Cluster) -> None:
    sandbox, kube = empty_cluster.sandbox, empty_cluster.kube
    label = f"{RUN}-restore"
    kube.create(config_map("before"))
    sandbox.snapshot(label)
    try:
        kube.create(config_map("after"))
        kube.delete(config_map("before"))
        sandbox.restore(label)
    finally:
        sandbox.remove_snapshot(label)
    kube = empty_cluster.kube
    assert kube.get("v1", "ConfigMap", "before", "default")
    assert kube.get("v1", "ConfigMap", "after", "default") is None
    with pytest.raises(SandboxError, match=f"no snapshot '{label}'"):
        sandbox.restore(label)


def test_two_at_once_do_not_disturb_each_other(empty_cluster: Cluster, snapshot_of_empty: str) -> None:
    second = Sandbox(f"{RUN}-second")
    try:
        second.restore(snapshot_of_empty)
        second.kube.create(config_map("only-here"))
        assert empty_cluster.kube.get("v1", "ConfigMap", "only-here", "default") is None
    finally:
        second.down()
    assert processes_of(second.state) == []
    assert not second.state.exists()
    assert all(pid for _, pid in empty_cluster.sandbox.status())


@pytest.mark.parametrize("moment", ["run/etcd.pid", "run/kube-apiserver.pid", "run/olm.pid"])
def test_a_killed_command_leaves_nothing_that_down_does_not_stop(moment: str) -> None:
    sandbox = Sandbox(f"{RUN}-killed")
    up = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "up", "--name", sandbox.name],
        cwd=CHECKOUT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while not (sandbox.state / moment).exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.kill(up.pid, signal.SIGKILL)
        up.wait()
        assert processes_of(sandbox.state), "the test came too early: nothing was started"
        sandbox.down()
        assert processes_of(sandbox.state) == []
    finally:
        up.kill()
        sandbox.down()


def test_an_unknown_fault_is_refused_before_anything_starts() -> None:
    sandbox = Sandbox(f"{RUN}-fault")
    with pytest.raises(SandboxError, match="no list of faults"):
        sandbox.up(Settings(faults=["no-such-fault"]))
    assert processes_of(sandbox.state) == []
    sandbox.down()
