# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Copies of credentials in Secrets: complete, and the same as what they were copied from. No value is ever told."""

from __future__ import annotations

from collections.abc import Mapping

from ..kube.objects import Object
from ..kube.secrets import decoded
from .model import Finding, failed, passed


def copied(subject: str, secret: Object | None, wanted: Mapping[str, str | None], source: str, do: str) -> Finding:
    """Judge a copy: each key of `wanted` is there, is not empty and has that value (None: any).

    source: what the copy is of, in words. do: what renews it.
    """
    if secret is None:
        return failed(subject, "does not exist", do)
    held = decoded(secret)
    empty = [key for key in wanted if not held.get(key, "").strip()]
    if empty:
        return failed(subject, f"holds nothing under {', '.join(empty)}", do)
    other = [key for key, value in wanted.items() if value is not None and held[key] != value]
    if other:
        return failed(subject, f"{', '.join(other)} differs from {source}", do)
    return passed(subject, f"holds {', '.join(wanted)}, as {source} does")
