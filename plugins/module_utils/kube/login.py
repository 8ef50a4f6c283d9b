# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The credentials of a target's user, as headers: from a token, a file, a plugin, or a name and a password.

The kubernetes library logs what its plugin says and goes on without credentials, so plugins are run here.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from .errors import Misconfigured
from .objects import Object
from .redaction import HIDDEN, WORD, Redaction, without_logins
from .target import Target, clean, read_token

try:
    from kubernetes.client import Configuration
    from kubernetes.config.kube_config import KubeConfigLoader
except ImportError:
    Configuration = None

PLUGIN_SECONDS = 120
# A plugin may open a browser; a file is written anew by kubelet long before its token ends.
FILE_SECONDS = 60.0
_EXTENSION = "client.authentication.k8s.io/exec"
_SAID = 500  # characters of what a plugin printed
# What a plugin prints may be a credential that nobody knows yet: what follows a secret's name, what looks like a token.
_LIKE_CREDENTIAL = re.compile(
    rf"(?P<name>(?:{WORD}\w*|\b(?:pass|passcode|pwd|pw|pin|otp))[\"']?\s*[:=]\s*|Bearer\s+|Basic\s+)[^\s,;]+"
    r"|eyJ[\w.-]+|sha256~[\w-]+|[\w+=~-]{30,}",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Credential:
    """A token or a certificate (PEM), and until when it may be used, in seconds of time()."""

    token: str = ""
    certificate: bytes = b""
    key: bytes = b""
    until: float = float("inf")


class Login:
    """The credentials of one target. Not safe for threads: its owner holds a lock."""

    def __init__(self, target: Target, hide: Redaction) -> None:
        """Get the credentials. Raises Misconfigured when there should be some and none come."""
        self._target = target
        self._hide = hide
        self._find = self._finder()
        self.credential = self._found()

    def token(self) -> str:
        """Return the bearer token, read anew when the last one is over; empty without one. Raises Misconfigured."""
        if time.time() >= self.credential.until:
            self.credential = self._found()
        return self.credential.token

    def headers(self) -> dict[str, str]:
        """Return the headers that say who we are. Raises Misconfigured."""
        user, headers = self._target.user, {}
        token = self.token()
        if token:
            headers["Authorization"] = f"Bearer {token}"
        elif user.get("password"):
            basic = base64.b64encode(f"{user.get('username') or ''}:{user['password']}".encode()).decode()
            self._hide.learn([basic])
            headers["Authorization"] = f"Basic {basic}"
        return headers

    @property
    def renewed(self) -> bool:
        """Whether credentials are read anew as they end: from a file (that of a pod's account), or from a plugin."""
        return self.credential.until < float("inf")

    @property
    def anonymous(self) -> bool:
        """Whether nothing says who we are."""
        user = self._target.user
        certified = self.credential.certificate or any(key.startswith("client-certificate") for key in user)
        return not (self.credential.token or certified or user.get("password"))

    def _found(self) -> Credential:
        found = self._find()
        self._hide.learn(filter(None, (found.token, found.key.decode("utf-8", "replace"))))
        return found

    def _finder(self) -> Callable[[], Credential]:
        user = self._target.user
        if user.get("tokenFile"):
            return self._from_file
        if user.get("token"):
            return lambda: Credential(user["token"])
        if "exec" in user:
            return self._from_plugin
        if "auth-provider" in user:
            return self._from_provider
        return Credential

    def _from_file(self) -> Credential:
        origin = self._target.origin("tokenFile")
        return Credential(read_token(self._target.user["tokenFile"], origin), until=time.time() + FILE_SECONDS)

    def _from_plugin(self) -> Credential:
        plugin = self._target.user["exec"]
        if not isinstance(plugin, Mapping) or not plugin.get("command"):
            raise Misconfigured(f"{self._target.origin('exec')} has no command")
        called = self._hide(str(plugin["command"]))
        status = _status(run_plugin(plugin, self._target, self._hide), called, self._target)
        token = str(status.get("token") or "")
        self._hide.learn([token] if token else [])
        certificate, key = (str(status.get(name) or "").encode() for name in ("clientCertificateData", "clientKeyData"))
        if not token and not (certificate and key):
            raise no_credentials(self._target, f"the plugin {called} printed neither a token nor a certificate")
        until = _until(status.get("expirationTimestamp"))
        return Credential(clean(token, "the plugin's token") if token else "", certificate, key, until)

    def _from_provider(self) -> Credential:
        """Let the kubernetes library read what kubectl knew before plugins (auth-provider)."""
        configuration = Configuration()
        try:
            KubeConfigLoader(self._target.kubeconfig(), config_base_path="").load_and_set(configuration)
        except Exception as error:  # the library raises whatever it meets
            raise no_credentials(self._target, f"auth-provider: {type(error).__name__}") from None
        value = next((str(each) for each in configuration.api_key.values() if each), "")
        if not value:
            raise no_credentials(self._target, "its auth-provider has no token that is valid")
        return Credential(clean(value.partition(" ")[2], self._target.origin("auth-provider")), until=time.time() + 60)


def no_credentials(target: Target, why: str) -> Misconfigured:
    """Return the error for a user who was to get credentials and has none."""
    who = target.origin("exec") if "exec" in target.user else target.origin("auth-provider")
    return Misconfigured(
        f"no credentials for {target.server} came from {who}: {why}",
        f"Log in again: oc login {target.server} (or as the plugin says).",
    )


def run_plugin(plugin: Mapping[str, Any], target: Target, hide: Redaction) -> str:
    """Return what the command of a kubeconfig's `exec` prints. Raises Misconfigured with what it said instead."""
    command = [str(plugin["command"]), *map(str, plugin.get("args") or [])]
    called = hide(command[0])
    environ = {str(each["name"]): str(each.get("value") or "") for each in plugin.get("env") or []}
    environ["KUBERNETES_EXEC_INFO"] = json.dumps(_info(plugin, target))
    # Inside Ansible's own process there is no AnsibleModule to run a command.
    # pylint: disable=ansible-bad-function
    try:
        done = subprocess.run(  # noqa: S603 (kubectl would run it, too)
            command,
            env={**os.environ, **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PLUGIN_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise no_credentials(target, f"the plugin {called} did not end within {PLUGIN_SECONDS} seconds") from None
    except (OSError, ValueError) as error:
        hint = plugin.get("installHint") or getattr(error, "strerror", None) or "its arguments cannot be passed"
        raise no_credentials(
            target, f"the plugin {called} cannot be run: {hide(' '.join(str(hint).split()))}"
        ) from None
    if done.returncode != 0:
        said = printed((done.stderr.strip() or done.stdout).decode("utf-8", "replace"), hide)
        told = f"printed: {said}" if said else "printed nothing"
        raise no_credentials(target, f"the plugin {called} ended with exit code {done.returncode}, and {told}")
    return done.stdout.decode("utf-8", "replace")


def printed(text: str, hide: Redaction) -> str:
    """Return what a plugin printed on one line, without what looks like a credential."""
    text = _LIKE_CREDENTIAL.sub(lambda found: f"{found['name'] or ''}{HIDDEN}", without_logins(hide(text)))
    return " ".join(text.split())[:_SAID]


def _info(plugin: Mapping[str, Any], target: Target) -> Object:
    """Return the ExecCredential that a plugin is given: the cluster, when it asks for it."""
    spec: Object = {"interactive": False}
    if str(plugin.get("provideClusterInfo")).lower() == "true":
        known = ("server", "tls-server-name", "insecure-skip-tls-verify", "certificate-authority-data", "proxy-url")
        cluster = {key: target.cluster[key] for key in known if key in target.cluster}
        authority = target.content("certificate-authority")
        if authority:
            cluster["certificate-authority-data"] = base64.b64encode(authority).decode()
        extensions = target.cluster.get("extensions") or []
        config = [
            each.get("extension") for each in extensions if each.get("name") == "client.authentication.k8s.io/exec"
        ]
        spec["cluster"] = {**cluster, **({"config": config[0]} if config else {})}
    return {"apiVersion": plugin.get("apiVersion"), "kind": "ExecCredential", "spec": spec}


def _status(text: str, command: str, target: Target) -> Object:
    try:
        status = json.loads(text)["status"]
    except (ValueError, KeyError, TypeError):
        # What it printed may be a token, so it is not quoted.
        raise no_credentials(target, f"what the plugin {command} printed is no ExecCredential with a status") from None
    return status if isinstance(status, dict) else {}


def _until(stamp: Any) -> float:
    """Return a time of the API in seconds of time(); infinite for none."""
    try:
        return datetime.strptime(str(stamp)[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc).timestamp()
    except ValueError:
        return float("inf")
