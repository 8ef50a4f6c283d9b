# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Why an operator is not installed: its verdict, and what its version, plan and unpack jobs add."""

from __future__ import annotations

from ..kube.client import Client
from ..kube.objects import Object, section
from ..olm.installer import OperatorStatus
from ..olm.plan import plan_for
from ..readiness.state import Failed
from ..waiting.progress import duration
from .gather import diagnose, paragraph, unpacking


def explain_operator(client: Client, result: OperatorStatus, seconds: float, deadline: float) -> str:
    """Return a paragraph on an operator that is not installed after `seconds`; `deadline` ends the reading."""
    operator, snapshot = result.operator, result.snapshot
    verdict = (
        "cannot be installed" if isinstance(result.state, Failed) else f"is not installed after {duration(seconds)}"
    )
    live = snapshot.subscription(operator.name)
    status = section(live, "status") if live else {}
    csv = status.get("currentCSV") or status.get("installedCSV")
    version, plan = snapshot.current(operator), plan_for(csv, snapshot.plans) if csv else None
    lines = _suspect(client, version or live, deadline)
    if version is None and plan is not None:
        lines = [*unpacking(client, operator.source_namespace, deadline), *lines]
    return paragraph(f"{operator.title} {verdict}: {result.state.reason}", lines)


def _suspect(client: Client, obj: Object | None, deadline: float) -> list[str]:
    return [] if obj is None else diagnose(client, obj, deadline)
