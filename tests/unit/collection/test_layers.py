# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The library's packages stand on floors: each imports only its own files and the packages below it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PLUGINS = Path(__file__).parents[3] / "plugins"
LIBRARY = PLUGINS / "module_utils"
PREFIX = "ansible_collections.seldon.openshift.plugins"
# From the bottom to the top; `module` is the shell around every module.
LAYERS = (
    "kube",
    "apply",
    "shared",
    "readiness",
    "waiting",
    "olm",
    "diagnose",
    "helm",
    "credentials",
    "checks",
    "trial",
    "preflight",
    "upgrade",
    "doctor",
    "backup",
    "module",
)
FILES = sorted(LIBRARY.rglob("*.py"))


def imported(path: Path, text: str) -> Iterator[str]:
    """Yield what a file of the collection imports of the collection, as dotted names below `plugins`."""
    package = path.relative_to(PLUGINS).parts[:-1]
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.ImportFrom):
            continue
        if node.level:
            base = package[: len(package) - node.level + 1]
        elif node.module and node.module.startswith(PREFIX):
            base = ()
        else:
            continue
        rest = (node.module or "").removeprefix(PREFIX).strip(".")
        dotted = ".".join([*base, *([rest] if rest else [])])
        yield from (f"{dotted}.{name.name}" for name in node.names)


def layer(dotted: str) -> str:
    """Return the package of the library that a dotted name below `plugins` belongs to."""
    return dotted.split(".")[1]


def test_every_package_of_the_library_has_a_floor() -> None:
    assert {layer(f"module_utils.{each.relative_to(LIBRARY).with_suffix('').parts[0]}") for each in FILES} == {*LAYERS}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(LIBRARY)))
def test_a_file_imports_nothing_from_above(path: Path) -> None:
    mine = path.relative_to(LIBRARY).with_suffix("").parts[0]
    names = list(imported(path, path.read_text(encoding="utf-8")))
    assert [name for name in names if not name.startswith("module_utils.")] == []  # the controller's are not shipped
    assert [name for name in names if LAYERS.index(layer(name)) > LAYERS.index(mine)] == []


def test_imports_are_found_however_they_are_written() -> None:
    here = LIBRARY / "olm" / "plan.py"
    lines = (
        "from ..kube import objects",
        "from .model import Operator",
        "from . import group",
        f"from {PREFIX}.module_utils import module",
    )
    assert list(imported(here, "\n".join(lines))) == [
        "module_utils.kube.objects",
        "module_utils.olm.model.Operator",
        "module_utils.olm.group",
        "module_utils.module",
    ]
