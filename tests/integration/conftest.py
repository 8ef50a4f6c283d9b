"""Clusters for the integration tests: real control planes, started from snapshots where that is quicker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.cluster import Sandbox, Settings
from tests.integration.cluster import RUN, Cluster


@pytest.fixture(scope="session")
def snapshot_of_empty() -> Iterator[str]:
    """The label of a snapshot of a fresh cluster, made once for the run."""
    label = f"{RUN}-empty"
    sandbox = Sandbox(label)
    try:
        sandbox.up(Settings())
        sandbox.snapshot(label)
        sandbox.down()
        yield label
    finally:
        sandbox.down()
        sandbox.remove_snapshot(label)


@pytest.fixture(scope="module")
def empty_cluster(snapshot_of_empty: str, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A fresh OpenShift of its own for each test module, with nothing of ours on it."""
    yield from _restored(snapshot_of_empty, request)


@pytest.fixture(scope="session")
def snapshot_of_finished(snapshot_of_empty: str) -> Iterator[str]:
    """The label of a snapshot of a cluster on which site.yml ran to its end, made once for the run."""
    label = f"{RUN}-finished"
    sandbox = Sandbox(label)
    try:
        sandbox.restore(snapshot_of_empty)
        Cluster(sandbox).site()
        sandbox.snapshot(label)
        sandbox.down()
        yield label
    finally:
        sandbox.down()
        sandbox.remove_snapshot(label)


@pytest.fixture(scope="module")
def finished_cluster(snapshot_of_finished: str, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A cluster of its own for each test module, on which site.yml ran to its end."""
    yield from _restored(snapshot_of_finished, request)


def _restored(label: str, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    module = request.module.__name__.rpartition(".")[2].replace("_", "-")
    sandbox = Sandbox(f"{RUN}-{module}")
    try:
        sandbox.restore(label)
        yield Cluster(sandbox)
    finally:
        sandbox.down()
