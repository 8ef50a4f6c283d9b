# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The checks of the role monitoring."""

from __future__ import annotations

from .model import Check

CHECKS: tuple[Check, ...] = ()
