# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Versions of whatever has some (OpenShift, operators, charts, programs, libraries), compared by their numbers."""

from __future__ import annotations

import re


def minor(version: str) -> str:
    """Return the first two numbers of a version: '4.11.59' as '4.11'."""
    return ".".join(version.split(".")[:2])


def numbers(version: str) -> tuple[int, ...]:
    """Return what a version sorts by: 'v2.2.0-4' as (2, 2, 0, 4). What names a build, after '+', does not count."""
    return tuple(int(each) for each in re.findall(r"\d+", version.partition("+")[0]))
