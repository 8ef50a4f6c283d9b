# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The one cluster, and the one user there, that a task means: decided here, for this engine and for Helm alike.

As oc does it: options and K8S_AUTH_*, over the files of KUBECONFIG or ~/.kube/config, else the pod's service account.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from . import proxies
from .errors import Misconfigured, NoCluster
from .kubeconfig import ORIGINS, Entry, Kubeconfig, names, read_bytes, read_content, read_files
from .objects import Object
from .options import REPLACED, USER, Option, Options, read_options
from .paths import expanded, is_missing, located

DEFAULT_FILE = "~/.kube/config"
SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
# Of a file and of its content in base64, the content wins, as for kubectl.
FILES = ("certificate-authority", "client-certificate", "client-key")
_NAME = "seldon.openshift"


@dataclass(frozen=True)
class Target:
    """A cluster and its user, in the words of a kubeconfig: files by absolute paths, the proxy by `proxy-url`.

    `origins` says who gave a field, for messages. `proxy_headers` are options that no kubeconfig can hold.
    """

    context: str
    cluster: Object
    user: Object
    origins: Mapping[str, str] = field(default_factory=dict)
    proxy_headers: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def server(self) -> str:
        """The address of the API server, without a slash at its end."""
        return str(self.cluster["server"])

    @property
    def proxy(self) -> str:
        """The address of the proxy that leads there; empty when none does."""
        return str(self.cluster.get("proxy-url") or "")

    @property
    def verified(self) -> bool:
        """Whether the API server's certificate is verified."""
        return not is_true(self.cluster.get("insecure-skip-tls-verify"))

    def origin(self, name: str) -> str:
        """Return what a field is called in messages: its name, and who gave it."""
        return self.origins.get(name, name)

    def content(self, name: str) -> bytes:
        """Return the content of one of FILES, empty for none. Raises Misconfigured."""
        values = {**self.cluster, **self.user}
        if values.get(f"{name}-data"):
            try:
                # As Go, which skips line breaks, and nothing else.
                return base64.b64decode(re.sub("[\r\n]", "", str(values[f"{name}-data"])), validate=True)
            except (binascii.Error, ValueError):
                raise Misconfigured(f"{self.origin(name)} is no text in base64") from None
        return read_bytes(values[name], self.origin(name)) if values.get(name) else b""

    def flat(self) -> Target:
        """Return the same without files, so that it can be read elsewhere and by another user. Raises Misconfigured."""
        cluster, user = ({key: value for key, value in each.items() if key not in FILES} for each in self._parts)
        for part, found in zip(self._parts, (cluster, user)):
            held = [name for name in FILES if name in part or f"{name}-data" in part]
            found.update({f"{name}-data": base64.b64encode(self.content(name)).decode() for name in held})
        if "tokenFile" in user:
            user["token"] = (
                read_bytes(user.pop("tokenFile"), self.origin("tokenFile")).decode("utf-8", "replace").strip()
            )
        return replace(self, cluster=cluster, user=user)

    @property
    def _parts(self) -> tuple[Object, Object]:
        return self.cluster, self.user

    def kubeconfig(self) -> Object:
        """Return a kubeconfig of this one context."""
        context = {"cluster": _NAME, "user": _NAME}
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": self.context,
            "extensions": [{"name": ORIGINS, "extension": dict(self.origins)}],
            "contexts": [{"name": self.context, "context": context}],
            "clusters": [{"name": _NAME, "cluster": self.cluster}],
            "users": [{"name": _NAME, "user": self.user}],
        }


def find_target(params: Mapping[str, Any], environ: Mapping[str, str], folder: Path) -> Target:
    """Return what `params` (kubernetes.core's options; others are ignored) and an environment mean in a folder.

    Raises Misconfigured.
    """
    given = read_options(params, environ)
    target = _addressed(_with_user(_with_cluster(_start(given, environ, folder), given, folder), given, folder))
    return _with_proxy(target, given, environ)


def read_token(path: str, origin: str) -> str:
    """Return the token in a file; `origin` says who named it. Raises Misconfigured."""
    return clean(read_bytes(path, origin).decode("utf-8", "replace"), f"the file of {origin}")


def is_true(value: Any) -> bool:
    """Say whether a field of a kubeconfig, a boolean or its text, is true."""
    return str(value).strip().lower() == "true"


def clean(token: str, origin: str) -> str:
    """Return a token without spaces and line breaks around it. Raises Misconfigured when no header can carry it."""
    token = token.strip()
    if not token:
        raise Misconfigured(f"{origin} is empty")
    for place, character in enumerate(token, start=1):
        if not 0x20 < ord(character) < 0x7F:
            raise Misconfigured(
                f"{origin} is no token: its character {place} of {len(token)} is U+{ord(character):04X}, which no "
                "header can carry"
            )
    return token


def _start(given: Options, environ: Mapping[str, str], folder: Path) -> Target:
    """Return what is there without the options that say it all by themselves."""
    complete = (
        "api_key" in given or {"username", "password"} <= given.keys() or {"client_cert", "client_key"} <= given.keys()
    )
    if "host" in given and complete:
        return Target(_name(given), {}, {})
    found = _files(given, environ, folder)
    if found is None:
        return _service_account(environ, "host" in given)
    return _chosen(found, given.get("context"), "host" in given)


def _files(given: Options, environ: Mapping[str, str], folder: Path) -> Kubeconfig | None:
    """Return the kubeconfig that is named, or lies at its place; None when there is none at all."""
    option = given.get("kubeconfig")
    if option and not isinstance(option.value, (str, os.PathLike)):
        return read_content(option.value, f"the kubeconfig in {option.origin}", folder)
    if option:
        return read_files(str(option.value), option.origin, folder)
    if environ.get("KUBECONFIG"):
        return read_files(environ["KUBECONFIG"], "KUBECONFIG", folder)
    usual = expanded(DEFAULT_FILE)
    return None if is_missing(usual) else read_files(usual, "nothing else", folder)


def _chosen(config: Kubeconfig, option: Option | None, addressed: bool) -> Target:
    """Return the context that is named, or the current one. `addressed`: an address is given beside it."""
    name = str(option.value).strip() if option else config.current
    if not name and addressed:
        return Target(_NAME, {}, {}, warnings=_warnings(config))
    contexts = f"there are: {names(config.contexts)}"
    if not name:
        raise Misconfigured(f"{config.source} has no current-context ({contexts})", "Next: oc config use-context NAME")
    if name not in config.contexts:
        told = f"the context {name}, which {option.origin} names," if option else f"the current context {name}"
        raise Misconfigured(f"{told} is not in {config.source} ({contexts})", "Next: oc config get-contexts")
    context = config.contexts[name]
    cluster, user = (_entry(config, context, part) for part in ("cluster", "user"))
    origins = {
        key: f"{key} of {entry.source}" for entry in (cluster, user) if entry for key in (*entry.fields, *_plain(entry))
    }
    return Target(
        name,
        dict(cluster.fields) if cluster else {},
        dict(user.fields) if user else {},
        {**origins, **config.origins},
        warnings=_warnings(config),
    )


def _plain(entry: Entry) -> list[str]:
    return [key[: -len("-data")] for key in entry.fields if key.endswith("-data")]


def _entry(config: Kubeconfig, context: Entry, part: str) -> Entry | None:
    name = str(context.fields.get(part) or "")
    entries = config.clusters if part == "cluster" else config.users
    if name and name not in entries:
        raise Misconfigured(f"the {part} {name} is not in {config.source} (there are: {names(entries)})")
    return entries.get(name)


def _warnings(config: Kubeconfig) -> tuple[str, ...]:
    return tuple(f"The kubeconfig {path} does not exist; the others of the list are used." for path in config.missing)


def _service_account(environ: Mapping[str, str], addressed: bool) -> Target:
    """Return the cluster in whose pod we run. Raises Misconfigured where we run in none, unless an address is given."""
    host, port = environ.get("KUBERNETES_SERVICE_HOST"), environ.get("KUBERNETES_SERVICE_PORT")
    if host and port and Path(SERVICE_ACCOUNT, "token").is_file():
        cluster = {
            "server": f"https://{f'[{host}]' if ':' in host else host}:{port}",
            "certificate-authority": f"{SERVICE_ACCOUNT}/ca.crt",
        }
        user = {"tokenFile": f"{SERVICE_ACCOUNT}/token"}
        return Target(_NAME, cluster, user, {key: f"{key} of the pod's service account" for key in (*cluster, *user)})
    if addressed:
        return Target(_NAME, {}, {})
    raise NoCluster(f"no cluster is named, and there is no {DEFAULT_FILE}")


def _with_cluster(target: Target, given: Options, folder: Path) -> Target:
    """Return the target with what the options say of the cluster."""
    cluster, origins = dict(target.cluster), dict(target.origins)
    if "host" in given:
        cluster.pop("tls-server-name", None)  # as for kubectl, it is the name of the other server
        cluster["server"] = str(given["host"].value)
        origins["server"] = given["host"].origin
    if "validate_certs" in given:
        cluster["insecure-skip-tls-verify"] = not given["validate_certs"].value
    if "ca_cert" in given:
        cluster.pop("certificate-authority-data", None)
        cluster.update({"certificate-authority": _path(given["ca_cert"], folder)})
        origins["certificate-authority"] = given["ca_cert"].origin
        if "validate_certs" not in given:
            cluster.pop("insecure-skip-tls-verify", None)
    if is_true(cluster.get("insecure-skip-tls-verify")):  # Go refuses an authority beside it
        cluster = {key: value for key, value in cluster.items() if not key.startswith("certificate-authority")}
    return replace(target, cluster=cluster, origins=origins)


def _with_user(target: Target, given: Options, folder: Path) -> Target:
    """Return the target with what the options say of the user.

    As for kubectl, a token or a password takes the place of another, not that of a certificate.
    """
    user, origins = dict(target.user), dict(target.origins)
    replaced = {name for option, names in REPLACED.items() if option in given for name in names}
    user = {key: value for key, value in user.items() if key not in replaced}
    for option, name in USER.items():
        if option in given:
            user[name], origins[name] = given[option].value, given[option].origin
    for name, trimmed in (("token", clean), ("username", _trimmed), ("password", _trimmed)):
        if user.get(name) is not None:
            user[name] = trimmed(str(user[name]), origins.get(name, name))
    certificate = given.get("client_cert")
    if certificate:
        key = given.get("client_key", certificate)  # one file may hold both
        user.update({"client-certificate": _path(certificate, folder), "client-key": _path(key, folder)})
        origins.update({"client-certificate": certificate.origin, "client-key": key.origin})
    return replace(target, user=user, origins=origins)


def _trimmed(value: str, _origin: str) -> str:
    return value.strip("\r\n")


def _addressed(target: Target) -> Target:
    """Return the target with an address as requests need it; a name and a password in it become the user's."""
    server, origin = str(target.cluster.get("server") or "").strip(), target.origin("server")
    if not server:
        raise Misconfigured(f"the context {target.context} names no address of an API server")
    server = proxies.with_scheme(server, "https").rstrip("/")
    user = dict(target.user)
    try:
        address = urlsplit(server)
        valid = address.scheme in ("http", "https") and bool(address.hostname) and address.port != 0
    except ValueError:
        valid = False
    if not valid or any(character.isspace() or not character.isprintable() for character in server):
        raise Misconfigured(f"{origin} is no address of an API server, such as https://api.example.com:6443")
    if address.username is not None:
        login = {"username": unquote(address.username), "password": unquote(address.password or "")}
        user = user if {"token", "tokenFile", "exec", "username"} & user.keys() else {**user, **login}
        server = address._replace(netloc=address.netloc.rpartition("@")[2]).geturl()
    return replace(target, cluster={**target.cluster, "server": server}, user=user)


def _with_proxy(target: Target, given: Options, environ: Mapping[str, str]) -> Target:
    """Return the target with the proxy that leads to it, or without one."""
    option, no_proxy = given.get("proxy"), given.get("no_proxy")
    direct = str(no_proxy.value) if no_proxy else ""
    proxy, origin = (str(option.value), option.origin) if option else (target.proxy, target.origin("proxy-url"))
    if option or not proxy:  # as for kubectl, NO_PROXY is nothing to the proxy of a kubeconfig
        direct = ",".join(filter(None, (direct, proxies.passed_by(environ))))
    if not proxy:
        proxy, origin = proxies.from_environment(target.server, environ), "HTTPS_PROXY or HTTP_PROXY"
    cluster = {key: value for key, value in target.cluster.items() if key != "proxy-url"}
    headers = {key: value for key, value in _headers(given).items() if value}
    if proxy and not proxies.is_passed_by(target.server, direct):
        cluster["proxy-url"] = _proxy(proxy, origin, headers.pop("proxy_basic_auth", ""))
    return replace(target, cluster=cluster, proxy_headers=headers, origins={**target.origins, "proxy-url": origin})


def _headers(given: Options) -> Mapping[str, str]:
    option = given.get("proxy_headers")
    return option.value if option else {}


def _proxy(address: str, origin: str, user: str) -> str:
    proxy = proxies.with_user(proxies.with_scheme(address), user.strip())
    try:
        parts = urlsplit(proxy)
        valid = parts.scheme in proxies.SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or not proxy.isprintable() or " " in proxy:
        raise Misconfigured(f"the proxy that {origin} names is no address such as http://proxy.example.com:3128")
    return proxy


def _path(option: Option, folder: Path) -> str:
    return located(expanded(str(option.value)), folder)


def _name(given: Options) -> str:
    return str(given["context"].value).strip() if "context" in given else _NAME
