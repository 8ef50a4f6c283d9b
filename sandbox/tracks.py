"""What requests to models leave in Elasticsearch and in Thanos, as far as what collects it is there."""

from __future__ import annotations

import re
import threading
from collections import Counter
from fnmatch import fnmatchcase
from urllib.parse import unquote

from sandbox.kube import Kube, Object
from sandbox.simulator.objects import available, condition
from sandbox.simulator.settings import Faults

EVENTING = "eventing.knative.dev/v1"
LOGS = "seldon-logs"
_LABELS = re.compile(r'(namespace|deployment_name)="([^"]*)"')
_NAME = tuple[str, str]  # namespace and name of a SeldonDeployment


class Tracks:
    """The logs and the counters of one sandbox; safe to use from several threads."""

    def __init__(self, kube: Kube, faults: Faults) -> None:
        """Look at the cluster of `kube` for what collects them."""
        self._kube = kube
        self._faults = faults
        self._lock = threading.Lock()
        self._requests: Counter[_NAME] = Counter()
        self._logs: Counter[str] = Counter()

    def add(self, model: Object) -> None:
        """Take note of a request that a SeldonDeployment has answered."""
        namespace, name = model["metadata"]["namespace"], model["metadata"]["name"]
        predictor = model["spec"]["predictors"][0]
        logged = predictor["graph"].get("logger", {}).get("mode") == "all" and self._logs_arrive()
        with self._lock:
            self._requests[namespace, name] += 1
            if logged:
                self._logs[f"inference-log-seldon-{namespace}-{name}-{predictor['name']}"] += 1

    def indices(self, pattern: str) -> list[str]:
        """Return the names of the indices that match the pattern (*)."""
        with self._lock:
            return sorted(name for name in self._logs if fnmatchcase(name, pattern))

    def delete(self, index: str) -> bool:
        """Delete an index; return whether there was one."""
        with self._lock:
            return self._logs.pop(index, 0) > 0

    def counted(self, query: str) -> int:
        """Return the sum that a query of PromQL asks for, 0 for models whose engines nobody asks."""
        labels = dict(_LABELS.findall(unquote(query)))
        namespace, name = labels.get("namespace", ""), labels.get("deployment_name", "")
        with self._lock:
            number = self._requests[namespace, name]
        return number if number and self._is_collected(namespace) else 0

    def _logs_arrive(self) -> bool:
        broker = self._kube.get(EVENTING, "Broker", "default", LOGS)
        trigger = self._kube.get(EVENTING, "Trigger", "seldon-request-logger-trigger", LOGS)
        ready = all(each and condition(each, "Ready").get("status") == "True" for each in (broker, trigger))
        logger = self._kube.get("apps/v1", "Deployment", "seldon-request-logger", LOGS)
        return ready and available(logger) and not self._faults.named("request-log-lost")

    def _is_collected(self, namespace: str) -> bool:
        monitor = self._kube.get("monitoring.coreos.com/v1", "PodMonitor", "seldon-podmonitor", namespace)
        return monitor is not None and not self._faults.named("metric-lost")
