"""One round of the cluster operator: certificates, checks, ZooKeeper, brokers, entity operator, in this order."""

from __future__ import annotations

import base64
import json
import secrets

from sandbox.kube import Object
from sandbox.operators.kafka import objects, status
from sandbox.operators.kafka.validation import Running, check, supported_versions
from sandbox.simulator import Cluster
from sandbox.simulator.objects import available, condition

STRIMZI = "strimzi.io/"
# The shipped operation timeout, in every message whatever the profile makes of it.
TIMEOUT = "300000"


class Waiting(Exception):
    """The round goes on later: after `seconds`, or when a workload of the cluster changes."""

    def __init__(self, seconds: float) -> None:
        """Take the seconds."""
        super().__init__()
        self.seconds = seconds


class Failed(Exception):
    """The round ended without success, and a later one may succeed."""

    def __init__(self, reason: str, message: str, *, brokers_serve: bool = False) -> None:
        """Take the condition's reason and message, and whether the brokers serve all the same."""
        super().__init__(message)
        self.reason = reason
        self.brokers_serve = brokers_serve


class Round:
    """One round over one Kafka. Called again from its beginning whenever something happens: what is done stays done."""

    def __init__(self, cluster: Cluster, kafka: Object, number: int) -> None:
        """Refer to the round of this number."""
        self._cluster = cluster
        self._kafka = kafka
        self._number = number
        self._name: str = kafka["metadata"]["name"]
        self._namespace: str = kafka["metadata"]["namespace"]

    def carry_out(self) -> Object:
        """Return the status at the end. Raises Waiting, Failed, Refused, ApiError."""
        kafka, spec = self._kafka, self._kafka["spec"]
        self._pause("certificates")
        self._keep_secrets(objects.secrets_of_authorities(kafka))
        brokers = self._workload("StatefulSet", "kafka")
        version = check(spec["kafka"], self._supported(), _running(brokers))
        storage = {"kafka": _storage(brokers), "zookeeper": _storage(self._workload("StatefulSet", "zookeeper"))}

        self._pause("zookeeper")
        self._keep_secrets(objects.secrets_of_zookeeper(kafka))
        self._apply(objects.zookeeper(kafka, storage["zookeeper"] or spec["zookeeper"]["storage"]))
        self._wait_for_zookeeper()

        self._pause("brokers")
        self._keep_secrets(objects.secrets_of_brokers(kafka))
        self._apply(objects.brokers(kafka, version, storage["kafka"] or spec["kafka"]["storage"]))
        self._wait_for_brokers()

        if "entityOperator" in spec:
            self._pause("entity_operator")
            self._keep_secrets(objects.secrets_of_entity_operator(kafka))
            self._apply(objects.entity_operator(kafka))
            self._wait_for_entity_operator()

        self._pause("ready")
        ignored = any(kept and kept != spec[part]["storage"] for part, kept in storage.items())
        return status.ready(kafka, self._authority(), storage_ignored=ignored)

    def broken(self) -> bool:
        """Tell whether a workload of the cluster is missing or not all there."""
        wanted = [("StatefulSet", "zookeeper"), ("StatefulSet", "kafka")]
        wanted += [("Deployment", "entity-operator")] if "entityOperator" in self._kafka["spec"] else []
        return not all(available(self._workload(kind, suffix)) for kind, suffix in wanted)

    # --- waiting ----------------------------------------------------------------------------------------------------

    def _wait_for_zookeeper(self) -> None:
        workload = self._workload("StatefulSet", "zookeeper")
        if not available(workload):
            self._wait("zookeeper")
            what = f"StatefulSet resource {self._name}-zookeeper"
            if not self._began_with("zookeeper"):
                what = f"Pods resource {self._unready_pod('zookeeper')}"
            raise _timed_out(what, self._namespace)
        if self._cluster.fault("kafka-zookeeper-unreachable", self._kafka):
            self._wait("zookeeper connection")
            addresses = ",".join(
                f"{self._name}-zookeeper-{number}.{self._name}-zookeeper-nodes.{self._namespace}.svc:2181"
                for number in range(self._kafka["spec"]["zookeeper"]["replicas"])
            )
            message = f"Failed to connect to Zookeeper {addresses}. Connection was not ready in {TIMEOUT} ms."
            raise Failed("ZookeeperScalingException", message)

    def _wait_for_brokers(self) -> None:
        workload = self._workload("StatefulSet", "kafka")
        if available(workload):
            return
        self._restart_one_outdated()
        self._wait("brokers")
        if self._began_with("kafka"):
            raise _timed_out(f"StatefulSet resource {self._name}-kafka", self._namespace)
        pod = self._unready_pod("kafka")
        raise Failed("FatalProblem", f"Error while waiting for restarted pod {pod} to become ready")

    def _wait_for_entity_operator(self) -> None:
        if not available(self._workload("Deployment", "entity-operator")):
            self._wait("entity operator")
            what = f"Deployment resource {self._name}-entity-operator"
            raise _timed_out(what, self._namespace, brokers_serve=True)

    def _wait(self, what: str) -> None:
        """Raise Waiting until the operation timeout has passed since the first call in this round."""
        if wait := self._cluster.pause(self._kafka, "kafka.operation_timeout", f"{self._number} {what}"):
            raise Waiting(wait)

    def _pause(self, step: str) -> None:
        if wait := self._cluster.pause(self._kafka, f"kafka.{step}", f"{self._number}"):
            raise Waiting(wait)

    # --- objects ----------------------------------------------------------------------------------------------------

    def _apply(self, wanted: list[Object]) -> None:
        *others, workload = wanted  # the workload is the last one
        created = self._cluster.memory(self._kafka).setdefault("created in round", {})
        if self._cluster.kube.get("apps/v1", workload["kind"], workload["metadata"]["name"], self._namespace) is None:
            created[workload["metadata"]["name"]] = self._number
        self._cluster.apply(*others, workload)

    def _began_with(self, suffix: str) -> bool:
        """Tell whether the StatefulSet was made in this round, so that none of its pods has ever been ready."""
        created = self._cluster.memory(self._kafka)["created in round"]
        return bool(created.get(f"{self._name}-{suffix}") == self._number)

    def _keep_secrets(self, wanted: dict[str, list[str]]) -> None:
        """Create the Secrets (name: keys); values that are there stay."""
        for name, keys in wanted.items():
            found = (self._cluster.kube.get("v1", "Secret", name, self._namespace) or {}).get("data", {})
            if found.keys() != set(keys):
                data = {key: found.get(key) or _random() for key in keys}
                self._cluster.apply(objects.secret(self._kafka, name, data))

    def _restart_one_outdated(self) -> None:
        """Delete one outdated pod when all pods are ready: the brokers' StatefulSet restarts nothing by itself."""
        workload = self._workload("StatefulSet", "kafka")
        pods = self._pods("kafka")
        revision = (workload or {}).get("status", {}).get("updateRevision")
        wanted = self._kafka["spec"]["kafka"]["replicas"]
        outdated = [pod for pod in pods if pod["metadata"]["labels"].get("controller-revision-hash") != revision]
        if outdated and len(pods) == wanted and all(map(_pod_ready, pods)):
            self._cluster.kube.delete(outdated[0])

    def _unready_pod(self, suffix: str) -> str:
        unready = sorted(pod["metadata"]["name"] for pod in self._pods(suffix) if not _pod_ready(pod))
        return unready[0] if unready else f"{self._name}-{suffix}-0"

    def _pods(self, suffix: str) -> list[Object]:
        labels = f"{STRIMZI}cluster={self._name},{STRIMZI}name={self._name}-{suffix}"
        return self._cluster.kube.list("v1", "Pod", self._namespace, labels)

    def _workload(self, kind: str, suffix: str) -> Object | None:
        return self._cluster.kube.get("apps/v1", kind, f"{self._name}-{suffix}", self._namespace)

    def _authority(self) -> str:
        found = self._cluster.kube.get("v1", "Secret", f"{self._name}-cluster-ca-cert", self._namespace)
        return base64.b64decode((found or {})["data"]["ca.crt"]).decode()

    def _supported(self) -> tuple[str, ...]:
        deployment = self._cluster.deployment
        return supported_versions(deployment["metadata"]["name"] if deployment else "")


def _timed_out(what: str, namespace: str, *, brokers_serve: bool = False) -> Failed:
    message = f"Exceeded timeout of {TIMEOUT}ms while waiting for {what} in namespace {namespace} to be ready"
    return Failed("TimeoutException", message, brokers_serve=brokers_serve)


def _storage(workload: Object | None) -> Object | None:
    return json.loads(workload["metadata"]["annotations"][f"{STRIMZI}storage"]) if workload else None


def _running(brokers: Object | None) -> Running | None:
    if brokers is None:
        return None
    notes = brokers["spec"]["template"]["metadata"]["annotations"]
    names = ("kafka-version", "inter-broker-protocol-version", "log-message-format-version")
    return Running(*(notes[f"{STRIMZI}{name}"] for name in names))


def _pod_ready(pod: Object) -> bool:
    return condition(pod, "Ready").get("status") == "True" and "deletionTimestamp" not in pod["metadata"]


def _random() -> str:
    return base64.b64encode(secrets.token_urlsafe(24).encode()).decode()
