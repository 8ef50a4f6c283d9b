"""One test run, however many workers: its name, and the end of what its workers share."""

from __future__ import annotations

import os

import pytest

from sandbox.cluster import Sandbox
from sandbox.paths import snapshots_dir

# The controller sets it before it starts the workers, which inherit it.
RUN_VARIABLE = "SELDON_TEST_RUN"
SNAPSHOTS = ("empty", "finished")


def pytest_configure() -> None:
    os.environ.setdefault(RUN_VARIABLE, f"test-{os.getpid()}")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        for label in (shared_label(name) for name in SNAPSHOTS):
            Sandbox(label).remove_snapshot(label)
            (snapshots_dir() / f".{label}.lock").unlink(missing_ok=True)


def shared_label(name: str) -> str:
    """Return the label of a snapshot that all workers of this run use."""
    return f"{os.environ[RUN_VARIABLE]}-{name}"
