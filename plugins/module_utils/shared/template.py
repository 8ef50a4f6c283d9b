# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The objects of an OpenShift Template for given parameters, as `oc process` makes them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ..kube.errors import EngineError
from ..kube.objects import Object, section

_TEXT = re.compile(r"\$\{([a-zA-Z0-9_]+)\}")
_VALUE = re.compile(r"\$\{\{([a-zA-Z0-9_]+)\}\}")


def processed(template: Object, given: Mapping[str, str], namespace: str) -> list[Object]:
    """Return the template's objects with the values `given` by parameter name, in `namespace` unless they name one.

    Raises EngineError for a parameter that would be generated or is required, and is not given.
    """
    values = {each["name"]: _value(each, given) for each in template.get("parameters") or []}
    labels = section(template, "labels")
    return [_placed(_filled(obj, values), _filled(labels, values), namespace) for obj in template.get("objects") or []]


def _value(parameter: Object, given: Mapping[str, str]) -> str:
    name = parameter["name"]
    value = given.get(name, parameter.get("value") or "")
    if not value and (parameter.get("required") or (parameter.get("generate") and name not in given)):
        raise EngineError(f"parameter {name} of the template has no value")
    return value


def _filled(found: Any, values: Mapping[str, str]) -> Any:
    """Return `found` with ${NAME} replaced in all its texts; a text that is ${{NAME}} becomes the value's JSON."""
    if isinstance(found, dict):
        return {_filled(key, values): _filled(value, values) for key, value in found.items()}
    if isinstance(found, list):
        return [_filled(each, values) for each in found]
    if not isinstance(found, str):
        return found
    whole = _VALUE.fullmatch(found)
    if whole and whole[1] in values:
        return json.loads(values[whole[1]])
    return _TEXT.sub(lambda match: values.get(match[1], match[0]), found)


def _placed(obj: Object, labels: Mapping[str, str], namespace: str) -> Object:
    metadata = {"namespace": namespace, **section(obj, "metadata")}
    return {**obj, "metadata": {**metadata, "labels": {**section(metadata, "labels"), **labels}}}
