"""The simulated operators: one module each, which holds its Operator as `operator`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Set

from sandbox.simulator import Operator


def operators(only: Set[str] | None = None, without: Set[str] = frozenset()) -> list[Operator]:
    """Return the operators called `only` (None: all) but not `without`. Raises ValueError for a name that is none."""
    names = [module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")]
    found = {name: importlib.import_module(f"{__name__}.{name}") for name in names}
    by_name = {module.operator.name: module.operator for module in found.values() if hasattr(module, "operator")}
    unknown = {*(only or ()), *without} - by_name.keys()
    if unknown:
        raise ValueError(f"no such operator: {', '.join(sorted(unknown))} (there are: {', '.join(sorted(by_name))})")
    return [operator for name, operator in by_name.items() if name not in without and name in (only or by_name)]
