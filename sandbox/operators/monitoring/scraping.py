"""The configuration that prometheus-operator 0.57 makes of PodMonitors for user workloads: pure functions.

A PodMonitor's own namespace is all that it gets, whatever its namespaceSelector says, and its honorLabels are ignored.
"""

from __future__ import annotations

import re

from sandbox.kube import Object

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "y": 31536000.0}
INTERVAL = "30s"


def configuration(name: str, monitors: list[Object]) -> Object:
    """Return the configuration of the Prometheus `namespace/name` with one job for each endpoint of the PodMonitors."""
    ordered = sorted(monitors, key=lambda obj: (obj["metadata"]["namespace"], obj["metadata"]["name"]))
    jobs = [
        _job(monitor, index, endpoint)
        for monitor in ordered
        for index, endpoint in enumerate(monitor["spec"].get("podMetricsEndpoints", []))
    ]
    external = {"prometheus": name, "prometheus_replica": "$(POD_NAME)"}
    defaults = {"evaluation_interval": INTERVAL, "scrape_interval": INTERVAL, "external_labels": external}
    files = f"/etc/prometheus/rules/prometheus-{name.rpartition('/')[2]}-rulefiles-0/*.yaml"
    return {"global": defaults, "rule_files": [files], "scrape_configs": jobs}


def refused(monitor: Object) -> str:
    """Return why the PodMonitor is skipped, which only the operator's log tells; "" when it is not."""
    for endpoint in monitor["spec"].get("podMetricsEndpoints", []):
        timeout, interval = endpoint.get("scrapeTimeout"), endpoint.get("interval", INTERVAL)
        if timeout and seconds(timeout) > seconds(interval):
            return f'scrapeTimeout "{timeout}" greater than scrapeInterval "{interval}"'
    return ""


def seconds(duration: str) -> float:
    """Return the seconds of a Prometheus duration: 1m30s."""
    return sum(int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+)(ms|[smhdwy])", duration))


def _job(monitor: Object, index: int, endpoint: Object) -> Object:
    namespace, name = monitor["metadata"]["namespace"], monitor["metadata"]["name"]
    job: Object = {
        "job_name": f"podMonitor/{namespace}/{name}/{index}",
        "honor_labels": False,
        "honor_timestamps": False,
        "kubernetes_sd_configs": [{"role": "pod", "namespaces": {"names": [namespace]}}],
    }
    fields = {"interval": "scrape_interval", "scrapeTimeout": "scrape_timeout", "path": "metrics_path"}
    fields |= {"scheme": "scheme"}
    job |= {target: endpoint[field] for field, target in fields.items() if field in endpoint}
    job["relabel_configs"] = [
        {"source_labels": ["job"], "target_label": "__tmp_prometheus_job_name"},
        *_selected(monitor),
        {"action": "keep", "source_labels": ["__meta_kubernetes_pod_container_port_name"], "regex": endpoint["port"]},
        *_copied(),
        *_pod_labels(monitor),
        {"target_label": "job", "replacement": f"{namespace}/{name}"},
        {"target_label": "endpoint", "replacement": endpoint["port"]},
        {"target_label": "namespace", "replacement": namespace},
        {"source_labels": ["__address__"], "target_label": "__tmp_hash", "modulus": 1, "action": "hashmod"},
        {"source_labels": ["__tmp_hash"], "regex": "$(SHARD)", "action": "keep"},
    ]
    job["metric_relabel_configs"] = [{"target_label": "namespace", "replacement": namespace}]
    return job


def _selected(monitor: Object) -> list[Object]:
    found = []
    for label, value in sorted(monitor["spec"]["selector"].get("matchLabels", {}).items()):
        sources = [f"__meta_kubernetes_pod_{kind}_{_identifier(label)}" for kind in ("label", "labelpresent")]
        found.append({"action": "keep", "source_labels": sources, "regex": f"({value});true"})
    return found


def _copied() -> list[Object]:
    sources = {"namespace": "namespace", "container": "pod_container_name", "pod": "pod_name"}
    return [
        {"source_labels": [f"__meta_kubernetes_{source}"], "target_label": target} for target, source in sources.items()
    ]


def _pod_labels(monitor: Object) -> list[Object]:
    names = [_identifier(label) for label in monitor["spec"].get("podTargetLabels", [])]
    return [
        {
            "source_labels": [f"__meta_kubernetes_pod_label_{name}"],
            "target_label": name,
            "regex": "(.+)",
            "replacement": "${1}",
        }
        for name in names
    ]


def _identifier(label: str) -> str:
    return re.sub(r"[^a-zA-Z0-9_]", "_", label)
