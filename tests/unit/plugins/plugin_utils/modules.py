"""The options of the collection's modules, without those of the connection."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def specification(name: str) -> dict[str, Any]:
    """Return the argument spec of a module."""
    module = import_module(f"ansible_collections.seldon.openshift.plugins.modules.{name}")
    return dict(module.ARGUMENT_SPEC)
