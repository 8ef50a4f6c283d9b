# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""AMQ Streams 2.2 (Strimzi 0.29): Kafka."""

from __future__ import annotations

from ..kube.objects import Object, condition, condition_text, holds
from .state import Failed, Progressing, Ready, State, stale

# Strimzi names its exceptions; others (TimeoutException, FatalProblem, ZookeeperScalingException ...) heal later.
TERMINAL = ("InvalidResourceException", "UnsupportedKafkaVersionException", "KafkaUpgradeException")


def kafka(obj: Object) -> State:
    """Judge a Kafka; a verdict outlives its cause by minutes, so only one of the current generation counts."""
    if holds(obj, "ReconciliationPaused"):
        return Progressing("its reconciliation is paused (annotation strimzi.io/pause-reconciliation)")
    not_ready = condition(obj, "NotReady")
    waiting = stale(obj, counted=True)
    if waiting:
        return Progressing(
            condition_text(not_ready, waiting.reason) if not_ready.get("reason") == "Creating" else waiting.reason
        )
    if not_ready.get("status") == "True":
        said = condition_text(not_ready, "not ready")
        return Failed(said) if not_ready.get("reason") in TERMINAL else Progressing(said)
    return Ready() if holds(obj, "Ready") else Progressing("no Ready condition yet")
