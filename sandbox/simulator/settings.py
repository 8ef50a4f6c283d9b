"""Latencies and faults: what is slow and what goes wrong, as data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from sandbox.kube import Object

PROFILES = Path(__file__).parent.parent / "profiles"
Fault = dict[str, Any]


class Profile:
    """Seconds by name, read from a profile: a mapping of operators to mappings of names to seconds."""

    def __init__(self, latencies: dict[str, dict[str, float]], divide_by: float = 1) -> None:
        """Take the seconds as they are on a real cluster, all to be divided by `divide_by`."""
        self._latencies = latencies
        self._divide_by = divide_by

    @classmethod
    def load(cls, name: str) -> Profile:
        """Read a profile that the sandbox brings, by its name, or any file. Raises OSError, yaml.YAMLError."""
        own = PROFILES / f"{name}.yaml"
        content = yaml.safe_load((own if own.is_file() else Path(name)).read_text(encoding="utf-8"))
        return cls(content["latencies"], content["divide_by"])

    def seconds(self, name: str) -> float:
        """Return the latency called `operator.name`. Raises KeyError that says where to add it."""
        operator, _, step = name.partition(".")
        try:
            return self._latencies[operator][step] / self._divide_by
        except KeyError:
            raise KeyError(f"no latency '{name}': add '{step}' under '{operator}' to the files in {PROFILES}") from None


@dataclass(frozen=True)
class Active:
    """A fault of an object; it `starts` and `ends` these seconds after the object was first seen."""

    entry: Fault
    starts: float
    ends: float


class Faults:
    """The entries of all fault files. Each has `fault` (its name) and may narrow the objects and the time.

    `kind`, `namespace` and `name` are patterns (*, ?); `after` are seconds after the object was first seen,
    `seconds` how long it lasts (absent: for ever). Everything else is for the operator that knows the fault.
    """

    def __init__(self, entries: Iterable[Fault] = ()) -> None:
        """Take the entries."""
        self.entries = list(entries)

    @classmethod
    def load(cls, paths: Iterable[str]) -> Faults:
        """Read fault files: lists of entries. Raises OSError, yaml.YAMLError."""
        return cls(entry for path in paths for entry in yaml.safe_load(Path(path).read_text(encoding="utf-8")))

    def named(self, name: str) -> list[Fault]:
        """Return all entries of the fault `name`."""
        return [entry for entry in self.entries if entry["fault"] == name]

    def matching(self, name: str, obj: Object) -> list[Active]:
        """Return the entries of the fault `name` for the object, with their times."""
        return [
            Active(entry, entry.get("after", 0), entry.get("after", 0) + entry.get("seconds", float("inf")))
            for entry in self.named(name)
            if _matches(entry, obj)
        ]


def _matches(entry: Fault, obj: Object) -> bool:
    seen = {"kind": obj["kind"], "namespace": obj["metadata"].get("namespace", ""), "name": obj["metadata"]["name"]}
    return all(fnmatchcase(value, entry.get(key, "*")) for key, value in seen.items())
