"""Clusters for the integration tests: real control planes, started from snapshots where that is quicker."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from sandbox.cluster import Sandbox, Settings
from sandbox.paths import snapshots_dir
from tests.conftest import shared_label
from tests.integration.cluster import RUN, Cluster
from tests.making import make


@pytest.fixture(scope="session")
def snapshot_of_empty() -> str:
    """The label of a snapshot of a fresh cluster, made once for the run."""
    return _snapshot("empty", lambda sandbox: sandbox.up(Settings()))


@pytest.fixture(scope="module")
def empty_cluster(snapshot_of_empty: str, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A fresh OpenShift of its own for each test module, with nothing of ours on it."""
    yield from _restored(snapshot_of_empty, request)


@pytest.fixture(scope="session")
def snapshot_of_finished() -> str:
    """The label of a snapshot of a cluster on which site.yml ran to its end, made once for the run."""

    def finish(sandbox: Sandbox) -> None:
        demo = make("demo", f"ARGS=--name {sandbox.name}")
        assert demo.returncode == 0, demo.stdout

    return _snapshot("finished", finish)


@pytest.fixture(scope="module")
def finished_cluster(snapshot_of_finished: str, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A cluster of its own for each test module, on which site.yml ran to its end."""
    yield from _restored(snapshot_of_finished, request)


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


def _restored(label: str, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    module = request.module.__name__.rpartition(".")[2].replace("_", "-")
    sandbox = Sandbox(f"{RUN}-{module}")
    try:
        sandbox.restore(label)
        yield Cluster(sandbox)
    finally:
        sandbox.down()
