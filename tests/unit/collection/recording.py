"""Plays that really run, in a copy of the collection whose modules write down what they were asked for (`recorder.py`).

Ansible does all else: no cluster is needed to see what roles ask for.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.unit.collection.typed_reads import CHECKOUT

Calls = list[str]  # lines of JSON, [role, task, module, arguments]; there, 1 is not true

RECORDER = Path(__file__).with_name("recorder.py")
EMPTIER = Path(__file__).with_name("emptier.py")
USUAL = {"ansible_connection": "local", "seldon_git_repository": "https://git.example.com/acme/models"}


def recorded(
    plays: Iterable[Mapping[str, Any]], hosts: Mapping[str, Mapping[str, Any]], folder: Path
) -> tuple[dict[str, Calls], str]:
    """Run plays for the group `clusters` of `hosts`, by their variables; return what each asked for, and the output.

    `folder` is an empty one, which keeps what was written.
    """
    _recording_collections(folder)
    (folder / "recorded").mkdir()
    inventory = {"clusters": {"hosts": hosts, "vars": USUAL}}
    (folder / "hosts.json").write_text(json.dumps(inventory))
    (folder / "play.json").write_text(json.dumps(list(plays)))
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "K8S_AUTH_"))}
    settings = {
        "ANSIBLE_COLLECTIONS_PATH": str(folder),
        "ANSIBLE_FORKS": "4",
        "HOME": str(folder),
        "RECORD": str(folder / "recorded"),
    }
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "hosts.json", "play.json"]
    done = subprocess.run(command, cwd=folder, env={**clean, **settings}, capture_output=True, text=True)
    output = done.stdout + done.stderr
    (folder / "output").write_text(output)
    return {path.name: path.read_text().splitlines() for path in (folder / "recorded").iterdir()}, output


def _recording_collections(root: Path) -> None:
    """Make a copy of the collection, and of kubernetes.core, whose actions write down what they were asked for."""
    ours, theirs = (root / "ansible_collections" / name for name in ("seldon/openshift", "kubernetes/core"))
    core = Path(import_module("ansible_collections.kubernetes.core").__path__[0])
    links = {
        copy / path.relative_to(source): path
        for copy, source in ((ours, CHECKOUT), (theirs, core))
        for path in (source / "plugins").iterdir()
    }
    for folder in ("action", "plugin_utils"):
        del links[ours / "plugins" / folder]
        links |= {ours / "plugins" / folder / path.name: path for path in (CHECKOUT / "plugins" / folder).iterdir()}
    links.pop(theirs / "plugins/action")
    links |= {ours / name: CHECKOUT / name for name in ("meta", "roles")}
    links[ours / "plugins/plugin_utils/engine_action.py"] = RECORDER
    links |= dict.fromkeys(
        [
            *(
                ours / f"plugins/action/{name}.py"
                for name in ("record", "seldon_backup", "seldon_helm", "seldon_restore")
            ),
            *(theirs / f"plugins/action/{name}.py" for name in ("helm", "k8s")),
        ],
        RECORDER,
    )
    links[ours / "plugins/action/emptied.py"] = EMPTIER
    for link, target in links.items():
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(target)
