# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Taking secrets out of objects and text before anything is written. What is in doubt goes.

Three nets, one behind the other: what has a place for secrets (Secrets, literals of environments, fields named so);
what looks like one (tokens, private keys, URLs with credentials, `password=`); every value that a Secret holds,
wherever else it may stand.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..kube.objects import section
from ..kube.redaction import PRIVATE_KEY, WORD, hiding, names_secret

REMOVED = "<removed>"
EMPTY = "<empty>"
# What Secrets hold beside secrets, by the end of the key: ordinary words, addresses and certificates.
PUBLIC_KEYS = re.compile(
    r"(?i)(name|user|host|port|database|address|server|url|namespaces?|project|email|type|sslmode|known_hosts|\.crt)$"
)
SHORTEST = 4  # a shorter value, and such a one, stands everywhere
PLAIN = re.compile(r"(?i)^(true|false|none|null|default|\d{1,6})$")
KEY_MATERIAL = re.compile(r"^\S{24,}$")  # a line of a longer value that may stand alone
# Annotations that repeat what an object holds.
COPIES = ("kubectl.kubernetes.io/last-applied-configuration",)

_TEXTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (PRIVATE_KEY, REMOVED),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*"), REMOVED),  # a JSON Web Token
    (re.compile(r"(?i)\b(bearer|basic)(\s+)[\w.~+/=-]{6,}"), rf"\1\2{REMOVED}"),
    # Of a URL: user:password@, whatever the password holds; by http also a user alone, who may be a token.
    (re.compile(r"(?i)(\b[a-z][a-z0-9+.-]*://)[^\s/@:\"']*:[^\s@\"']+@"), rf"\1{REMOVED}@"),
    (re.compile(r"(?i)(\bhttps?://)[^\s/@\"']+@"), rf"\1{REMOVED}@"),
    # A query of a URL holds whatever the receiver wants to see, and chat services have the token in the path.
    (re.compile(r"(?i)(\bhttps?://[^\s?\"'<>]+\?)[^\s\"'<>]+"), rf"\1{REMOVED}"),
    (re.compile(r"(?i)(\bhttps?://[^\s/\"'<>]*hook[^\s/\"'<>]*/)[^\s\"'<>]+"), rf"\1{REMOVED}"),
    (
        re.compile(rf"(?i)(\b[\w.-]*{WORD}[\"']?\s*[:=]\s*)(\"[^\"\n]+\"|'[^'\n]+'|[^\s\"',;&{{}}\[\]<>]+)"),
        rf"\1{REMOVED}",
    ),
)


def secret_values(secrets: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return every value that the Secrets hold, decoded and encoded."""
    found: set[str] = set()
    for secret in secrets:
        for key, value in section(secret, "data").items():
            if not PUBLIC_KEYS.search(key) and value:
                found |= _forms(value)
        found |= {v for v in section(secret, "metadata", "annotations").values() if v.startswith("eyJ")}
    return sorted(found)


def _forms(encoded: str) -> set[str]:
    """Return a Secret's value as it stands there, as text, without the text's ends, and its lines of key material."""
    try:
        decoded = base64.b64decode(encoded).decode()
    except ValueError:  # bytes, of which only the encoded form can stand in a text
        return {encoded}
    if len(decoded.strip()) < SHORTEST or PLAIN.match(decoded.strip()):
        return set()
    lines = decoded.splitlines()
    return {encoded, decoded, decoded.strip(), *(line for line in lines if len(lines) > 1 and KEY_MATERIAL.match(line))}


def scrubber(secrets: Iterable[Mapping[str, Any]]) -> Callable[[str], str]:
    """Return the function that takes out of a text what looks like a secret, and all that these Secrets hold."""
    hide = hiding(secret_values(secrets), REMOVED)

    def scrub(text: str) -> str:
        text = hide(text)
        for pattern, instead in _TEXTS:
            text = pattern.sub(instead, text)
        return text

    return scrub


def redacted(obj: Mapping[str, Any], scrub: Callable[[str], str]) -> dict[str, Any]:
    """Return a copy of an object without secrets, `managedFields` and annotations that repeat it."""
    metadata = {key: value for key, value in section(obj, "metadata").items() if key != "managedFields"}
    annotations = {k: v for k, v in section(obj, "metadata", "annotations").items() if k not in COPIES}
    if obj.get("kind") == "Secret":
        held = {key: _gone(value) for field in ("data", "stringData") for key, value in section(obj, field).items()}
        annotations = dict.fromkeys(annotations, REMOVED)
        obj = {"apiVersion": obj["apiVersion"], "kind": "Secret", "type": obj.get("type"), "data": held}
    if annotations:
        metadata["annotations"] = annotations
    else:
        metadata.pop("annotations", None)
    cleaned: dict[str, Any] = _walk({**obj, "metadata": metadata}, scrub)
    return cleaned


def _gone(value: Any) -> str:
    return REMOVED if value else EMPTY


def _walk(value: Any, scrub: Callable[[str], str], field: str = "") -> Any:
    if isinstance(value, Mapping):
        # A variable of an environment, or a parameter: {name: DB_PASSWORD, value: ...}
        literal = isinstance(value.get("value"), str) and names_secret(str(value.get("name", "")))
        return {k: _gone(v) if literal and k == "value" else _walk(v, scrub, str(k)) for k, v in value.items()}
    if isinstance(value, list):
        # An argument of a command follows its option: --password, x
        before = ["", *(entry if isinstance(entry, str) and entry.startswith("-") else "" for entry in value)]
        return [_walk(entry, scrub, option or field) for entry, option in zip(value, before)]
    if isinstance(value, str):
        return _gone(value) if names_secret(field) and value not in (REMOVED, EMPTY) else scrub(value)
    return value
