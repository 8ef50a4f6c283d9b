# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Named collections of objects: how a task asks for them, and what it is told of each object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.validation import check_type_dict
from ansible.module_utils.errors import UnsupportedError

from .client import Client
from .errors import EngineError, KindNotServed
from .objects import Kind, Object, section

KIND_SPEC: dict[str, Any] = {
    "api_version": {"type": "str", "required": True},
    "kind": {"type": "str", "required": True},
}
_SPEC: dict[str, Any] = {
    **KIND_SPEC,
    "name": {"type": "str"},
    "namespace": {"type": "str"},
    "labels": {"type": "str"},
    "details": {"type": "bool", "default": False},
}
_FORM = (
    "objects is a mapping of names to collections, for instance "
    "objects: {brokers: {api_version: eventing.knative.dev/v1, kind: Broker}}; "
    "the result's objects.brokers lists them."
)


@dataclass(frozen=True)
class Collection:
    """Which objects to name: all of a kind, or those that name, namespace and label selector leave."""

    api_version: str
    kind: str
    name: str | None
    namespace: str | None
    labels: str | None
    details: bool

    def listed(self, client: Client) -> list[dict[str, Any]]:
        """Return what `named` says of each object; nothing for a kind that is not served. Raises ApiError."""
        field = f"metadata.name={self.name}" if self.name else None
        try:
            found = client.list(Kind(self.api_version, self.kind), self.namespace, self.labels, field)
        except KindNotServed:
            return []
        return [named(obj, self.details) for obj in found]


def collections_of(given: Any) -> dict[str, Collection]:
    """Return the collections of the option `objects` by their names. Raises EngineError with all that is wrong."""
    try:
        entries = check_type_dict({} if given is None else given)
    except TypeError as error:
        raise EngineError(_FORM) from error
    read = {name: _collection(name, entry) for name, entry in entries.items()}
    if problems := [problem for each in read.values() if isinstance(each, list) for problem in each]:
        raise EngineError(" ".join(problems))
    return {name: each for name, each in read.items() if isinstance(each, Collection)}


def named(obj: Object, details: bool) -> dict[str, Any]:
    """Return which object it is and, with `details`, whose; never its content."""
    metadata = obj["metadata"]
    identity = {"namespace": metadata.get("namespace"), "name": metadata["name"]}
    if not details:
        return identity
    owners = [f"{each['kind']} {each['name']}" for each in metadata.get("ownerReferences") or []]
    return {
        **identity,
        "api_version": obj["apiVersion"],
        "kind": obj["kind"],
        "labels": metadata.get("labels") or {},
        "owner": owners[0] if owners else "",
        "release": section(obj, "metadata", "annotations").get("meta.helm.sh/release-name", ""),
    }


def _collection(name: Any, entry: Any) -> Collection | list[str]:
    """Return one entry of `objects`, or what is wrong with it, as sentences."""
    if not str(name).isidentifier():
        return [f"objects: '{name}' is not an identifier: use letters, digits and underscores, and no digit first."]
    if hasattr(dict, name):
        return [f"objects: '{name}' is a method of every mapping, which .objects.{name} would read: take another name."]
    if not isinstance(entry, dict):
        return [f"objects.{name} is not a mapping: {_FORM}"]
    result = ArgumentSpecValidator(_SPEC).validate(entry)
    problems = [f"objects.{name}: {_sentence(error)}." for error in result.errors]
    return problems or Collection(**result.validated_parameters)


def _sentence(error: Any) -> str:
    message = str(error.msg).rstrip(".")
    return f"unsupported parameters: {message}" if isinstance(error, UnsupportedError) else message
