"""Where the sandbox keeps what."""

from __future__ import annotations

import os
import re
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parent


def cache_dir() -> Path:
    """Return the folder of built binaries, outside the checkout: $SELDON_SANDBOX_CACHE, else the user's cache."""
    configured = os.environ.get("SELDON_SANDBOX_CACHE")
    if configured:
        return Path(configured).expanduser().resolve()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser().resolve() / "seldon-openshift"


def states_dir() -> Path:
    """Return the folder that holds one folder for each sandbox."""
    return CHECKOUT / ".sandbox"


def snapshots_dir() -> Path:
    """Return the folder of snapshots, shared by all sandboxes."""
    return states_dir() / ".snapshots"


def state_dir(name: str) -> Path:
    """Return the folder of the sandbox `name`. Raises ValueError for a name that is no plain word."""
    return states_dir() / checked(name)


def checked(name: str) -> str:
    """Return `name`. Raises ValueError when it could not be a folder's name."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,62}", name):
        raise ValueError(
            f"'{name}' is no name for a sandbox or snapshot: use lower-case letters, digits, '-', '_' and '.'"
        )
    return name
