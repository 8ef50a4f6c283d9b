"""The objects of one Kafka cluster, as Strimzi 0.29 makes them: pure functions of the Kafka resource."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from sandbox.kube import Object
from sandbox.operators._templates import complete, load
from sandbox.simulator.objects import make, owner

FOLDER = Path(__file__).parent / "objects"
CERTIFICATE = ("crt", "key", "p12", "password")
# Names that these ports had before listeners could be called anything.
OLD_PORT_NAMES = {("plain", 9092): "tcp-clients", ("tls", 9093): "tcp-clientstls"}


def secrets_of_authorities(kafka: Object) -> dict[str, list[str]]:
    """Return the Secrets (name: keys) that exist before anything else."""
    name = kafka["metadata"]["name"]
    authority = ["ca.crt", "ca.p12", "ca.password"]
    return {
        f"{name}-cluster-ca": ["ca.key"],
        f"{name}-cluster-ca-cert": authority,
        f"{name}-clients-ca": ["ca.key"],
        f"{name}-clients-ca-cert": authority,
        f"{name}-cluster-operator-certs": _certificates("cluster-operator"),
    }


def secrets_of_zookeeper(kafka: Object) -> dict[str, list[str]]:
    """Return the Secrets (name: keys) of the ZooKeeper nodes."""
    name, replicas = kafka["metadata"]["name"], kafka["spec"]["zookeeper"]["replicas"]
    pods = [f"{name}-zookeeper-{number}" for number in range(replicas)]
    return {f"{name}-zookeeper-nodes": [key for pod in pods for key in _certificates(pod)]}


def secrets_of_brokers(kafka: Object) -> dict[str, list[str]]:
    """Return the Secrets (name: keys) of the brokers."""
    name, replicas = kafka["metadata"]["name"], kafka["spec"]["kafka"]["replicas"]
    pods = [f"{name}-kafka-{number}" for number in range(replicas)]
    return {f"{name}-kafka-brokers": [key for pod in pods for key in _certificates(pod)]}


def secrets_of_entity_operator(kafka: Object) -> dict[str, list[str]]:
    """Return the Secrets (name: keys) of the topic and the user operator."""
    name = kafka["metadata"]["name"]
    return {f"{name}-entity-{part}-operator-certs": _certificates("entity-operator") for part in ("topic", "user")}


def secret(kafka: Object, name: str, data: dict[str, str]) -> Object:
    """Return a Secret of the cluster; `data` is encoded already."""
    return _of(kafka, make("v1", "Secret", name, type="Opaque", data=data), "strimzi")


def zookeeper(kafka: Object, storage: Object) -> list[Object]:
    """Return everything of ZooKeeper but its Secret; `storage` is what its pods have, whatever the spec says now."""
    values = {"replicas": kafka["spec"]["zookeeper"]["replicas"], "storage": _json(storage)}
    found = _load(kafka, "zookeeper", **values)
    next(obj for obj in found if obj["kind"] == "StatefulSet")["spec"]["volumeClaimTemplates"] = claims(storage)
    return found


def brokers(kafka: Object, version: str, storage: Object) -> list[Object]:
    """Return everything of the brokers but their Secret; they run `version` on `storage`."""
    spec = kafka["spec"]["kafka"]
    protocol, message_format = protocols(spec, version)
    values = {"replicas": spec["replicas"], "version": version, "storage": _json(storage)}
    found = _load(kafka, "brokers", **values, protocol=protocol, format=message_format)
    by_kind = {(obj["kind"], obj["metadata"]["name"].rpartition("-")[2]): obj for obj in found}
    policy, bootstrap = by_kind["NetworkPolicy", "kafka"], by_kind["Service", "bootstrap"]
    workload, headless = by_kind["StatefulSet", "kafka"], by_kind["Service", "brokers"]
    workload["spec"]["volumeClaimTemplates"] = claims(storage)
    container = workload["spec"]["template"]["spec"]["containers"][0]
    for listener in spec["listeners"]:
        port = listener["port"]
        title = OLD_PORT_NAMES.get((listener["name"], port), f"tcp-{listener['name']}")
        for service in (bootstrap, headless):
            service["spec"]["ports"].append({"name": title, "port": port, "protocol": "TCP", "targetPort": port})
        container["ports"].append({"name": title, "containerPort": port})
        policy["spec"]["ingress"].append({"ports": [{"port": port, "protocol": "TCP"}]})
    config = "".join(f"{key}={_plain(value)}\n" for key, value in sorted(spec.get("config", {}).items()))
    by_kind["ConfigMap", "config"]["data"]["server.config"] = config
    # Another number of brokers means other certificates, and these mean a restart.
    digest = hashlib.sha256(_json([version, spec["replicas"], spec["listeners"]]).encode()).hexdigest()[:8]
    workload["spec"]["template"]["metadata"]["annotations"]["strimzi.io/broker-configuration-hash"] = digest
    return found


def entity_operator(kafka: Object) -> list[Object]:
    """Return everything of the entity operator but its Secrets."""
    found = _load(kafka, "entity_operator")
    pod = next(obj for obj in found if obj["kind"] == "Deployment")["spec"]["template"]["spec"]
    asked = kafka["spec"]["entityOperator"]
    ports = {part: port for part, port in (("topic", 8080), ("user", 8081)) if f"{part}Operator" in asked}
    for part, port in ports.items():
        probed = [{"name": "healthcheck", "containerPort": port}]
        pod["containers"].append({"name": f"{part}-operator", "image": "sandbox/strimzi", "ports": probed})
    pod["containers"].append({"name": "tls-sidecar", "image": "sandbox/kafka"})
    return found


def protocols(spec: Object, version: str) -> tuple[str, str]:
    """Return the inter-broker protocol and the message format that brokers of `version` use with this spec.kafka."""
    config, own = spec.get("config", {}), version.rpartition(".")[0]
    protocol = str(config.get("inter.broker.protocol.version", own))
    return protocol, str(config.get("log.message.format.version", protocol))


def claims(storage: Object) -> list[Object]:
    """Return the templates of the claims by which a StatefulSet keeps its data; none for ephemeral storage."""
    volumes = storage["volumes"] if storage["type"] == "jbod" else [storage]
    return [_claim(volume) for volume in volumes if volume["type"] == "persistent-claim"]


def _claim(volume: Object) -> Object:
    spec: Object = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": volume["size"]}}}
    if "class" in volume:
        spec["storageClassName"] = volume["class"]
    return {"metadata": {"name": f"data-{volume['id']}" if "id" in volume else "data"}, "spec": spec}


def _certificates(stem: str) -> list[str]:
    return [f"{stem}.{ending}" for ending in CERTIFICATE]


def _load(kafka: Object, component: str, **values: object) -> list[Object]:
    meta = kafka["metadata"]
    found = load(FOLDER / f"{component}.yaml", name=meta["name"], namespace=meta["namespace"], **values)
    title = {"brokers": "kafka"}.get(component, component.replace("_", "-"))
    return [_of(kafka, obj, title) for obj in found]


def _of(kafka: Object, obj: Object, component: str) -> Object:
    meta = kafka["metadata"]
    labels = {
        "app.kubernetes.io/instance": meta["name"],
        "app.kubernetes.io/managed-by": "strimzi-cluster-operator",
        "app.kubernetes.io/name": component,
        "app.kubernetes.io/part-of": f"strimzi-{meta['name']}",
        "strimzi.io/cluster": meta["name"],
        "strimzi.io/kind": "Kafka",
        "strimzi.io/name": "strimzi",
    }
    reference = owner(kafka) | {"controller": False, "blockOwnerDeletion": False}
    obj = complete(obj, meta["namespace"], labels, reference)
    if "template" in obj.get("spec", {}):
        pod = obj["spec"]["template"]["metadata"]
        pod["labels"] = labels | pod["labels"]
    return obj


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
