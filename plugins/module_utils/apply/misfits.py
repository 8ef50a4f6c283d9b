# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What of an object its CRD does not take: fields that it does not know, and values of another shape: pure functions.

The API server tells the first such field only, in the words of its libraries, and after other objects were written.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..kube.objects import Kind, Object, section
from ..kube.spelling import advice

Schema = Mapping[str, Any]
_SHAPES: dict[str, tuple[type, ...]] = {
    "object": (Mapping,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}
_WORDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
}
_OF_EVERY_OBJECT = ("apiVersion", "kind", "metadata")
_LONGEST = 60
# Of more, none is likely.
_MEANT = 3


@dataclass(frozen=True)
class Misfit:
    """A value that the CRD does not take. path: where it stands, such as `.spec.parts[0].name`; said: what is wrong."""

    path: str
    said: str

    def told(self, kind: Kind, given_by: Mapping[str, str]) -> str:
        """Return it as a sentence; given_by: variables that hold parts of the object, each with its part's path."""
        inside = {name: path for name, path in given_by.items() if f"{self.path}.".startswith(f"{path}.")}
        if not inside:
            return f"{self.path} of {kind.name} {self.said}"
        name = max(inside, key=lambda each: len(inside[each]))
        return f"{name}{self.path[len(inside[name]) :]} ({self.path} of {kind.name}) {self.said}"


def schema_of(crd: Object | None, kind: Kind) -> Schema | None:
    """Return the schema that a CRD has for the version of a kind; None without one."""
    versions = section(crd, "spec").get("versions") or []
    wanted = kind.api_version.rpartition("/")[2]
    return next((section(each, "schema").get("openAPIV3Schema") for each in versions if each["name"] == wanted), None)


def misfits(obj: Any, schema: Schema) -> Iterator[Misfit]:
    """Yield what a schema does not take of an object, or of a part of one from the top: {spec: ...}."""
    given = {key: value for key, value in obj.items() if key not in _OF_EVERY_OBJECT}
    yield from _of_mapping(given, schema, "")


def _of_value(value: Any, schema: Schema, path: str) -> Iterator[Misfit]:
    if value is None:
        return
    if wrong := _wrong(value, schema):
        yield Misfit(path, wrong)
    elif isinstance(value, Mapping):
        yield from _of_mapping(value, schema, path)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _of_value(item, schema.get("items") or {}, f"{path}[{index}]")


def _of_mapping(value: Mapping[str, Any], schema: Schema, path: str) -> Iterator[Misfit]:
    known, others = schema.get("properties") or {}, schema.get("additionalProperties")
    for key, item in value.items():
        if key in known:
            yield from _of_value(item, known[key], f"{path}.{key}")
        elif isinstance(others, Mapping):
            yield from _of_value(item, others, f"{path}.{key}")
        elif not _is_open(schema, key):
            yield Misfit(f"{path}.{key}", _unknown(key, schema))


def _is_open(schema: Schema, key: str) -> bool:
    """Say whether a mapping may hold a field that its schema does not name."""
    embedded = schema.get("x-kubernetes-embedded-resource") and key in _OF_EVERY_OBJECT
    preserved = schema.get("x-kubernetes-preserve-unknown-fields") or schema.get("additionalProperties")
    return bool(embedded or preserved or schema.get("type") != "object")


def _unknown(key: str, schema: Schema) -> str:
    """Return the words for a field that is none, with those that may be meant."""
    known = {name.lower(): name for name in schema.get("properties") or {}}
    near = [known[each] for each in difflib.get_close_matches(key.lower(), known)]
    meant = near or list(_deeper(key, schema))
    told = meant if len(meant) <= _MEANT else []
    return f"is no field; {advice(told, sorted(known.values()))}" if told or known else "is no field"


def _deeper(key: str, schema: Schema, levels: int = 2) -> Iterator[str]:
    """Yield the paths at which a field of this name stands further below."""
    for name, below in (schema.get("properties") or {}).items():
        if key in (below.get("properties") or {}):
            yield f"{name}.{key}"
        if levels:
            yield from (f"{name}.{path}" for path in _deeper(key, below, levels - 1))


def _wrong(value: Any, schema: Schema) -> str:
    """Return what is wrong with a value itself, empty when nothing is."""
    shape = schema.get("type")
    if schema.get("x-kubernetes-int-or-string"):
        fits = isinstance(value, (int, str)) and not isinstance(value, bool)
        return "" if fits else f"is {_shape(value)}, and has to be a number or a text"
    if shape in _SHAPES and not _has_shape(value, str(shape)):
        return f"is {_shape(value)}, and has to be {_WORDS[str(shape)]}"
    if schema.get("enum") and value not in schema["enum"]:
        return f"is {_short(value)}, and has to be one of {', '.join(map(_short, schema['enum']))}"
    return _out_of_range(value, schema)


def _out_of_range(value: Any, schema: Schema) -> str:
    least, most, items = schema.get("minimum"), schema.get("maximum"), schema.get("minItems")
    if isinstance(value, list):
        return f"has {len(value)} items, and needs {items} at least" if items and len(value) < items else ""
    if not _has_shape(value, "number"):
        return ""
    if least is not None and value < least:
        return f"is {value}, and has to be {least} at least"
    return f"is {value}, and may be {most} at most" if most is not None and value > most else ""


def _has_shape(value: Any, shape: str) -> bool:
    if isinstance(value, bool) or shape == "boolean":
        return isinstance(value, bool) and shape == "boolean"
    if shape == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _SHAPES[shape])


def _shape(value: Any) -> str:
    found: Sequence[str] = [shape for shape in _SHAPES if _has_shape(value, shape)]
    return _WORDS[found[0]] if found else type(value).__name__


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
