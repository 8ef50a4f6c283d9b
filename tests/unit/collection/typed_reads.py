"""Where roles and playbooks read their boolean and numeric variables, and how: by the parser of Jinja, not by patterns.

`-e name=false` hands over a text, which is true to Jinja; `-e name=5` one that neither compares nor calculates. So each
reading goes through a filter, unless a module's option or another such variable converts what is handed on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, nodes

CHECKOUT = Path(__file__).parents[3]
COLLECTION = "seldon.openshift"
# Of playbooks, beside the roles' own variables.
SWITCHES = dict.fromkeys(("delete", "force", "gitops", "remove_data", "v2"), "bool")
# Whose entries hold booleans, and the filters that know.
ENTRIES = {"seldon_model_namespaces", "model_namespace_list"}
READERS = {f"{COLLECTION}.{name}" for name in ("model_namespaces", "namespace_names", "namespace_problems")}
CONVERTERS = {"bool": {f"{COLLECTION}.boolean"}, "int": {"int", "string"}}
# Merged values of charts, and what they begin with: what is a boolean there may be a user's text.
CHARTS = {
    "seldon_deploy_merged": "roles/seldon_deploy/files/values-openshift.yaml",
    "seldon_core_v2_components": "roles/seldon_core_v2/files/components-values.yaml",
}
CHARTS_OWN = {("seldon_core_v2_components", "hodometer", "enabled")}
# Keywords whose texts are expressions without braces.
BARE = {"when", "that", "until", "changed_when", "failed_when"}

Parents = dict[nodes.Node, nodes.Node]


@dataclass(frozen=True)
class Place:
    """A text that Ansible templates: a value in YAML, with the type that its reader makes of it, or a file."""

    text: str
    where: str
    taken_as: str = ""
    file: bool = False


@cache
def argument_specs() -> dict[str, dict[str, Any]]:
    """Return the options of each role, by the role's name."""
    files = sorted(CHECKOUT.glob("roles/*/meta/argument_specs.yml"))
    specs = {file.parents[1].name: yaml.safe_load(file.read_text())["argument_specs"] for file in files}
    return {role: each["main"].get("options", {}) for role, each in specs.items()}


@cache
def typed_variables() -> dict[str, str]:
    """Return the boolean and numeric variables, with their types."""
    options = [option for each in argument_specs().values() for option in each.items()]
    return {**{name: option["type"] for name, option in options if option["type"] in CONVERTERS}, **SWITCHES}


def places() -> Iterator[Place]:
    """Yield every text of the roles and playbooks that Ansible templates."""
    for folder in ("tasks", "vars", "defaults", "handlers"):
        for file in sorted(CHECKOUT.glob(f"roles/*/{folder}/*.yml")):
            yield from in_yaml(yaml.safe_load(file.read_text()), str(file.relative_to(CHECKOUT)), typed_variables())
    for file in sorted(CHECKOUT.glob("playbooks/*.yml")):
        yield from in_yaml(yaml.safe_load(file.read_text()), str(file.relative_to(CHECKOUT)), typed_variables())
    for file in sorted(CHECKOUT.glob("roles/*/templates/*.j2")):
        yield Place(file.read_text(), str(file.relative_to(CHECKOUT)), file=True)


def in_yaml(data: Any, where: str, variables: Mapping[str, str], taken_as: str = "") -> Iterator[Place]:
    """Yield the texts in `data`, where `variables` have types."""
    if isinstance(data, str) and ("{{" in data or "{%" in data):
        yield Place(data, where, taken_as)
    elif isinstance(data, list):
        for item in data:
            yield from in_yaml(item, where, variables, taken_as)
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _in_pair(str(key), value, f"{where}: {key}", variables)


def _in_pair(key: str, value: Any, where: str, variables: Mapping[str, str]) -> Iterator[Place]:
    if key in BARE:
        for text in value if isinstance(value, list) else [value]:
            yield from [Place(f"{{{{ {text} }}}}", where)] if isinstance(text, str) else []
    elif key.startswith(f"{COLLECTION}.seldon_") and isinstance(value, dict):
        for option, given in value.items():
            yield from in_yaml(
                given, f"{where}: {option}", variables, options_of(key.rpartition(".")[2]).get(option, "")
            )
    else:
        yield from in_yaml(value, where, variables, "entries" if key in ENTRIES else variables.get(key, ""))


@cache
def options_of(module: str) -> dict[str, str]:
    """Return the types of a module's options."""
    documentation = import_module(f"ansible_collections.{COLLECTION}.plugins.modules.{module}").DOCUMENTATION
    return {name: option.get("type", "str") for name, option in yaml.safe_load(documentation)["options"].items()}


def reads(place: Place, types: Mapping[str, str]) -> Iterator[tuple[str, bool]]:
    """Yield what `place` reads that has a type, and whether it does so in a way that holds for texts, too."""
    tree = Environment().parse(place.text)
    parents = {child: parent for parent in [tree, *tree.find_all(nodes.Node)] for child in parent.iter_child_nodes()}
    names = list(tree.find_all(nodes.Name))
    of_its_own = {name.name for name in names if name.ctx == "store"}  # {% set %}, {% for %}
    for name in (name for name in names if name.name not in of_its_own):
        if name.name in types:
            yield name.name, _is_converted(name, parents, types[name.name], place)
        elif name.name in ENTRIES:
            yield name.name, _is_read_as_entries(name, parents) or place.taken_as == "entries"
        elif name.name in CHARTS:
            path, node = _path(name, parents)
            if _is_boolean_of_chart(path):
                yield ".".join(path), _is_converted(node, parents, "bool", place)


def raw_reads(place: Place, types: Mapping[str, str]) -> list[str]:
    """Return what `place` reads as it was typed."""
    return [f"{place.where}: {name}" for name, converted in reads(place, types) if not converted]


def _is_converted(name: nodes.Node, parents: Parents, kind: str, place: Place) -> bool:
    node, parent = name, parents[name]
    while isinstance(parent, nodes.Filter) and parent.node is node and parent.name in ("default", "d"):
        node, parent = parent, parents[parent]
    if isinstance(parent, nodes.Filter) and parent.node is node:
        return parent.name in CONVERTERS[kind]
    if isinstance(parent, nodes.Keyword):  # model_namespaces(gitops=…)
        outer = parents[parent]
        return kind == "bool" and isinstance(outer, nodes.Filter) and outer.name in READERS
    if isinstance(parent, nodes.Test):
        return parent.name in ("defined", "undefined")
    if isinstance(parent, nodes.Output):
        # A template that is nothing but the variable hands it on as it is; in a text, a number is its digits.
        alone = len(parent.nodes) == 1 and not place.file
        return place.taken_as == kind if alone else kind == "int"
    return isinstance(parent, nodes.Concat) and kind == "int"


def _is_read_as_entries(name: nodes.Node, parents: Parents) -> bool:
    node, parent = name, parents[name]
    while isinstance(parent, nodes.Add):
        node, parent = parent, parents[parent]
    if not isinstance(parent, nodes.Filter):
        return False
    only_names = parent.name == "map" and any(
        option.key == "attribute" and isinstance(option.value, nodes.Const) and option.value.value == "name"
        for option in parent.kwargs
    )
    return parent.name in READERS or (only_names and parent.node is node)


def _path(name: nodes.Name, parents: Parents) -> tuple[tuple[str, ...], nodes.Node]:
    """Return the path of attributes that begins with a variable, and its last node."""
    path, node = [name.name], parents[name]
    last: nodes.Node = name
    while isinstance(node, nodes.Getattr):
        path.append(node.attr)
        last, node = node, parents[node]
    return tuple(path), last


@cache
def _values_of_chart(name: str) -> Any:
    return yaml.safe_load((CHECKOUT / CHARTS[name]).read_text())


def _is_boolean_of_chart(path: tuple[str, ...]) -> bool:
    value: Any = _values_of_chart(path[0])
    for key in path[1:]:
        value = value.get(key) if isinstance(value, dict) else None
    return isinstance(value, bool) or path in CHARTS_OWN
