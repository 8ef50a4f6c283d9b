# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Who has to start again because a Secret changed: a container reads its environment only when it starts.

Judged by what runs, not by what this task changed, so that a run that was stopped before the restart loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from ..apply.outcome import Outcome
from ..kube.client import Client
from ..kube.errors import ApiError, EngineError, KindNotServed
from ..kube.kinds import DAEMON_SET, DEPLOYMENT, POD
from ..kube.objects import Kind, Object, Objects, Reference, is_terminating, section

KINDS = (DEPLOYMENT, DAEMON_SET)
RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"  # what `oc rollout restart` sets
# OpenShift Logging's fluentd mounts the log forwarder's Secret, and reads the files only when it starts.
_READS_FILES_ONCE = ("DaemonSet", "collector")
# By these, Seldon Core v2's clients of Kafka are told the Secrets that they read through the API when they start.
_NAMING = (
    "KAFKA_CLIENT_SASL_SECRET_NAME",
    "KAFKA_BROKER_TLS_SECRET_NAME",
    "SELDON_SASL_SECRET",
    "SELDON_TLS_BROKER_SECRET",
)


def readers(workloads: Objects, secret: str) -> Objects:
    """Return those of `workloads` (of one namespace) that read the Secret of this name only when they start."""
    return [workload for workload in workloads if secret in _read_at_start(workload)]


def last_change(secret: Object) -> datetime:
    """Return when a value of a live Secret changed last, at the latest (`managedFields`, to the second).

    Who replaces a value takes it away from its other managers; so a value with several is as old as the first of them.
    """
    made, entries = _time(secret["metadata"]["creationTimestamp"]), secret["metadata"].get("managedFields") or []
    times = [
        min(_time(each["time"]) for each in owners)
        for key in section(secret, "data")
        if (owners := [each for each in entries if each.get("time") and _owns(each, key)])
    ]
    changed = max(times, default=made)
    # The server stamps a creation twice, at times in two seconds.
    return made if len(entries) == 1 and changed - made <= timedelta(seconds=1) else changed


def was_restarted(workload: Object, since: datetime) -> bool:
    """Say whether a workload was made after `since`, or asked to restart."""
    template = section(workload["spec"]["template"], "metadata")
    try:
        asked = _time(section(template, "annotations").get(RESTARTED_AT, "")) >= since
    except (TypeError, ValueError):  # there is none, or anybody's text without a zone
        asked = False
    return asked or _time(workload["metadata"]["creationTimestamp"]) > since


def is_older(pod: Object, since: datetime) -> bool:
    """Say whether a pod that goes on running may have started before `since`."""
    metadata = pod["metadata"]
    return not metadata.get("deletionTimestamp") and _time(metadata["creationTimestamp"]) <= since


def selector_text(selector: Object) -> str:
    """Return a workload's `spec.selector` as the API's query takes it; a DeploymentConfig's is labels alone."""
    if all(isinstance(value, str) for value in selector.values()):
        selector = {"matchLabels": selector}
    parts = [f"{key}={value}" for key, value in (selector.get("matchLabels") or {}).items()]
    for each in selector.get("matchExpressions") or []:
        key, values = each["key"], ",".join(each.get("values") or [])
        forms = {"In": f"{key} in ({values})", "NotIn": f"{key} notin ({values})", "Exists": key}
        parts.append(forms.get(each["operator"], f"!{key}"))
    return ",".join(parts)


def outdated(
    client: Client, outcomes: Sequence[Outcome], deadline: float, kinds: Sequence[Kind] = KINDS
) -> list[tuple[Object, datetime]]:
    """Return the workloads of `kinds` that run with earlier values of the Secrets in `outcomes`, since when these are.

    `deadline` is in seconds of `time.monotonic()`. Raises EngineError when they can't be read.
    """
    secrets: dict[str, Objects] = {}
    for outcome in outcomes:
        if outcome.after and "creationTimestamp" in outcome.after["metadata"]:  # not one that check mode foresees
            secrets.setdefault(outcome.after["metadata"]["namespace"], []).append(outcome.after)
    found: dict[Reference, tuple[Object, datetime]] = {}
    for namespace, copies in secrets.items():
        found_there = [obj for kind in kinds for obj in _all(client, kind, namespace, deadline)]
        # What is being deleted starts no pod any more; what comes in its place reads the new values.
        workloads = [obj for obj in found_there if not is_terminating(obj)]
        for secret in copies:
            since = _first_read(secret)
            for workload in readers(workloads, secret["metadata"]["name"]):
                if runs_since_before(client, workload, since, deadline):
                    _known, known_since = found.get(Reference.of(workload), (workload, since))
                    found[Reference.of(workload)] = (workload, max(since, known_since))
    return list(found.values())


def runs_since_before(client: Client, workload: Object, since: datetime, deadline: float) -> bool:
    """Say whether a workload has pods that may have started before `since`, and was not asked to restart since then.

    `deadline` is in seconds of `time.monotonic()`. Raises EngineError when they can't be read.
    """
    return not was_restarted(workload, since) and _has_older_pods(client, workload, since, deadline)


def restart(client: Client, workload: Object, since: datetime, deadline: float) -> None:
    """Roll a workload as `oc rollout restart` does, and mark it as later than `since`, the cluster's time.

    `deadline` is in seconds of `time.monotonic()`. Raises EngineError when it is refused.
    """
    # The clock here may be behind the cluster's.
    stamp = max(datetime.now(timezone.utc), since).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = {"spec": {"template": {"metadata": {"annotations": {RESTARTED_AT: stamp}}}}}
    try:
        client.patch(workload, body, deadline=deadline)
    except ApiError as error:
        raise EngineError(
            f"{Reference.of(workload)} can't be restarted, and goes on with the old values: {error}"
        ) from error


def _first_read(secret: Object) -> datetime:
    """Return from when on pods have read the present values, for sure."""
    changed, made = last_change(secret), _time(secret["metadata"]["creationTimestamp"])
    # No pod reads a Secret before it is made, so one of the same second has read it as it is.
    return changed if changed > made else made - timedelta(microseconds=1)


def _all(client: Client, kind: Kind, namespace: str, deadline: float) -> Objects:
    try:
        return client.list(kind, namespace, deadline=deadline)
    except KindNotServed:
        return []


def _owns(entry: Object, key: str) -> bool:
    return f"f:{key}" in (entry.get("fieldsV1") or {}).get("f:data", {})


def _read_at_start(workload: Object) -> set[str]:
    pod = workload["spec"]["template"]["spec"]
    containers = [*(pod.get("initContainers") or []), *pod["containers"]]
    names = {name for container in containers for name in _environment(container)}
    if (workload["kind"], workload["metadata"]["name"]) == _READS_FILES_ONCE:
        names.update((volume.get("secret") or {}).get("secretName") for volume in pod.get("volumes") or [])
    return names


def _environment(container: Object) -> Iterator[Any]:
    for each in container.get("env") or []:
        yield ((each.get("valueFrom") or {}).get("secretKeyRef") or {}).get("name")
        if each.get("name") in _NAMING:
            yield each.get("value")
    for each in container.get("envFrom") or []:
        yield (each.get("secretRef") or {}).get("name")


def _has_older_pods(client: Client, workload: Object, since: datetime, deadline: float) -> bool:
    namespace, selector = workload["metadata"]["namespace"], selector_text(workload["spec"]["selector"])
    pods = client.list(POD, namespace, label_selector=selector, deadline=deadline)
    return any(is_older(pod, since) for pod in pods)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
