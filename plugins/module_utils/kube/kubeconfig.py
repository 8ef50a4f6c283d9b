# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Kubeconfigs as kubectl reads them: of several files the first that says something wins, and paths start at the file.

Nothing of a file's content is ever part of an error, only its path and the names of contexts, clusters and users.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import Misconfigured
from .objects import Object
from .paths import KUBECONFIG_INSTEAD, expanded, is_missing, located, refuse_content

try:
    import yaml

    class _Loader(yaml.SafeLoader):
        """Reads every scalar but null as its text: `0011` is no number in a token, nor `on` a boolean."""

    _Loader.yaml_implicit_resolvers = {
        first: [each for each in resolvers if each[0].rsplit(":", 1)[-1] in ("null", "merge")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
except ImportError:  # the connection reports what is missing
    yaml = None  # type: ignore[assignment]

# The extension in which a kubeconfig that this collection ships says who gave its fields.
ORIGINS = "seldon.openshift/origins"
_BOOLEANS = ("insecure-skip-tls-verify", "disable-compression", "provideClusterInfo")
PATHS = ("certificate-authority", "client-certificate", "client-key", "tokenFile")


@dataclass(frozen=True)
class Entry:
    """A cluster, user or context: its fields, with absolute paths, and the kubeconfig that holds it."""

    fields: Object
    source: str


@dataclass(frozen=True)
class Kubeconfig:
    """What one or several kubeconfigs say; `source` names them in messages, `missing` are listed files that are not.

    `origins` say who gave a field, where that was known to who wrote the kubeconfig.
    """

    source: str
    clusters: Mapping[str, Entry] = field(default_factory=dict)
    users: Mapping[str, Entry] = field(default_factory=dict)
    contexts: Mapping[str, Entry] = field(default_factory=dict)
    current: str = ""
    missing: tuple[str, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)

    def over(self, other: Kubeconfig) -> Kubeconfig:
        """Return both in one: where they say the same of something, this one wins."""
        return Kubeconfig(
            ", ".join(filter(None, (self.source, other.source))),
            {**other.clusters, **self.clusters},
            {**other.users, **self.users},
            {**other.contexts, **self.contexts},
            self.current or other.current,
            (*self.missing, *other.missing),
        )


def read_files(paths: str, origin: str, folder: Path) -> Kubeconfig:
    """Return what the files of a list as in KUBECONFIG say; relative ones are below `folder`.

    `origin` says who named them. Raises Misconfigured when none of them exists, or one is no kubeconfig.
    """
    found = Kubeconfig("")
    files = [str(folder / expanded(path)) for path in paths.split(os.pathsep) if path.strip()]
    for path in files:
        found = found.over(_read_file(Path(path), origin))
    if found.missing:
        refuse_content(paths, origin, KUBECONFIG_INSTEAD)
    if len(found.missing) == len(files):
        none = "which does not exist" if len(files) == 1 else "none of which exists"
        raise Misconfigured(f"{origin} names {' and '.join(found.missing) or 'no file'}, {none}")
    return found


def read_content(content: Any, source: str, folder: Path) -> Kubeconfig:
    """Return what the content of a kubeconfig says; its relative paths are below `folder`. Raises Misconfigured."""
    if not isinstance(content, Mapping):
        raise Misconfigured(f"{source} is no kubeconfig (a mapping with clusters, users and contexts)")
    clusters, users, contexts = (_entries(content, each, source, folder) for each in ("clusters", "users", "contexts"))
    current = str(content.get("current-context") or "")
    return Kubeconfig(source, clusters, users, contexts, current, origins=_origins(content.get("extensions")))


def read_bytes(path: str, what: str) -> bytes:
    """Return a file's content; `what` says what it is, and who named it. Raises Misconfigured."""
    if is_missing(path):
        refuse_content(path, what)
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise Misconfigured(f"{what} is the file {path}, which does not exist") from None
    except (OSError, ValueError) as error:  # a ValueError is for a NUL
        reason = getattr(error, "strerror", None) or "it is no path"
        raise Misconfigured(f"{what} is the file {path}, which cannot be read: {reason}") from None


def _read_file(path: Path, origin: str) -> Kubeconfig:
    if is_missing(str(path)):
        return Kubeconfig("", missing=(str(path),))
    source = f"the kubeconfig {path}"
    data = read_bytes(str(path), f"the kubeconfig that {origin} names")
    try:
        content = _loaded(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Misconfigured(f"{source} is no text in UTF-8") from None
    except yaml.YAMLError as error:  # its text would quote the file
        mark = getattr(error, "problem_mark", None)
        raise Misconfigured(f"{source} is not valid YAML{f' (line {mark.line + 1})' if mark else ''}") from None
    return read_content({} if content is None else content, source, path.parent.absolute())


def _loaded(text: str) -> Any:
    """Return what a kubeconfig holds, each of its numbers as text. Raises YAMLError."""
    if text.lstrip().startswith("{"):
        try:  # Go reads JSON as JSON, which may be indented by tabs
            return json.loads(text, parse_int=str, parse_float=str)
        except ValueError:
            pass
    return yaml.load(text, Loader=_Loader)


def _entries(content: Mapping[str, Any], name: str, source: str, folder: Path) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    listed = content.get(name) or []
    if not isinstance(listed, (list, tuple)):
        raise Misconfigured(f"{name} of {source} is no list")
    for each in listed:
        fields = each.get(name[:-1]) or {} if isinstance(each, Mapping) else None
        if not isinstance(each, Mapping) or not isinstance(fields, Mapping) or not each.get("name"):
            raise Misconfigured(f"{name} of {source} has an entry without a name, or whose {name[:-1]} is no mapping")
        found.setdefault(str(each["name"]), Entry(_absolute(fields, folder), source))
    return found


def _origins(extensions: Any) -> dict[str, str]:
    listed = extensions if isinstance(extensions, (list, tuple)) else []
    ours = [each for each in listed if isinstance(each, Mapping) and each.get("name") == ORIGINS]
    return dict(ours[0].get("extension") or {}) if ours else {}


def _absolute(fields: Mapping[str, Any], folder: Path) -> Object:
    """Return the fields of an entry with absolute paths, the command of a plugin among them."""
    found = {str(key): value for key, value in fields.items() if value not in (None, "")}
    found.update({key: located(str(found[key]), folder) for key in PATHS if key in found})
    if isinstance(found.get("exec"), Mapping):
        found["exec"] = _booleans(found["exec"])
        if os.sep in str(found["exec"].get("command")):
            found["exec"]["command"] = str(folder / str(found["exec"]["command"]))
    return _booleans(found)


def _booleans(fields: Mapping[str, Any]) -> Object:
    """Return the fields with what Go wants to be a boolean as one."""
    given = {key: str(fields[key]).strip().lower() == "true" for key in _BOOLEANS if key in fields}
    return {**fields, **given}


def names(entries: Iterable[str]) -> str:
    """Return names for a message."""
    return ", ".join(sorted(entries)) or "none"
