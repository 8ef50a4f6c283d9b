# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What the engine needs of others: imported where it can be, and told in one line, with what to type, where not.

A shipped module holds kubernetes.core's `module_utils` of the controller, but no manifest: only on the controller is
there a version to judge.
"""

from __future__ import annotations

import functools
import importlib
import json
import platform
import re
import sys
from pathlib import Path

from .errors import MissingLibrary
from .versions import numbers

_import_error: ImportError | None = None
# In a `try`, so that Ansible ships a module without them as well, and that their absence has words.
try:
    from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_MAP, AUTH_ARG_SPEC
except ImportError as error:
    AUTH_ARG_MAP = {}
    AUTH_ARG_SPEC = {}
    _import_error = error

__all__ = ["AUTH_ARG_MAP", "AUTH_ARG_SPEC", "require_collection", "require_libraries"]

# A new major version may name its options otherwise. galaxy.yml and requirements.yml say the same.
CORE_OLDEST, CORE_BELOW = (5, 0, 0), (7, 0, 0)
CORE_RANGE = ">=5.0.0,<7.0.0"
# What pip takes for the module of each name; requirements.txt says the same.
LIBRARIES = {"yaml": "PyYAML>=5.4", "kubernetes": "kubernetes>=24.2.0,<38"}


def require_collection() -> None:
    """Raise MissingLibrary when kubernetes.core is not there, or is of a version that does not fit."""
    problem = collection_problem(collection_version(), _import_error)
    if problem:
        raise MissingLibrary(f"{problem} Next: ansible-galaxy collection install 'kubernetes.core:{CORE_RANGE}'")


def require_libraries() -> None:
    """Raise MissingLibrary when this Python cannot import a library that the engine needs."""
    for module, wanted in LIBRARIES.items():
        _require_library(module, re.split("[<>=]", wanted)[0])


def _require_library(module: str, name: str) -> None:
    try:
        importlib.import_module(module)
    except ImportError as error:
        cause = "is not installed" if error.name == module else f"cannot be imported ({error})"
        raise MissingLibrary(
            f"Python's library {name} {cause} for {sys.executable} on {platform.node()}. "
            f"Next: {sys.executable} -m pip install {' '.join(repr(each) for each in LIBRARIES.values())}"
        ) from error


def collection_problem(version: str, missing: ImportError | None) -> str:
    """Return what is wrong with kubernetes.core, empty when nothing is; `version` is empty when it is not known."""
    told = numbers(version)[:3]
    if told and not CORE_OLDEST <= told < CORE_BELOW:
        return f"The collection kubernetes.core is {version}, and seldon.openshift needs {CORE_RANGE}."
    if missing is None:
        return ""
    if isinstance(missing, ModuleNotFoundError) and not version:
        return f"The collection kubernetes.core is not installed, and seldon.openshift needs {CORE_RANGE}."
    known, cause = f" {version}" if version else "", " ".join(str(missing).split())
    return f"The collection kubernetes.core{known} lacks what seldon.openshift imports of it: {cause}."


@functools.cache
def collection_version() -> str:
    """Return the version of the kubernetes.core that was imported, empty when its manifest is not at hand."""
    try:
        folder = next(iter(importlib.import_module("ansible_collections.kubernetes.core").__path__))
        manifest = json.loads((Path(folder) / "MANIFEST.json").read_text(encoding="utf-8"))
        return str(manifest["collection_info"]["version"])
    except (ImportError, OSError, ValueError, KeyError, StopIteration):
        return ""
