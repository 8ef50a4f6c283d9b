"""The simulated operators: one module each, which holds its Operator as `operator`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Set

from sandbox.simulator import Operator


def names() -> set[str]:
    """Return the names of all of them."""
    return {module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")}


def operators(only: Set[str] | None = None, without: Set[str] = frozenset()) -> list[Operator]:
    """Return the operators called `only` (None: all) but not `without`; a module is called like its operator.

    Raises ValueError for a name that is none.
    """
    known = names()
    unknown = {*(only or ()), *without} - known
    if unknown:
        raise ValueError(f"no such operator: {', '.join(sorted(unknown))} (there are: {', '.join(sorted(known))})")
    chosen = (known if only is None else only) - without
    return [importlib.import_module(f"{__name__}.{name}").operator for name in sorted(chosen)]
