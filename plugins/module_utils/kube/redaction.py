# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What is or may be a secret, and hiding it in text: the one list of words for diffs, errors, advice and archives."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, unquote

from .kubeconfig import ORIGINS, PATHS
from .paths import is_content

HIDDEN = "(hidden)"
HIDDEN_CHANGED = "(hidden, changed)"
# What is shorter is a part of many words; of a secret of several lines, what is shorter is no secret.
SHORTEST = 4
LINE = 16
# A private key is one wherever it stands: in a Route, a ConfigMap, an error. One that was cut off counts, too.
PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)", re.S)
# The secrets of a kubeconfig whose names do not say so.
_SECRET_FIELDS = ("client-key-data", "client-certificate-data")

# More names of what is secret for the plugins of kubeconfigs, by their ends, and those that only lead to a secret.
_CREDENTIALS = ("KEY", "PASS", "PASSCODE", "PWD", "PW", "AUTH", "AUTHORIZATION", "PIN", "OTP", "COOKIE", "JWT", "_PAT")
_LEADING = ("FILE", "PATH", "DIR", "NAME", "URL", "URI", "HOST")
_SHORT = ("-p", "-P", "-pw", "-w", "-t", "-k", "-s")
_USERS = ("-u", "--user", "--proxy-user")
# An address with a login: whatever the password holds, unless it is the port of an address without.
_LOGIN = re.compile(r"(?i)(?P<scheme>\b[a-z][a-z0-9+.-]*://)(?:\S*|[^\s/@:]*:(?!\d+(?:[\s/?#]|$))[^@\n]*)@")
_HEADER = re.compile(r"(?i)^[\w-]*(?:authorization|cookie|token|key|secret)\s*:\s*(?:\w+\s+)?(?P<value>\S+)\s*$")

# Each is a part of a regular expression.
WORDS = (
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "credentials?",
    "id_rsa",
    "api[-_.]?key",
    "access[-_.]?key",
    "private[-_.]?key",
)
WORD = rf"(?:{'|'.join(WORDS)})"
_NAME = re.compile(rf"{WORD}$", re.IGNORECASE)
_ANYWHERE = re.compile(WORD, re.IGNORECASE)


def names_secret(name: str) -> bool:
    """Say whether what a field, variable or option of this name holds is a secret: `dbPassword`, `DB_PASSWORD`.

    `secretName` and `jwtSecretKey` only lead to one.
    """
    return _NAME.search(name) is not None


def mentions_secret(text: str) -> bool:
    """Say whether one of the words stands anywhere in a text, for those who would rather hide too much."""
    return _ANYWHERE.search(text) is not None


def without_private_keys(value: Any, was: Any = None) -> Any:
    """Return a value without the private keys in its texts; one that is another than in `was` says so."""
    if isinstance(value, str):
        mark = HIDDEN if was in (None, value) else HIDDEN_CHANGED
        shown = PRIVATE_KEY.sub(mark, value)
        return mark if shown.strip() == mark else shown
    if isinstance(value, Mapping):
        before = was if isinstance(was, Mapping) else {}
        return {key: without_private_keys(each, before.get(key)) for key, each in value.items()}
    if isinstance(value, list):
        old = was if isinstance(was, list) and len(was) == len(value) else [None] * len(value)
        return [without_private_keys(each, one) for each, one in zip(value, old)]
    return value


def hiding(values: Iterable[str], mark: str = HIDDEN) -> Callable[[str], str]:
    """Return the function that puts `mark` in place of each of `values`, the longest first, as one may hold another."""
    ordered = sorted(filter(None, values), key=len, reverse=True)

    def hide(text: str) -> str:
        for value in ordered:
            if value in text:
                text = text.replace(value, mark)
        return text

    return hide


class Redaction:
    """Hides what it has learnt: each credential as it is, and in the forms in which libraries print it.

    Safe to use from several threads.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        self.values: frozenset[str] = frozenset()
        self._hide = hiding(())
        self.learn(values)

    def learn(self, values: Iterable[str]) -> None:
        """Hide these values, too, from now on."""
        self.values |= {form for value in values for form in _forms(value)}
        self._hide = hiding(value for value in self.values if len(value) >= SHORTEST)

    def __call__(self, text: str) -> str:
        """Return a text without what was learnt; what is very short is hidden only where it stands alone."""
        text = self._hide(text)
        for value in self.values:
            if len(value) < SHORTEST:
                text = re.sub(rf"(?<![\w-]){re.escape(value)}(?![\w-])", HIDDEN, text)
        return text

    def everywhere(self, value: Any) -> Any:
        """Return a value without what was learnt in any of its texts, keys among them."""
        if isinstance(value, str):
            return self(value)
        if isinstance(value, Mapping):
            return {self(key) if isinstance(key, str) else key: self.everywhere(item) for key, item in value.items()}
        return [self.everywhere(item) for item in value] if isinstance(value, (list, tuple)) else value


def kubeconfig_secrets(kubeconfig: Any, key: str = "") -> set[str]:
    """Return the secret values in the content of a kubeconfig (nothing in a path)."""
    if isinstance(kubeconfig, Mapping):
        if kubeconfig.get("name") == ORIGINS:
            return set()  # words of messages
        if {"name", "value"} <= kubeconfig.keys():  # the environment of the command that logs in
            return variable_secrets(str(kubeconfig["name"]), str(kubeconfig["value"] or ""))
        found = command_secrets(kubeconfig.get("command"), kubeconfig.get("args")) if key == "exec" else set()
        return found.union(*(kubeconfig_secrets(item, str(name)) for name, item in kubeconfig.items()))
    if isinstance(kubeconfig, (list, tuple)):
        return {value for item in kubeconfig for value in kubeconfig_secrets(item, key)}
    if kubeconfig and key in PATHS:
        return {str(kubeconfig)} if is_content(str(kubeconfig)) else set()
    if kubeconfig and key in ("server", "proxy-url"):
        return address_secrets(str(kubeconfig))
    return {str(kubeconfig)} if kubeconfig and (key in _SECRET_FIELDS or names_secret(key)) else set()


def option_secrets(params: Mapping[str, Any], environ: Mapping[str, str]) -> set[str]:
    """Return the credentials in a task's options and in the environment."""
    found = kubeconfig_secrets(params.get("kubeconfig")) | basic_secrets(params.get("username"), params.get("password"))
    given = [params.get("api_key"), params.get("password"), *(params.get("proxy_headers") or {}).values()]
    names = ("API_KEY", "PASSWORD", "PROXY_HEADERS_BASIC_AUTH", "PROXY_HEADERS_PROXY_BASIC_AUTH")
    given += [environ.get(f"K8S_AUTH_{name}") for name in names]
    addresses = [params.get("host"), params.get("proxy"), environ.get("K8S_AUTH_HOST"), environ.get("K8S_AUTH_PROXY")]
    addresses += [environ.get(name) for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")]
    user = environ.get("K8S_AUTH_USERNAME") or params.get("username")
    found |= basic_secrets(user, environ.get("K8S_AUTH_PASSWORD") or params.get("password"))
    found |= _contents(params, environ)
    return found.union(filter(None, map(str, filter(None, given))), *map(address_secrets, filter(None, addresses)))


def _contents(params: Mapping[str, Any], environ: Mapping[str, str]) -> set[str]:
    """Return what options and variables that name files hold instead of a path."""
    names = ("kubeconfig", "ca_cert", "ssl_ca_cert", "client_cert", "cert_file", "client_key", "key_file")
    given = [environ.get("KUBECONFIG"), *(environ.get(f"K8S_AUTH_{name.upper()}") for name in names)]
    given += [params.get(name) for name in names]
    return {each for each in given if isinstance(each, str) and is_content(each)}


def address_secrets(address: str) -> set[str]:
    """Return what is secret in an address: the password in it, or the name alone, which is a token then."""
    user = (address.partition("://")[2] or address).rpartition("@")[0]  # a password may hold what should be escaped
    if not user:
        return set()
    name, _colon, password = user.partition(":")
    plain = {unquote(password or name), password or name}
    return plain | basic_secrets(unquote(name), unquote(password))


def basic_secrets(name: Any, password: Any) -> set[str]:
    """Return what HTTP's basic authentication sends for a name and a password; nothing without a password."""
    return {base64.b64encode(f"{name or ''}:{password}".encode()).decode()} if password else set()


def variable_secrets(name: str, value: str) -> set[str]:
    """Return what is secret in a variable of a command's environment."""
    leads = name.upper().endswith(_LEADING)
    secret = _names_credential(name) or (mentions_secret(name) and not leads)
    return ({value} if secret else set()) | _addresses_secrets(value)


def command_secrets(command: Any, arguments: Any) -> set[str]:
    """Return what is secret in a command and its arguments, of which each may be a command itself, as for `sh -c`."""
    listed = arguments if isinstance(arguments, (list, tuple)) else []
    whole = [str(each) for each in (command, *listed) if each is not None]
    words = [word.strip("\"';") for each in whole for word in each.split()]
    headers = {found["value"] for found in map(_HEADER.search, whole) if found}
    return (_secret_arguments(whole) | _secret_arguments(words) | headers).union(*map(_addresses_secrets, whole)) - {""}


def without_logins(text: str) -> str:
    """Return a text without the user and the password of each address, whatever they hold."""
    return _LOGIN.sub(lambda found: f"{found['scheme']}{HIDDEN}@", text)


def _addresses_secrets(text: str) -> set[str]:
    return set().union(*(address_secrets(found[0]) for found in _LOGIN.finditer(text)))


def _names_credential(name: str) -> bool:
    return names_secret(name) or name.upper().endswith(_CREDENTIALS)


def _secret_arguments(arguments: list[str]) -> set[str]:
    """Return the secrets in arguments: `--client-secret=x`, `PIN=x`, `--password x`, `-p x`, `--user me:x`."""
    found: set[str] = set()
    for argument, following in zip(arguments, [*arguments[1:], ""]):
        name, mark, value = argument.partition("=")
        if mark and (mentions_secret(name) or _names_credential(name) or name in _SHORT):
            found |= {value, value.strip("\"'")}
        elif name in _USERS:
            found |= address_secrets(f"user://{value or following}@") if ":" in (value or following) else set()
        elif not mark and _takes_secret(name, following):
            found.add(following)
    return found


def _takes_secret(name: str, following: str) -> bool:
    """Say whether what follows an argument is its secret; `get-token --x` is a command and an option."""
    if following.startswith("-"):
        return name.startswith("--") and names_secret(name)
    return name in _SHORT or _names_credential(name)


def _forms(value: str) -> set[str]:
    """Return the forms in which a value may be printed: with escapes, in an address, in base64, by its lines."""
    forms: set[str] = set()
    for plain in {value, value.strip()} - {""}:
        encoded = plain.encode("utf-8", "surrogateescape")
        forms |= {plain, json.dumps(plain)[1:-1], repr(plain)[1:-1], repr(encoded)[2:-1]}
        forms |= {quote(encoded, safe=""), quote(encoded), quote_plus(encoded)}
        forms |= {base64.b64encode(encoded).decode(), base64.urlsafe_b64encode(encoded).decode()}
        forms |= {line.strip() for line in plain.splitlines() if len(line.strip()) >= LINE and "-----" not in line}
    return forms
