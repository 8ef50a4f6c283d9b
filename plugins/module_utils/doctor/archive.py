# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""One archive of what was gathered: readable names, YAML, and only its owner may read it."""

from __future__ import annotations

import io
import json
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..kube.files import PRIVATE, whole
from ..kube.objects import section
from ..kube.rights import grant
from .gather import Findings

try:
    import yaml

    _Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
except ImportError:  # the connection reports what is missing
    yaml = None  # type: ignore[assignment]

ROLE = "seldon-doctor"


def files(findings: Findings, about: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (path, text) of every file of the archive."""
    yield "about.json", json.dumps(about, indent=2) + "\n"
    yield "missing.txt", "".join(f"{line}\n" for line in findings.missing) or "everything could be read\n"
    if findings.lacking:
        yield "rights.txt", f"To read what missing.txt says you may not, type:\n{grant(ROLE, findings.lacking)}\n"
    for (namespace, kind), objects in sorted(findings.objects.items()):
        if kind == "event":
            yield f"events/{namespace}.txt", "".join(_event(event) for event in sorted(objects, key=_moment))
        else:
            folder = f"objects/{namespace}" if namespace else "cluster"
            text = yaml.dump_all(objects, Dumper=_Dumper, sort_keys=False, default_flow_style=False)
            yield f"{folder}/{kind}.yaml", text
    for (namespace, pod, container), text in sorted(findings.logs.items()):
        yield f"logs/{namespace}/{pod}/{container}.log", text


def write(path: Path, name: str, findings: Findings, about: dict[str, Any]) -> int:
    """Write the archive, whose files lie in a folder `name`; return its size in bytes. Raises OSError.

    It is there as a whole or not at all, and never readable for others.
    """
    now = int(time.time())
    with whole(path) as handle, tarfile.open(fileobj=handle, mode="w:gz") as archive:
        for inner, text in files(findings, about):
            data = text.encode("utf-8", "replace")
            entry = tarfile.TarInfo(f"{name}/{inner}")
            entry.size, entry.mode, entry.mtime = len(data), PRIVATE, now
            archive.addfile(entry, io.BytesIO(data))
    return path.stat().st_size


def _moment(event: dict[str, Any]) -> str:
    return (
        event.get("lastTimestamp")
        or event.get("eventTime")
        or section(event, "metadata").get("creationTimestamp")
        or ""
    )


def _event(event: dict[str, Any]) -> str:
    about = section(event, "involvedObject")
    subject = f"{event.get('type')} {about.get('kind')}/{about.get('name')}"
    times = f" ({event['count']} times)" if (event.get("count") or 1) > 1 else ""
    said = " ".join((event.get("message") or "").split())
    return f"{_moment(event)} {subject} {event.get('reason')}{times}: {said}\n"
