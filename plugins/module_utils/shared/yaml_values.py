# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The values of YAML nodes as Go's gopkg.in/yaml.v2 decodes them. Keys are texts."""

from __future__ import annotations

import base64
import re
from typing import Any

from ..kube.go_scalars import Scalar, go_value
from .yaml_tree import Alias, is_merge, name_of

try:
    import yaml
except ImportError:  # yamltext's users report it
    yaml = None  # type: ignore[assignment]

_SURROGATE = re.compile("[\ud800-\udfff]")
_TAG = "tag:yaml.org,2002:"


class Plain(str):
    """A scalar without quotes that is no string, unless the field wants one: `007`, `1.10`, `yes`."""

    __slots__ = ()

    @property
    def value(self) -> Scalar:
        """What it is to a field of another type."""
        return go_value(self)


class Values:
    """Decodes nodes: by their types, or by their texts (`Plain`), as Go decodes into fields that are strings.

    Texts stand for a strict decoding, where a key may be given only once. Raises ValueError.
    """

    def __init__(self, texts: bool) -> None:
        self._texts = texts
        self._known: dict[int, Any] = {}
        self._open: set[int] = set()

    def of(self, node: Any) -> Any:
        """Return the value of a node."""
        node = node.value if isinstance(node, Alias) else node
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if id(node) in self._open:
            raise ValueError(f"line {node.start_mark.line + 1}: an anchor holds an alias of itself")
        if id(node) not in self._known:
            self._open.add(id(node))
            self._known[id(node)] = self._collection(node)
            self._open.remove(id(node))
        return self._known[id(node)]

    def _collection(self, node: Any) -> Any:
        if isinstance(node, yaml.SequenceNode):
            return [self.of(each) for each in node.value]
        values: dict[str, Any] = {}
        own: set[str] = set()
        for key, value in node.value:  # in their order: to Go, a merge wins over the keys before it
            if is_merge(key):
                values.update(self._merged(value))
                continue
            name = name_of(key)
            if self._texts and name in own:
                raise ValueError(f"line {key.start_mark.line + 1}: {name} is given more than once")
            own.add(name)
            values[name] = self.of(value)
        return values

    def _merged(self, node: Any) -> dict[str, Any]:
        value = self.of(node)
        maps = value if isinstance(value, list) else [value]
        if not all(isinstance(each, dict) for each in maps):
            raise ValueError(f"line {node.start_mark.line + 1}: what is merged (<<) is not a mapping")
        return {key: each for one in reversed(maps) for key, each in one.items()}

    def _scalar(self, node: Any) -> Any:
        if _SURROGATE.search(node.value):
            raise ValueError(f"line {node.start_mark.line + 1}: an escape is half of a character")
        tag = node.tag.rpartition(_TAG)[2]
        if tag == "binary":
            return base64.b64decode(node.value).decode()
        if tag not in ("null", "bool", "int", "float"):
            return node.value
        value = go_value(node.value)
        return Plain(node.value) if self._texts and value is not None else value
