# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The options by which a task names its cluster, and their K8S_AUTH_* variables, as kubernetes.core knows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .dependencies import AUTH_ARG_MAP, AUTH_ARG_SPEC

PREFIX = "K8S_AUTH_"
_HEADERS = ("proxy_basic_auth", "basic_auth", "user_agent")
NAMES = frozenset((*AUTH_ARG_SPEC, *(alias for spec in AUTH_ARG_SPEC.values() for alias in spec.get("aliases", ()))))
# What an option is in a kubeconfig's user.
USER = {
    "api_key": "token",
    "username": "username",
    "password": "password",
    "impersonate_user": "as",
    "impersonate_groups": "as-groups",
}
# What an option takes the place of in a kubeconfig's user.
_SECRETS = ("token", "tokenFile", "exec", "auth-provider", "username", "password")
_CERTIFICATES = ("client-certificate", "client-certificate-data", "client-key", "client-key-data")
REPLACED = {"api_key": _SECRETS, "password": _SECRETS, "client_cert": _CERTIFICATES}


@dataclass(frozen=True)
class Option:
    """The value of an option, and who gave it: `the option ca_cert`, `K8S_AUTH_SSL_CA_CERT`."""

    value: Any
    origin: str


Options = Mapping[str, Option]


def read_options(params: Mapping[str, Any], environ: Mapping[str, str]) -> Options:
    """Return the options that have a value, by their names; what a task says wins over the environment."""
    library = {name: other for other, name in AUTH_ARG_MAP.items()}
    found: dict[str, Option] = {}
    for name, spec in AUTH_ARG_SPEC.items():
        other = library.get(name, name)
        given = next((params[each] for each in (name, other) if params.get(each) not in (None, "")), None)
        if given is not None:
            found[name] = Option(given, f"the option {name}")
            continue
        variable = next((f"{PREFIX}{each.upper()}" for each in (name, other) if _has(environ, each)), "")
        if variable:
            found[name] = Option(_typed(environ[variable], spec), variable)
    headers = {each: environ[f"{PREFIX}PROXY_HEADERS_{each.upper()}"] for each in _HEADERS if _has(environ, each, True)}
    if headers and "proxy_headers" not in found:
        found["proxy_headers"] = Option(headers, f"{PREFIX}PROXY_HEADERS_*")
    return found


def without_options(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return a task's arguments without those that name its cluster."""
    return {name: value for name, value in arguments.items() if name not in NAMES}


def _has(environ: Mapping[str, str], name: str, header: bool = False) -> bool:
    return bool(environ.get(f"{PREFIX}{'PROXY_HEADERS_' if header else ''}{name.upper()}"))


def _typed(value: str, spec: Mapping[str, Any]) -> Any:
    if spec.get("type") == "bool":
        return value.strip().lower() not in ("0", "false", "no", "off", "n", "f")
    return [each for each in value.split(",") if each] if spec.get("type") == "list" else value
