"""The version before this one, from which people upgrade: until there are tags, a commit on which site.yml worked."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
COMMIT = "e343d97c3a7b1934661bfb1618b7d6f653b7d17a"


def check_out(folder: Path) -> Path:
    """Write that version's files into `folder`, with the link by which Ansible finds the collection; return it."""
    packed = subprocess.run(["git", "archive", COMMIT], cwd=CHECKOUT, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    link = folder / ".collections" / "ansible_collections" / "seldon" / "openshift"
    link.parent.mkdir(parents=True)
    link.symlink_to("../../..")
    return folder
