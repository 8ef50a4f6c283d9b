"""Templates processed as OpenShift does: parameters given, generated or refused, then put into every string."""

from __future__ import annotations

import copy
import json
import re
import secrets
import string
from typing import Any

from sandbox.kube import Object

TEXT = re.compile(r"\$\{([a-zA-Z0-9_]+)\}")
VALUE = re.compile(r"\$\{\{([a-zA-Z0-9_]+)\}\}")
GENERATOR = re.compile(r"\[([^\]]+)\]\{(\d+)\}")
RANGES = {
    "a-z": string.ascii_lowercase,
    "A-Z": string.ascii_uppercase,
    "0-9": string.digits,
    r"\w": string.ascii_letters + string.digits + "_",
    r"\d": string.digits,
}


class TemplateError(Exception):
    """The template cannot be instantiated; the message is OpenShift's."""


def process(template: Object, given: dict[str, str]) -> list[Object]:
    """Return the template's objects with the values `given` by parameter name. Raises TemplateError."""
    values = {}
    for index, parameter in enumerate(template.get("parameters", [])):
        name = parameter["name"]
        value = given.get(name, parameter.get("value", ""))
        if not value and name not in given and parameter.get("generate") == "expression":
            value = generate(parameter["from"])
        if not value and parameter.get("required"):
            reason = f"template.parameters[{index}]: Required value"
            raise TemplateError(f"{reason}: parameter {name} is required and must be specified")
        values[name] = value
    objects = [substitute(copy.deepcopy(obj), values) for obj in template["objects"]]
    for obj in objects:
        labels = obj["metadata"].get("labels", {}) | template.get("labels", {})
        obj["metadata"]["labels"] = {key: substitute(value, values) for key, value in labels.items()}
    return objects


def substitute(value: Any, values: dict[str, str]) -> Any:
    """Return `value` with ${NAME} replaced in all its strings; a string that is ${{NAME}} becomes the value's JSON."""
    if isinstance(value, dict):
        return {substitute(key, values): substitute(entry, values) for key, entry in value.items()}
    if isinstance(value, list):
        return [substitute(entry, values) for entry in value]
    if not isinstance(value, str):
        return value
    if (match := VALUE.fullmatch(value)) and match[1] in values:
        return json.loads(values[match[1]])
    return TEXT.sub(lambda match: values.get(match[1], match[0]), value)


def generate(expression: str) -> str:
    """Return a random text for an expression like `user[A-Z0-9]{3}`."""

    def characters(match: re.Match[str]) -> str:
        alphabet = "".join(characters for name, characters in RANGES.items() if name in match[1])
        return "".join(secrets.choice(alphabet) for _ in range(int(match[2])))

    return GENERATOR.sub(characters, expression)
