# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""YAML as kubectl reads it: `=`, dates and `12:30` are strings (CRDs of Knative hold a bare `=`)."""

from __future__ import annotations

import re
from typing import Any

try:
    import yaml

    class _Loader(yaml.SafeLoader):
        pass

    _Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag.rsplit(":", 1)[-1] not in ("value", "timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    for _first in "-+0123456789":  # the first resolver that matches wins over YAML 1.1's numbers of base 60
        _sexagesimal = re.compile(r"^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$")
        _Loader.yaml_implicit_resolvers.setdefault(_first, []).insert(0, ("tag:yaml.org,2002:str", _sexagesimal))
except ImportError:  # the kubernetes library needs PyYAML too, and the connection reports what is missing
    yaml = None  # type: ignore[assignment]


def load(text: str) -> list[Any]:
    """Return the documents of a YAML text. Raises ValueError with line and column of a mistake."""
    try:
        return list(yaml.load_all(text, Loader=_Loader))
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from error


def dump(value: Any) -> str:
    """Return `value` as readable YAML with sorted keys."""
    return yaml.safe_dump(value, sort_keys=True, default_flow_style=False)
