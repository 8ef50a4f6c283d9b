# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What a run changed: in each stage, on each host, and in all."""

from __future__ import annotations

from collections.abc import Iterable

from .changes import Change


class Tally:
    """Counts changes.

    In check mode, nothing is written, so that later tasks find the same object missing again: it counts once.
    """

    def __init__(self, check: bool = False) -> None:
        """Begin with nothing."""
        self.check = check
        self.stages: dict[str, list[Change]] = {}
        self.current: list[Change] = []
        self.hosts: dict[str, list[Change]] = {}

    @property
    def all(self) -> list[Change]:
        """Return the changes on all hosts."""
        return [change for changes in self.hosts.values() for change in changes]

    def begin(self) -> None:
        """Begin a stage; another play may have one of the same title."""
        self.current = []

    def add(self, host: str, stage: str, changes: Iterable[Change]) -> list[Change]:
        """Count the changes of a host's task in a stage; return those that were not counted before."""
        before = self.hosts.setdefault(host, [])
        known = {(each.sort, each.what) for each in before} if self.check else set()
        new = [change for change in changes if (change.sort, change.what) not in known]
        before += new
        self.current += new
        self.stages.setdefault(stage, []).extend(new)
        return new
