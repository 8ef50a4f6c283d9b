# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The values of Secrets, which the API holds in base64, as text."""

from __future__ import annotations

import base64

from .objects import Object, section


def encoded(text: str) -> str:
    """Return `text` as a Secret's data holds it."""
    return base64.b64encode(text.encode()).decode()


def decoded(secret: Object | None) -> dict[str, str]:
    """Return what a Secret holds, as text; nothing of one that does not exist."""
    data = section(secret, "data")
    return {key: base64.b64decode(value or "").decode("utf-8", "replace") for key, value in data.items()}
