"""What an option of an argument spec says of its values, in words: type, choices, default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from tools.markup import code

Spec = Mapping[str, Any]


def type_of(option: Spec) -> str:
    """Return a variable's type in words, for instance `list of dict`."""
    kind: str = option.get("type", "str")
    return f"{kind} of {option['elements']}" if "elements" in option else kind


def default_of(option: Spec) -> str:
    """Return a default that fits into a line, or nothing when there is none, or it needs a block of its own."""
    if "default" not in option:
        return ""
    value = option["default"]
    if value == "":
        return "empty by default"
    return "" if in_block(value) else f"default {code(inline(value))}"


def in_block(value: Any) -> bool:
    """Tell whether a default is too much for a line."""
    return isinstance(value, dict | list) and len(inline(value)) > 60


def inline(value: Any) -> str:
    """Return a value in one line, as a person would type it in YAML."""
    if isinstance(value, str):
        return value
    dumped = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=10_000)
    return dumped.removesuffix("\n").removesuffix("\n...")


def traits(option: Spec) -> str:
    """Return type, choices and default of a variable, in one line."""
    choices = [code(inline(choice)) for choice in option.get("choices", ())]
    parts = [
        type_of(option),
        f"one of {', '.join(choices)}" if choices else "",
        "required" if option.get("required") else "",
        default_of(option),
        "never shown in output" if option.get("no_log") else "",
    ]
    return "; ".join(part for part in parts if part)
