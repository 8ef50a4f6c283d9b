# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Versions as OpenShift, Helm and Python print them, compared by their numbers."""

from __future__ import annotations

import re


def minor(version: str) -> str:
    """Return the first two numbers of a version: '4.11.59' as '4.11'."""
    return ".".join(version.split(".")[:2])


def number(version: str) -> tuple[int, ...]:
    """Return what a version sorts by: '4.11.0-rc.1' as (4, 11, 0)."""
    head = re.match(r"v?(\d+(?:\.\d+)*)", version)
    return tuple(int(part) for part in head.group(1).split(".")) if head else ()
