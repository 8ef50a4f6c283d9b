"""Every name in every template stays the text that it is, even where YAML would read a word or a number."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml
from ansible_collections.seldon.openshift.plugins.module_utils.kube import yamltext

ROLES = Path(__file__).parents[3] / "roles"
TEMPLATES = sorted(ROLES.glob("*/templates/*.yaml.j2"))
PLAIN = "xname"
WORDS = ("no", "on", "y", "null", "1", "007", "1e3")
READERS: dict[str, Callable[[str], Any]] = {
    "as Ansible reads it": lambda text: list(yaml.safe_load_all(text)),
    "as kubectl reads it": yamltext.load,
}


class Everything(str):
    """A variable that is a name, a list of one name, a mapping of one name and an object whose fields are names."""

    __slots__ = ()

    def __getattr__(self, field: str) -> Everything:
        if field.startswith("__"):  # what Jinja and json ask a text for
            raise AttributeError(field)
        return self

    def __getitem__(self, _key: Any) -> Everything:  # type: ignore[override]
        return self

    def __iter__(self) -> Iterator[Everything]:  # type: ignore[override]
        yield Everything(str(self))

    def items(self) -> list[tuple[Everything, Everything]]:
        """Return one pair."""
        return [(self, self)]


class AnyFilter(dict[str, Any]):
    """Jinja's filters; those that it lacks are Ansible's and ours, and leave a value as it is."""

    def __contains__(self, _name: object) -> bool:
        return True

    def __missing__(self, _name: str) -> Any:
        return lambda value, *_args, **_options: value

    def get(self, name: str, _default: Any = None) -> Any:
        """Return the filter, which there always is."""
        return self[name]


def combined(*values: Any) -> dict[str, Any]:
    """Return what Ansible's filter `combine` makes of mappings."""
    return {key: item for value in values for key, item in value.items()}


class Known(jinja2.runtime.Context):
    """Variables of which none is undefined: those that the template does not set are `Everything`."""

    def resolve_or_missing(self, key: str) -> Any:
        """Return a variable."""
        found = super().resolve_or_missing(key)
        return super().resolve_or_missing("everything") if found is jinja2.runtime.missing else found


@cache
def compiled(path: Path) -> jinja2.Template:
    """Return a template."""
    environment = jinja2.Environment(trim_blocks=True, keep_trailing_newline=True)
    environment.context_class = Known
    environment.filters = AnyFilter(environment.filters)
    environment.filters.update(
        combine=combined,
        int=lambda _value: 3,
        replace=lambda value, *_args: value,
        string=lambda value: Everything(str(value)),
        to_json=json.dumps,
    )
    return environment.from_string(path.read_text())


def rendered(path: Path, name: str) -> str:
    """Return a template's text when every variable is `name`."""
    return compiled(path).render(everything=Everything(name))


def renamed(value: Any, name: str) -> Any:
    """Return `value` with `name` in place of PLAIN, in keys, too."""
    if isinstance(value, dict):
        return {renamed(key, name): renamed(item, name) for key, item in value.items()}
    if isinstance(value, list):
        return [renamed(item, name) for item in value]
    return value.replace(PLAIN, name) if isinstance(value, str) else value


def test_there_are_templates() -> None:
    assert len(TEMPLATES) > 25
    assert any(PLAIN in rendered(path, PLAIN) for path in TEMPLATES)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: "/".join(path.parts[-3::2]))
def test_names_are_texts_whatever_yaml_reads_in_them(path: Path) -> None:
    for how, read in READERS.items():
        expected = read(rendered(path, PLAIN))
        for word in WORDS:
            assert read(rendered(path, word)) == renamed(expected, word), f"{word}, {how}"
