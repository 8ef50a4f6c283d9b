# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Manifests: from YAML text, or what a playbook gives, to clean objects that can be applied. Pure functions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ..kube.discovery import KNOWN
from ..kube.errors import EngineError
from ..kube.jsontext import no_text, whole
from ..kube.objects import Kind, Object, Objects, Reference, section
from ..kube.secrets import encoded
from ..kube.yamltext import load
from .refused import identity_problems, value_problems


def parse(text: str, origin: str) -> Objects:
    """Return the objects of a YAML (or JSON) text with any number of documents; `origin` names it in errors.

    Raises EngineError with line and column of a mistake.
    """
    try:
        documents = load(text)
    except ValueError as error:
        raise EngineError(f"{origin} is not valid YAML: {error}") from error
    for document in documents:
        if isinstance(document, str):
            raise EngineError(f"{origin} holds the text {document[:40]!r} where an object should be.")
    return [obj for document in documents for obj in read(document, origin)]


def read(value: Any, origin: str) -> Objects:
    """Return the objects in `value`: None, an object, a `List`, YAML text, or a list of those. Raises EngineError."""
    if value is None:
        return []
    if isinstance(value, str):
        return parse(value, origin)
    if isinstance(value, (list, tuple)):
        return [obj for index, item in enumerate(value) for obj in read(item, f"{origin}[{index}]")]
    if not isinstance(value, dict):
        raise EngineError(
            f"{origin} is not a Kubernetes object but {type(value).__name__}: give a mapping with apiVersion and kind."
        )
    if str(value.get("kind", "")).endswith("List") and isinstance(value.get("items"), (list, tuple)):
        return read(value["items"], f"{origin}.items")
    return [plain(value, origin)]


def plain(value: Any, origin: str) -> Any:
    """Return `value` as the plain types of JSON: Ansible hands over subclasses. Raises EngineError for others."""
    if isinstance(value, dict):
        return {_key(key, origin): plain(item, f"{origin}.{key}") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, f"{origin}[{index}]") for index, item in enumerate(value)]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value, origin)
    for base in (int, float):
        if isinstance(value, base):
            return base(value)
    raise EngineError(f"{origin} is a {type(value).__name__}, which JSON has no type for: put it in quotes.")


def prepare(
    objects: Iterable[Object], namespace: str | None = None, owner_labels: dict[str, str] | None = None
) -> Objects:
    """Return copies that can be applied: checked, without what only the server writes, with `owner_labels`.

    An object without namespace gets `namespace`, unless its kind is known to be cluster-wide. A Secret's stringData is
    folded into its data, so that both can be compared with what the server holds. Raises EngineError when an object
    lacks apiVersion, kind or name, holds values that are no texts, or is given twice, naming all of them.
    """
    prepared: dict[Reference, Object] = {}
    problems = []
    for index, obj in enumerate(objects):
        if wrong := identity_problems(obj):
            problems.append(f"{_who(obj) or f'object {index + 1}'} {', '.join(wrong)}")
            continue
        if wrong := value_problems(obj):
            problems.append(f"{_who(obj)} {', '.join(wrong)}")
            continue
        clean = _clean(obj, section(obj, "metadata"), namespace, owner_labels or {})
        reference = Reference.of(clean)
        if reference in prepared:
            problems.append(f"{reference} is given twice")
        prepared[reference] = clean
    if problems:
        raise EngineError(f"not every object can be applied: {'; '.join(problems)}.")
    return list(prepared.values())


def spread(objects: Iterable[Object], namespaces: Iterable[str]) -> Objects:
    """Return the objects, with a copy in each of `namespaces` of those that live in one and do not name it.

    A kind that is not known to be cluster-wide counts as living in a namespace.
    """
    homes = list(namespaces)
    return [placed for obj in objects for placed in ([obj] if _placed(obj) else [_in(obj, home) for home in homes])]


def _who(obj: Object) -> str:
    """Return kind, namespace and name of an object, as far as it has them."""
    metadata = section(obj, "metadata")
    place = "/".join(str(each) for each in (metadata.get("namespace"), metadata.get("name")) if each is not None)
    return " ".join(str(each) for each in (obj.get("kind"), place) if each)


def _placed(obj: Object) -> bool:
    known = KNOWN.get(Kind(obj.get("apiVersion", ""), obj.get("kind", "")))
    return bool(section(obj, "metadata").get("namespace") or (known and not known.namespaced))


def _in(obj: Object, namespace: str) -> Object:
    return {**obj, "metadata": {**section(obj, "metadata"), "namespace": namespace}}


def _clean(obj: Object, metadata: Object, namespace: str | None, owner_labels: dict[str, str]) -> Object:
    written_by_server = ("creationTimestamp", "resourceVersion", "uid", "generation", "managedFields", "selfLink")
    clean = {key: value for key, value in obj.items() if key != "status"}
    clean["metadata"] = {key: value for key, value in metadata.items() if key not in written_by_server}
    known = KNOWN.get(Kind.of(obj))
    if namespace and not metadata.get("namespace") and (known is None or known.namespaced):
        clean["metadata"]["namespace"] = namespace
    if owner_labels:
        clean["metadata"]["labels"] = {**section(metadata, "labels"), **owner_labels}
    if clean["kind"] == "Secret" and clean["apiVersion"] == "v1" and "stringData" in clean:
        given = clean.pop("stringData") or {}
        wanted = {key: encoded(text) for key, text in given.items()}
        clean["data"] = {**section(clean, "data"), **wanted}
    return clean


def _key(key: Any, origin: str) -> str:
    return _text(key, f"a key of {origin}") if isinstance(key, str) else json.dumps(key)


def _text(text: str, origin: str) -> str:
    try:
        return whole(str(text))
    except UnicodeError:
        raise EngineError(no_text(origin)) from None
