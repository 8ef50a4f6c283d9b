# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Which version of this collection runs."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

HOME = Path(__file__).parents[3]


def collection_version(home: Path = HOME) -> str:
    """Return the version of the collection in a folder, installed or a checkout; empty when neither file says it."""
    try:
        return str(json.loads((home / "MANIFEST.json").read_text(encoding="utf-8"))["collection_info"]["version"])
    except (OSError, ValueError, LookupError, TypeError):
        pass
    try:
        return str(yaml.safe_load((home / "galaxy.yml").read_text(encoding="utf-8"))["version"])
    except (OSError, ValueError, yaml.YAMLError, LookupError, TypeError):
        return ""
