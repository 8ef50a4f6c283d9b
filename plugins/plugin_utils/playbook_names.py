# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Commands in advice, as who started this run would type them.

Inside the code a command has one form, `ansible-playbook seldon.openshift.NAME`. Who runs a checkout has other names
for the playbooks, and who named an inventory, a limit or variables needs them again to reach the same cluster.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible import constants, context
from ansible.errors import AnsibleError
from ansible.module_utils.common.yaml import yaml_load
from ansible.parsing.splitter import parse_kv
from ansible_collections.seldon.openshift.plugins.module_utils.kube.redaction import mentions_secret
from ansible_collections.seldon.openshift.plugins.module_utils.shared.git_address import leaks
from ansible_collections.seldon.openshift.plugins.plugin_utils.variables import PLAYBOOKS, options, specifications
from yaml import YAMLError

COLLECTION = Path(__file__).parents[2]
_COMMAND = re.compile(r"ansible-playbook seldon\.openshift\.([a-z_]+)")
# Options of roles that hold credentials beside what their names say.
_CREDENTIALS = re.compile("key|oauth|oidc|external", re.IGNORECASE)
# Of Kubernetes' API: names of labels, and what stands beside `key` in selectors, tolerations and references.
_NO_SECRETS = ("topologyKey", "matchLabelKeys", "labelKey")
_BESIDE_KEY = {"operator", "effect", "values"}
# Lines of SSH's known_hosts.
_PUBLIC_KEYS = re.compile(
    r"^(?:#.*|(?:@cert-authority\s+)?\S+\s+(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-\S+|sk-\S+)\s+[A-Za-z0-9+/=]+)[ \t]*$",
    re.MULTILINE,
)
# Variables of one run alone: what they ask for is not asked for again.
_OF_ONE_RUN = "upgrade_"
_LOGIN = re.compile(r"://\S*@")  # of a URL: https://user:password@host, whatever the password holds


@dataclass(frozen=True)
class Started:
    """How a run was started.

    folder: of the playbooks, as it was typed; None when they are known by their full names only.
    options: what named the cluster, and variables that hold no secret; quoted for the shell, each with a blank before
    it; often empty.
    """

    folder: Path | None = None
    options: str = ""

    @classmethod
    def by(
        cls,
        arguments: Mapping[str, Any],
        collection: Path = COLLECTION,
        inventory: Iterable[str] = (),
        limit: str | None = None,
    ) -> Started:
        """Return how Ansible's command line `arguments` (context.CLIARGS) started a run.

        `collection` is the folder of this collection, `inventory` and `limit` are what holds when none was typed.
        Relative paths are the current folder's.
        """
        folders = (_folder(Path(playbook), collection.resolve()) for playbook in _playbooks(arguments))
        folder = next((found for found in folders if found is not None), None)
        return cls(folder, _options(arguments, list(inventory), limit))

    def command(self, playbook: str) -> str:
        """Return what starts the playbook of that name (site, validate …)."""
        name = f"seldon.openshift.{playbook}"
        if self.folder is not None:
            name = shlex.quote(str(self.folder / f"{playbook}.yml"))
        return f"ansible-playbook {name}{self.options}"

    def told(self, value: Any) -> Any:
        """Return `value` with every command in its texts, at whatever depth, in the user's words.

        What was told once stays as it is when it is told again.
        """
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            return {key: self.told(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.told(item) for item in value]
        return value

    def _text(self, text: str) -> str:
        parts = _COMMAND.split(text)  # a text between two names of playbooks, in turn
        if len(parts) == 1:
            return text
        pairs = zip(parts[1::2], parts[2::2])
        return parts[0] + "".join(self.command(name) + rest.removeprefix(self.options) for name, rest in pairs)


def told(value: Any) -> Any:
    """Return `value` with every command in its texts, at whatever depth, as the user of this run types it.

    How the run was started is looked up only for a command: that reads all roles' argument specs.
    """
    return started().told(value) if _holds_command(value) else value


def started() -> Started:
    """Return how this run was started."""
    return Started.by(context.CLIARGS, COLLECTION, constants.DEFAULT_HOST_LIST, constants.DEFAULT_SUBSET)


def is_ours(arguments: Mapping[str, Any], collection: Path = COLLECTION) -> bool:
    """Say whether the command line `arguments` starts playbooks of this collection, and not some that import them."""
    names = _playbooks(arguments)
    return any(name.startswith("seldon.openshift.") or _folder(Path(name), collection.resolve()) for name in names)


def _playbooks(arguments: Mapping[str, Any]) -> list[str]:
    """Return the playbooks of a command line, as they were typed."""
    given = arguments.get("args") or ()
    # An ad-hoc command has a pattern of hosts there, one text.
    return [] if isinstance(given, str) else [str(each) for each in given]


def _holds_command(value: Any) -> bool:
    if isinstance(value, str):
        return _COMMAND.search(value) is not None
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, (list, tuple)) else ()
    return any(map(_holds_command, parts))


def _folder(playbook: Path, collection: Path) -> Path | None:
    """Return the folder of the collection's playbooks as its user would type it after `playbook`; None for others."""
    path = playbook.resolve()
    if path.suffix != ".yml":
        return None
    # A checkout has shortcuts at its top.
    folders = {collection / "playbooks": playbook.parent, collection: playbook.parent / "playbooks"}
    return folders.get(path.parent)


def _options(arguments: Mapping[str, Any], inventory: list[str], limit: str | None) -> str:
    given = [str(source) for source in arguments.get("inventory") or ()]
    typed = [] if given == inventory else given
    words = [word for source in typed for word in ("-i", _short(source))]
    subset = arguments.get("subset")
    if subset and subset != limit:
        words += ["--limit", str(subset)]
    words += [
        word for text in arguments.get("extra_vars") or () if _repeatable(str(text)) for word in ("-e", str(text))
    ]
    return "".join(f" {shlex.quote(word)}" for word in words)


def _short(source: str) -> str:
    """Return an inventory's path as it is typed from here; Ansible has made it absolute. Lists of hosts stay."""
    here, path = Path.cwd(), Path(source)
    return str(path.relative_to(here)) if here in path.parents else source


def _repeatable(text: str) -> bool:
    """Say whether one `-e` may be printed: a file, or variables of roles and connections that can't be secret."""
    if text.startswith("@"):
        return True
    if _LOGIN.search(text):
        return False
    try:
        values = yaml_load(text) if text.startswith(("{", "[")) else parse_kv(text)
    except (AnsibleError, YAMLError):
        return False
    if not isinstance(values, Mapping) or not values:
        return False
    known = options(specifications())
    return all(
        (name in known or name in PLAYBOOKS)
        and not name.startswith(_OF_ONE_RUN)
        and not _mentions_credentials(name)
        and not known.get(name, {}).get("no_log")
        and not (name == "seldon_git_repository" and leaks(str(value)))
        and not (_spoken(value) if known.get(name, {}).get("type") in ("dict", "list") else _may_be_secret(value))
        for name, value in values.items()
    )


def _may_be_secret(value: Any) -> bool:
    """Say whether a mapping or a list has a secret's name at any depth, as a key or a text ({name: PASSWORD, …})."""
    if isinstance(value, Mapping):
        return any(
            (_mentions_credentials(str(key)) and not _is_no_secret(str(key), value)) or _spoken(item)
            for key, item in value.items()
        )
    return isinstance(value, (list, tuple)) and any(map(_spoken, value))


def _is_no_secret(name: str, within: Mapping[str, Any]) -> bool:
    """Say whether a name with `key` in it is one of Kubernetes' that hold none, or holds public keys alone."""
    if name == "key":
        return bool(_BESIDE_KEY & within.keys())
    if name.lower().endswith("keys") and isinstance(within[name], str):
        return bool(within[name].strip()) and not _PUBLIC_KEYS.sub("", within[name]).strip()
    return name in _NO_SECRETS


def _spoken(item: Any) -> bool:
    return _mentions_credentials(_PUBLIC_KEYS.sub("", item)) if isinstance(item, str) else _may_be_secret(item)


def _mentions_credentials(text: str) -> bool:
    return mentions_secret(text) or _CREDENTIALS.search(text) is not None
