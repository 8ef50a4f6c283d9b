"""Whoever gives a function a time reads its unit in the docstring of the function or of its class."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PLUGINS = Path(__file__).parents[3] / "plugins"
FILES = sorted(path for folder in ("module_utils", "plugin_utils") for path in (PLUGINS / folder).rglob("*.py"))
TIMES = {"deadline", "held", "now", "pause", "seconds", "since", "stabilization", "started", "timeout", "until"}
UNIT = re.compile(r"\bseconds\b|\d s\b")


def unclear(text: str) -> Iterator[str]:
    """Yield the public functions that take a time as a number and do not say its unit."""
    module = ast.parse(text)
    classes = [each for each in module.body if isinstance(each, ast.ClassDef) and not each.name.startswith("_")]
    for scope in (module, *classes):
        about = (ast.get_docstring(scope) or "") if isinstance(scope, ast.ClassDef) else ""
        functions = [each for each in scope.body if isinstance(each, ast.FunctionDef) and _takes_a_time(each)]
        for each in functions:
            public = not re.match("_(?!_init)", each.name)
            if public and not UNIT.search(f"{about} {ast.get_docstring(each) or ''}"):
                yield each.name


def _takes_a_time(function: ast.FunctionDef) -> bool:
    given = [*function.args.args, *function.args.kwonlyargs]
    return any(each.arg in TIMES and each.annotation and "float" in ast.unparse(each.annotation) for each in given)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PLUGINS)))
def test_a_time_has_its_unit(path: Path) -> None:
    assert list(unclear(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('def f(deadline: float): "Wait until then."', ["f"]),
        ('def f(deadline: float | None = None): "Wait (seconds)."', []),
        ('def f(name: str, since: datetime): "Wait."', []),
        ('class C:\n  "All in seconds."\n  def f(self, now: float): ...', []),
        ('class C:\n  "All."\n  def f(self, *, now: float): ...\n  def _g(self, now: float): ...', ["f"]),
    ],
)
def test_a_time_without_its_unit_is_found(text: str, found: list[str]) -> None:
    assert list(unclear(text)) == found
