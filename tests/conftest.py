"""One test run, however many workers: its name, who runs what and when, and the end of what its workers share."""

from __future__ import annotations

import os

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from sandbox.cluster import Sandbox
from sandbox.paths import snapshots_dir
from tests.schedule import seconds, unit

# The controller sets it before it starts the workers, which inherit it.
RUN_VARIABLE = "SELDON_TEST_RUN"
SNAPSHOTS = ("empty", "finished", "by-hand")


def pytest_configure() -> None:
    os.environ.setdefault(RUN_VARIABLE, f"test-{os.getpid()}")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        for label in (shared_label(name) for name in SNAPSHOTS):
            Sandbox(label).remove_snapshot(label)
            (snapshots_dir() / f".{label}.lock").unlink(missing_ok=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, so that no worker begins a long one when the others are done. Within a unit, as they stand."""
    items.sort(key=lambda item: -seconds(item.nodeid))


class Schedule(LoadScopeScheduling):
    """Gives whole units to workers."""

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Schedule:
    return Schedule(config, log)


def shared_label(name: str) -> str:
    """Return the label of a snapshot that all workers of this run use."""
    return f"{os.environ[RUN_VARIABLE]}-{name}"
