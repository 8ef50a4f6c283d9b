"""How the database breaks."""

from __future__ import annotations

import base64

from tests.integration.breakages import patched, removed, unready_pods

SYSTEM = "seldon-system"


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


BREAKAGES = [
    removed("postgresql.secret", "v1", "Secret", "metadata-postgres", SYSTEM),
    patched("postgresql.secret", "v1", "Secret", "metadata-postgres", SYSTEM, {"data": {"sslmode": ""}}),
    patched(
        "postgresql.password", "v1", "Secret", "metadata-postgres", SYSTEM, {"data": {"password": _encoded("wrong")}}
    ),
    unready_pods("postgresql.database", SYSTEM, "name=metadata", subject="metadata"),
    patched("postgresql.address", "v1", "Service", "metadata", SYSTEM, {"spec": {"selector": {"name": "nobody"}}}),
]
