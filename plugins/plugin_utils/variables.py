# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What was given as variables, judged by the roles' argument specs: misspelt names, values of the wrong shape.

Ansible ignores a name that no role reads. It judges values role by role, each when its turn has come, and takes text
for a mapping or a list, although templates then read that text letter by letter.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.yaml import yaml_load
from ansible_collections.seldon.openshift.plugins.module_utils.kube.redaction import names_secret
from ansible_collections.seldon.openshift.plugins.module_utils.kube.spelling import ALIKE, nearest

Spec = dict[str, Any]
Specs = dict[str, dict[str, Spec]]

ROLES = Path(__file__).parents[2] / "roles"
# What the playbooks read beside the roles' variables: how a cluster is reached.
PLAYBOOKS = ("seldon_kubeconfig", "seldon_context", "seldon_host", "seldon_api_key", "seldon_ca_cert")
# Variables of earlier releases, and what says the same now.
REMOVED = {
    "gitops_replace_secrets": "gitops_conflicts=force",
    "model_namespace_force": "model_namespace_conflicts=force",
    "postgresql_replace_secret": "postgresql_conflicts=force",
    "seldon_operators_timeout": "service_mesh_timeout=900, and so for each other chapter",
}
# Stands for a value that can't be known yet, such as one from a vault that is not open; it fits every spec.
UNKNOWN = object()

_SHARED = "common"
# Names of one role have its prefix in common, and are compared without it; whole names need more to be alike.
_ALIKE_REST, _ALIKE_WHOLE = ALIKE, 0.85
_MAPPING, _LIST = "a mapping", "a list"
_NOUNS = {"bool": "true or false", "int": "a whole number", "float": "a number", "path": "text", "str": "text"}
_NOUNS.update(dict=_MAPPING, list=_LIST)
_SHOWN_LENGTH = 40


@dataclass(frozen=True)
class Misspelt:
    """A variable with the prefix of `role` that is none of its variables; `nearest` is one that is, or empty."""

    name: str
    role: str
    nearest: str


@cache
def specifications(roles: Path = ROLES) -> Specs:
    """Return the options of every entry point of every role in the folder: `{role: {option: spec}}`."""
    found: Specs = {}
    for file in sorted(roles.glob("*/meta/argument_specs.yml")):
        entry_points = yaml_load(file.read_text(encoding="utf-8"))["argument_specs"]
        options = found.setdefault(file.parents[1].name, {})
        for entry_point in entry_points.values():
            options.update(entry_point.get("options") or {})
    return found


def options(specs: Specs) -> dict[str, Spec]:
    """Return the options of all roles: `{option: spec}`."""
    return {name: spec for each in specs.values() for name, spec in each.items()}


def misspelt(names: Iterable[str], specs: Specs, known: Iterable[str] = PLAYBOOKS) -> list[Misspelt]:
    """Return which of `names` carry a role's prefix (the longest that fits) and are variables of none, by name.

    `known` are names that are right, too.
    """
    strangers = sorted(set(names) - set(options(specs)) - set(known) - set(REMOVED))
    owned = [(name, role) for name in strangers if (role := _role_of(name, specs))]
    return [Misspelt(name, role, _nearest(name, role, specs, known)) for name, role in owned]


def removed(names: Iterable[str]) -> list[str]:
    """Return what to say of those of `names` that earlier releases read: a line that says so, and what to type."""
    return [f"{name} is no longer a variable\nsay -e {REMOVED[name]}" for name in sorted(set(names) & set(REMOVED))]


def mistyped(given: Mapping[str, Any], specs: Specs) -> list[str]:
    """Return what is wrong with the values of `{option: value}`; other names are passed over.

    A message is one line that says what is wrong; the last one of a variable has a second line that says what to type.
    A value is shown only where its spec allows no secret in it: for numbers, true or false, and choices.
    """
    known = options(specs)
    told = []
    for name, value in given.items():
        faults = list(_faults(name, value, known[name])) if name in known else []
        told += [*faults[:-1], f"{faults[-1]}\n{_form(name, known[name])}"] if faults else []
    return told


def _prefix(role: str) -> str:
    return "seldon_" if role == _SHARED else f"{role}_"


def _role_of(name: str, specs: Specs) -> str:
    return max(
        (role for role in specs if name.startswith(_prefix(role))), key=lambda role: len(_prefix(role)), default=""
    )


def _nearest(name: str, role: str, specs: Specs, known: Iterable[str]) -> str:
    prefix = _prefix(role)
    others = {*options(specs), *known}
    shared = f"{_prefix(_SHARED)}{name}"  # kafka_bootstrap, for seldon_kafka_bootstrap
    if shared in others:
        return shared
    rests = [each[len(prefix) :] for each in {*specs[role], *(known if role == _SHARED else ())}]
    if near := nearest(name[len(prefix) :], sorted(rests), _ALIKE_REST):
        return prefix + near
    return nearest(name, sorted(others), _ALIKE_WHOLE)


def _faults(path: str, value: Any, spec: Spec) -> Iterator[str]:
    """Yield what is wrong with one value and what it holds; `path` names it, as in `kafka_storage.size`."""
    kind = spec.get("type", "str")
    if value is UNKNOWN or kind not in _NOUNS:
        return
    if value is None:
        # Text that is left empty in YAML is null, too.
        if spec.get("default") is not None and _NOUNS[kind] != "text":
            yield f"{path} is empty, not {_NOUNS[kind]}"
    elif kind == "dict":
        yield from _faults_of_mapping(path, value, spec)
    elif kind == "list":
        yield from _faults_of_list(path, value, spec)
    elif _noun(value) in (_MAPPING, _LIST) or _unreadable(value, {"type": kind}):
        yield f"{path} is {_shown(value, spec)}, not {_NOUNS[kind]}"
    elif _unreadable(value, {"type": kind, "choices": spec.get("choices")}):
        yield f"{path} is {_shown(value, spec)}, not one of {', '.join(map(str, spec['choices']))}"


def _faults_of_mapping(path: str, value: Any, spec: Spec) -> Iterator[str]:
    inner = spec.get("options")
    if not isinstance(value, Mapping):
        yield f"{path} is {_noun(value)}, not {_MAPPING}"
    elif inner is not None:
        lacking = [name for name, each in inner.items() if each.get("required") and value.get(name) is None]
        yield from (f"{path} lacks {name}" for name in lacking)
        for key, item in value.items():
            if key in inner:
                yield from _faults(f"{path}.{key}", item, inner[key])
            else:
                yield f"{path} has {key}, which is none of {', '.join(sorted(inner))}"


def _faults_of_list(path: str, value: Any, spec: Spec) -> Iterator[str]:
    if _noun(value) != _LIST:
        yield f"{path} is {_noun(value)}, not {_LIST}"
        return
    element: Spec = {key: spec[key] for key in ("options", "choices", "no_log") if key in spec}
    element["type"] = spec.get("elements", "raw")
    for index, item in enumerate(value):
        yield from _faults(f"{path}[{index}]", item, element)


def _unreadable(value: Any, spec: Spec) -> bool:
    """Say whether Ansible itself would refuse the value, so that all forms that it knows (yes, 1, '3') are good."""
    return bool(ArgumentSpecValidator({"value": spec}).validate({"value": value}).error_messages)


def _noun(value: Any) -> str:
    if isinstance(value, Mapping):
        return _MAPPING
    if isinstance(value, str):
        return "text"
    if isinstance(value, Sequence):
        return _LIST
    return "true or false" if isinstance(value, bool) else "a number" if isinstance(value, (int, float)) else "a date"


def _shown(value: Any, spec: Spec) -> str:
    plain = _noun(value) not in (_MAPPING, _LIST)
    if plain and not spec.get("no_log") and (spec.get("choices") or spec.get("type") in ("bool", "int", "float")):
        text = str(value)
        return f"'{text if len(text) <= _SHOWN_LENGTH else text[: _SHOWN_LENGTH - 1] + '…'}'"
    return _noun(value)


def _form(name: str, spec: Spec) -> str:
    """Return how the option is typed on a command line."""
    kind = spec.get("type", "str")
    if kind in ("dict", "list"):
        default = spec.get("default")  # a template is text
        value = default if default and not isinstance(default, str) else _example(spec)
        return f"-e {shlex.quote(json.dumps({name: value}))}"
    if spec.get("choices"):
        return " or ".join(f"-e {name}={choice}" for choice in spec["choices"])
    return f"-e {name}={json.dumps(spec['default'])}" if kind in ("bool", "int", "float") else f"-e {name}=..."


def _example(spec: Spec) -> Any:
    """Return a small value that fits: the first choice, what is required, or nothing."""
    kind = spec.get("type", "str")
    if kind == "list":
        element = {"type": spec.get("elements", "raw"), "options": spec.get("options"), "choices": spec.get("choices")}
        inner = _example(element) if spec.get("choices") or spec.get("options") else None
        return [inner] if inner else []
    if kind == "dict":
        inner = spec.get("options") or {}
        return {name: _example(each) for name, each in inner.items() if each.get("required")}
    if spec.get("choices"):
        return spec["choices"][0]
    return {"bool": True, "int": 1, "float": 1.0}.get(kind, "foo")


def holds_secret(spec: Spec) -> bool:
    """Say whether a variable is a secret by its spec, or something in it by its spec or name."""
    inner = (spec.get("options") or {}).items()
    return bool(spec.get("no_log")) or any(names_secret(name) or holds_secret(each) for name, each in inner)


def secret_texts(value: Any, spec: Spec) -> set[str]:
    """Return the texts in a variable's value that are secrets by its spec, or by their names in it."""
    if spec.get("no_log"):
        return _texts_in(value)
    if isinstance(value, (list, tuple)):
        return {text for each in value for text in secret_texts(each, spec)}
    if not isinstance(value, Mapping):
        return set()
    known = {name: each for name, each in (spec.get("options") or {}).items() if name in value}
    secret = {name: {**each, "no_log": names_secret(name) or each.get("no_log")} for name, each in known.items()}
    return {text for name, each in secret.items() for text in secret_texts(value[name], each)}


def _texts_in(value: Any) -> set[str]:
    if isinstance(value, Mapping):
        return _texts_in(list(value.values()))
    if isinstance(value, (list, tuple)):
        return {text for each in value for text in _texts_in(each)}
    return {str(value)} - {""} if isinstance(value, str) else set()
