"""What Strimzi 0.29's operator refuses although the API server took it: pure functions of spec.kafka."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.kube import Object

# Kafka versions by version of AMQ Streams (its release notes); the last one is the default.
SUPPORTED = {"2.2": ("3.1.0", "3.2.3"), "2.5": ("3.4.0", "3.5.0")}
REPLICATED = (
    "default.replication.factor",
    "offsets.topic.replication.factor",
    "transaction.state.log.replication.factor",
    "transaction.state.log.min.isr",
)


class Refused(Exception):
    """The specification cannot be carried out; `reason` is the class of the operator's exception."""

    def __init__(self, reason: str, message: str) -> None:
        """Take the condition's reason and message."""
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class Running:
    """What brokers that exist already run: a Kafka version, and the protocol and message format that they use."""

    version: str
    protocol: str
    message_format: str


def supported_versions(deployment: str) -> tuple[str, ...]:
    """Return the Kafka versions that the operator in this Deployment (amq-streams-cluster-operator-v2.2.0-4) knows."""
    release = deployment.rpartition("-v")[2]
    fitting = (versions for prefix, versions in SUPPORTED.items() if release.startswith(f"{prefix}."))
    return next(fitting, SUPPORTED["2.2"])


def check(spec: Object, supported: tuple[str, ...], running: Running | None) -> str:
    """Return the version to run. Raises Refused, for the first of the reasons in the operator's order."""
    version = str(spec.get("version") or supported[-1])
    if version not in supported:
        known = ", ".join(supported)
        message = f"Unsupported Kafka.spec.kafka.version: {version}. Supported versions are: [{known}]"
        raise Refused("UnsupportedKafkaVersionException", message)
    if running:
        _check_downgrade(version, running)
    _check_replication(spec)
    _check_listeners(spec["listeners"])
    return version


def _check_downgrade(version: str, running: Running) -> None:
    target = _number(version)
    if target >= _number(running.version):
        return
    if max(_number(running.protocol), _number(running.message_format)) > target[:2]:
        raise Refused(
            "KafkaUpgradeException",
            f"log.message.format.version ({running.message_format}) and inter.broker.protocol.version"
            f" ({running.protocol}) used by the brokers have to be set and be lower or equal to the Kafka broker"
            f" version we downgrade to ({version})",
        )


def _check_replication(spec: Object) -> None:
    replicas, config = spec["replicas"], spec.get("config", {})
    for option in REPLICATED:
        if int(config.get(option, 0)) > replicas:
            limit = f"{replicas} or less" if replicas > 1 else str(replicas)
            message = f"Kafka configuration option '{option}' should be set to {limit}"
            raise Refused("InvalidResourceException", f"{message} because 'spec.kafka.replicas' is {replicas}")


def _check_listeners(listeners: list[Object]) -> None:
    errors = [
        f"every listener needs to have a unique {title}"
        for field, title in (("name", "name"), ("port", "port number"))
        if len({listener[field] for listener in listeners}) < len(listeners)
    ]
    if errors:
        raise Refused("InvalidResourceException", f"Listener configuration is not valid: [{', '.join(errors)}]")


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
