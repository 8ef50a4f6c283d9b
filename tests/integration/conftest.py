"""Clusters for the integration tests: real control planes, started from snapshots where that is quicker."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from sandbox.cluster import Sandbox, Settings
from sandbox.kube import Kube
from sandbox.paths import CHECKOUT, snapshots_dir
from tests.conftest import shared_label
from tests.integration import byhand, simulated
from tests.integration.accounts import allowed
from tests.integration.cluster import RUN, Cluster
from tests.integration.helpers import until
from tests.making import make


@pytest.fixture(scope="session")
def snapshot_of_empty() -> str:
    """The label of a snapshot of a fresh cluster, made once for the run."""
    return _snapshot("empty", lambda sandbox: sandbox.up(Settings()))


@pytest.fixture(scope="module")
def empty_cluster(snapshot_of_empty: str, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A fresh OpenShift of its own for each test module, with nothing of ours on it."""
    yield from _restored(snapshot_of_empty, _own_name(request))


@pytest.fixture(scope="module")
def second_cluster(snapshot_of_empty: str, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A fresh OpenShift for a test module that has another cluster as well."""
    yield from _restored(snapshot_of_empty, f"{_own_name(request)}-second")


@pytest.fixture(scope="session")
def shared_cluster(snapshot_of_empty: str) -> Iterator[Cluster]:
    """A fresh OpenShift for the files of the unit `modules`: each keeps to namespaces of its own, and minds no CRDs."""
    yield from _restored(snapshot_of_empty, "modules")


@pytest.fixture(scope="session")
def platform_cluster(snapshot_of_empty: str) -> Iterator[Cluster]:
    """A fresh OpenShift for the files of the unit `platform`: what each looks at is of another product."""
    yield from _restored(snapshot_of_empty, "platform")


@pytest.fixture(scope="session")
def simulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kube]:
    """The cluster that the files of the unit `simulators` share: each brings operators of its own."""
    with simulated.simulators(tmp_path_factory.mktemp("simulators")) as kube:
        yield kube


@pytest.fixture(scope="session")
def snapshot_of_finished() -> str:
    """The label of a snapshot of a cluster on which two site.yml at once ran to their ends, made once for the run."""
    return _snapshot("finished", _finish)


def _finish(sandbox: Sandbox) -> None:
    """Let `make demo` install everything, and a second site.yml beside it, with no rights but those of its file."""
    with ThreadPoolExecutor(1) as pool:
        demo = pool.submit(make, "demo", f"ARGS=--name {sandbox.name}")
        until(lambda: demo.done() or _asked(sandbox.state / "audit.log"), 600)
        assert not demo.done(), demo.result().stdout
        with TemporaryDirectory() as folder:
            file = shutil.copy(CHECKOUT / "docs/rights/site.yaml", folder)
            account = allowed(Cluster(sandbox), "site", Path(file))
            second = account.run()
            account.forget(Path(file))
        assert demo.result().returncode == 0, demo.result().stdout
    assert second.returncode == 0, second.stdout + second.stderr


@pytest.fixture(scope="module")
def finished_cluster(snapshot_of_finished: str, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A cluster of its own for each test module, on which site.yml ran to its end."""
    yield from _restored(snapshot_of_finished, _own_name(request))


@pytest.fixture(scope="session")
def snapshot_by_hand() -> str:
    """The label of a snapshot of a cluster that a person has installed by the guide, made once for the run."""
    return _snapshot("by-hand", byhand.install)


@pytest.fixture(scope="module")
def cluster_by_hand(snapshot_by_hand: str, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A cluster of its own for each test module, on which a person has followed the guide and nothing of ours ran."""
    yield from _restored(snapshot_by_hand, _own_name(request))


def _asked(log: Path) -> bool:
    """Tell whether the collection has made a request."""
    return log.exists() and b'"userAgent":"seldon.openshift"' in log.read_bytes()


def _snapshot(name: str, make: Callable[[Sandbox], None]) -> str:
    """Return the label of the run's snapshot `name`; the first worker that needs it makes it, others wait."""
    label = shared_label(name)
    sandbox = Sandbox(f"{RUN}-{name}")
    with _alone(label):
        if not (snapshots_dir() / label).is_dir():
            try:
                make(sandbox)
                sandbox.snapshot(label)
            finally:
                sandbox.down()
    return label


@contextmanager
def _alone(label: str) -> Iterator[None]:
    snapshots_dir().mkdir(parents=True, exist_ok=True)
    with (snapshots_dir() / f".{label}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _own_name(request: pytest.FixtureRequest) -> str:
    return request.module.__name__.rpartition(".")[2].replace("_", "-")


def _restored(label: str, name: str) -> Iterator[Cluster]:
    sandbox = Sandbox(f"{RUN}-{name}")
    try:
        sandbox.restore(label)
        yield Cluster(sandbox)
    finally:
        sandbox.down()
