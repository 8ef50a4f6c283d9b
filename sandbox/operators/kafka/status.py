"""The status that Strimzi 0.29 gives a Kafka. NotReady is a type of its own; Ready=False is never written."""

from __future__ import annotations

import base64
import uuid

from sandbox.kube import Object
from sandbox.simulator.objects import conditions

STORAGE_WARNING = (
    "The desired Kafka storage configuration contains changes which are not allowed. As a result, all storage changes"
    " will be ignored. Use DEBUG level logging for more information about the detected changes."
)


def creating(kafka: Object) -> Object:
    """Return the first status, written before the operator has read the specification: observedGeneration is 0."""
    first = ("NotReady", "True", "Creating", "Kafka cluster is being deployed")
    return {"conditions": conditions(kafka, first), "observedGeneration": 0}


def paused(kafka: Object) -> Object:
    """Return the status while the operator leaves the cluster alone."""
    return _status(kafka, ("ReconciliationPaused", "True", "", ""))


def not_ready(kafka: Object, reason: str, message: str, *, keep_listeners: bool = False) -> Object:
    """Return the status after a round that failed; with `keep_listeners` the brokers still serve."""
    kept = {key: kafka["status"][key] for key in ("listeners", "clusterId") if key in kafka["status"]}
    return _status(kafka, ("NotReady", "True", reason, message)) | (kept if keep_listeners else {})


def ready(kafka: Object, certificate: str, *, storage_ignored: bool) -> Object:
    """Return the status after a round that succeeded; `certificate` is the cluster authority's."""
    warnings = [("Warning", "True", "KafkaStorage", STORAGE_WARNING)] if storage_ignored else []
    meta = kafka["metadata"]
    host = f"{meta['name']}-kafka-bootstrap.{meta['namespace']}.svc"
    cluster_id = base64.urlsafe_b64encode(uuid.UUID(meta["uid"]).bytes).decode().rstrip("=")
    listeners = [_listener(listener, host, certificate) for listener in kafka["spec"]["kafka"]["listeners"]]
    return _status(kafka, *warnings, ("Ready", "True", "", "")) | {"listeners": listeners, "clusterId": cluster_id}


def _listener(listener: Object, host: str, certificate: str) -> Object:
    port, name = listener["port"], listener["name"]
    found = {"name": name, "type": name, "addresses": [{"host": host, "port": port}]}
    return found | {"bootstrapServers": f"{host}:{port}"} | ({"certificates": [certificate]} if listener["tls"] else {})


def _status(kafka: Object, *wanted: tuple[str, str, str, str]) -> Object:
    return {"conditions": conditions(kafka, *wanted), "observedGeneration": kafka["metadata"]["generation"]}
