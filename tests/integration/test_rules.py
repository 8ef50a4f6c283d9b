"""The guide's rules, judged by promtool: each alert fires when it should, and only then.

The files are what a cluster evaluates: OpenShift forces the namespace of the PrometheusRule on every selector, as the
sandbox's prometheus-operator does.
"""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.build import binaries
from sandbox.operators.monitoring.rules import rule_file
from sandbox.paths import CHECKOUT

FILES = CHECKOUT / "roles" / "monitoring" / "files"
# Of the text below the two lines of comment, as the installation guide prints it.
PRINTED = {
    "user-alerts.yaml": "7e824d447635d4dcf02ee4ea2973a8d44354323846812129a36b89a1886c6be3",
    "infra-alerts.yaml": "58dc0cc5aa665e83440ed567b05dac0cb85f606cb00cdbe88a5bbf80a7d1e18c",
    "model-usage-prometheus-rules.yaml": "f07639b42b031f027f6cd6869928b8b4a6276ba98aaec973705e7485c51eec87",
}
SYSTEM, MODELS = "seldon-system", "seldon"
EXECUTOR = "seldon_api_executor_client_requests_seconds_count"
API = "http_request_duration_seconds_count"
MIGRATIONS, POLICIES = "deploy_metadata_sql_migrations_total", "deploy_opa_policies_updates_total"
TEST_ALERT, SYNCS = "deploy_alerting_trigger_test_alert", "deploy_metasyncer_processed_sync_total"
MODEL_DOWN = "Model {} has an internal error rate of greater than 30% for more than 100 requests total."


def promtool(*arguments: str) -> str:
    result = subprocess.run([binaries()["promtool"], *arguments], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def enforced(folder: Path, name: str, namespace: str) -> str:
    """Write what a cluster evaluates of a file that was applied in `namespace`; return its path."""
    rule = yaml.safe_load((FILES / name).read_text())
    file = folder / f"{namespace}-{name}"
    file.write_text(rule_file(rule["spec"], namespace))
    return str(file)


@pytest.mark.parametrize("name", PRINTED)
def test_rules_are_the_guides_to_the_byte_and_valid(name: str, tmp_path: Path) -> None:
    """Rules are checked before they are applied, with the program's own parser."""
    text = (FILES / name).read_bytes().split(b"\n", 2)[2]
    assert hashlib.sha256(text).hexdigest() == PRINTED[name]
    count = len(yaml.safe_load(text)["spec"]["groups"][0]["rules"])
    plain = tmp_path / "plain.yaml"
    plain.write_text(yaml.safe_dump({"groups": yaml.safe_load(text)["spec"]["groups"]}))
    for file in (str(plain), enforced(tmp_path, name, MODELS)):
        assert f"SUCCESS: {count} rules found" in promtool("check", "rules", file)


def series(metric: str, values: str, **labels: str) -> dict[str, str]:
    """Return a series with one sample a minute: '0+60x20' is 0, then 60 more each minute, twenty times."""
    text = ",".join(f'{name}="{value}"' for name, value in labels.items())
    return {"series": f"{metric}{{{text}}}", "values": values}


def requests(metric: str, failed: int, fine: int, **labels: str) -> list[dict[str, str]]:
    """Return counters of a pod that answers so many requests a minute with 500 and with 200."""
    return [
        series(metric, f"0+{failed}x30", code="500", **labels),
        series(metric, f"0+{fine}x30", code="200", **labels),
    ]


@dataclass(frozen=True)
class Case:
    """What an alert says in some minute, given these series; nothing when it does not fire."""

    why: str
    alert: str
    given: list[dict[str, str]]
    description: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    minute: int = 15
    namespace: str = SYSTEM
    severity: str = "critical"

    @property
    def file(self) -> str:
        return (
            "user-alerts.yaml"
            if self.alert in ("ModelHighErrorRate", "TestAlertNoActionRequired")
            else "infra-alerts.yaml"
        )

    def expected(self) -> list[dict[str, Any]]:
        if not self.description:
            return []
        (alert,) = (rule for rule in self.rules() if rule["alert"] == self.alert)
        of = {"namespace": self.namespace, "severity": self.severity, "type": self.file.partition("-")[0]}
        said = {"title": alert["annotations"]["title"], "description": self.description}
        return [{"exp_labels": self.labels | of, "exp_annotations": said}]

    def rules(self) -> list[dict[str, Any]]:
        groups = yaml.safe_load((FILES / self.file).read_text())["spec"]["groups"]
        return [rule for group in groups for rule in group["rules"]]


CASES = [
    Case(
        "in the models' namespace; no metric has the label, so it names no model",
        "ModelHighErrorRate",
        requests(EXECUTOR, 60, 60, namespace=MODELS, deployment_name="iris"),
        MODEL_DOWN.format(""),
        namespace=MODELS,
    ),
    Case(
        "beside Seldon Deploy, it never sees a model",
        "ModelHighErrorRate",
        requests(EXECUTOR, 60, 60, namespace=MODELS, deployment_name="iris"),
    ),
    Case(
        "with the pods' label on the metrics, it names the model",
        "ModelHighErrorRate",
        requests(EXECUTOR, 60, 60, namespace=MODELS, seldon_deployment_id="iris")
        + requests(EXECUTOR, 1, 99, namespace=MODELS, seldon_deployment_id="well"),
        MODEL_DOWN.format("iris"),
        {"seldon_deployment_id": "iris"},
        namespace=MODELS,
    ),
    Case(
        "without it, a busy model that is well hides one that is not",
        "ModelHighErrorRate",
        requests(EXECUTOR, 60, 60, namespace=MODELS, deployment_name="iris")
        + requests(EXECUTOR, 0, 600, namespace=MODELS, deployment_name="well"),
        namespace=MODELS,
    ),
    Case(
        "a quarter fails",
        "ModelHighErrorRate",
        requests(EXECUTOR, 25, 75, namespace=MODELS),
        namespace=MODELS,
    ),
    Case("too few requests", "ModelHighErrorRate", requests(EXECUTOR, 9, 9, namespace=MODELS), namespace=MODELS),
    Case(
        "asked for",
        "TestAlertNoActionRequired",
        [series(TEST_ALERT, "0+2x30", namespace=SYSTEM)],
        "This is a test alert, used to verify the alerting system is working correctly - it will resolve itself and no"
        " action is required.",
        severity="warning",
    ),
    Case("not asked for", "TestAlertNoActionRequired", [series(TEST_ALERT, "7x30", namespace=SYSTEM)]),
    Case(
        "no sync",
        "MetasyncerNotSyncing",
        [series(SYNCS, "7x60", namespace=SYSTEM)],
        "Deployment information from Kubernetes and model metadata information from Postgres has not been synchronised"
        " for more than 20 minutes. Functionality depending on this, like project-based authorisation and the metadata"
        " API, might be affected.",
        minute=25,
    ),
    Case("the first sync is due", "MetasyncerNotSyncing", [series(SYNCS, "7x60", namespace=SYSTEM)], minute=10),
    Case("syncs", "MetasyncerNotSyncing", [series(SYNCS, "0+1x6 6+1x50", namespace=SYSTEM)], minute=25),
    Case(
        "no pod is measured in its namespace, though others are",
        "DeployIsDown",
        [series("up", "1x30", namespace=MODELS, container="seldon-deploy")],
        "Deploy is not running, check the pods in Kubernetes for status.",
        {"container": "seldon-deploy"},
    ),
    Case("a pod is measured", "DeployIsDown", [series("up", "1x30", namespace=SYSTEM, container="seldon-deploy")]),
    Case(
        "half of it fails",
        "DeployApiHighErrorRate",
        requests(API, 60, 60, namespace=SYSTEM, handler="/models")
        + requests(API, 0, 60, namespace=SYSTEM, handler="/"),
        "The Deploy api for handler /models has an internal error rate of greater than 30% for more than 100 requests"
        " total.",
        {"handler": "/models"},
    ),
    Case("a quarter of it fails", "DeployApiHighErrorRate", requests(API, 25, 75, namespace=SYSTEM, handler="/models")),
    Case("too few", "DeployApiHighErrorRate", requests(API, 9, 9, namespace=SYSTEM, handler="/models")),
    Case(
        "fails each minute",
        "DeployMetadataMigrationsFailed",
        [series(MIGRATIONS, "0+1x30", namespace=SYSTEM, status="failure")],
        "Deploy has failed to perform SQL migrations on the metadata database 5 times in the last 5 minutes.",
        {"status": "failure"},
        severity="warning",
    ),
    Case(
        "succeeds", "DeployMetadataMigrationsFailed", [series(MIGRATIONS, "0+1x30", namespace=SYSTEM, status="success")]
    ),
    Case(
        "fails each minute",
        "DeployOPADynamicPolicyUpdateFailed",
        [series(POLICIES, "0+1x30", namespace=SYSTEM, status="failure")],
        "Deploy has failed updating the OPA policies from the dynamic policy config 5 times in the last 5 minutes.",
        {"status": "failure"},
        severity="warning",
    ),
    Case(
        "failed long ago",
        "DeployOPADynamicPolicyUpdateFailed",
        [series(POLICIES, "0+1x2 2x30", namespace=SYSTEM, status="failure")],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[f"{case.alert}: {case.why}" for case in CASES])
def test_an_alert_fires_when_it_should_and_only_then(case: Case, tmp_path: Path) -> None:
    asked = {"eval_time": f"{case.minute}m", "alertname": case.alert, "exp_alerts": case.expected()}
    judge(tmp_path, enforced(tmp_path, case.file, case.namespace), case.given, alert_rule_test=[asked])


def test_every_alert_is_seen_firing_and_not() -> None:
    alerts = {rule["alert"] for case in CASES for rule in case.rules()}
    assert {case.alert for case in CASES if case.description} == alerts
    assert {case.alert for case in CASES if not case.description} == alerts


def test_model_usage_is_counted_for_each_model(tmp_path: Path) -> None:
    """The records have the names, labels and values that Seldon Deploy asks for, memory as the growth it is."""
    pod = {"namespace": MODELS, "pod": "iris-0"}
    of_seldon = {"label_app_kubernetes_io_managed_by": "seldon-core", "label_seldon_deployment_id": "iris"}
    given = [series("kube_pod_labels", "1x30", **pod, **of_seldon)]
    given += [series("kube_pod_labels", "1x30", namespace=MODELS, pod="other")]
    for container in ("classifier", "seldon-container-engine"):
        inside = {**pod, "container": container}
        given += [
            series("kube_pod_container_info", "1x30", **inside),
            series("container_memory_usage_bytes", "6000+60x30", **inside),
            series("container_cpu_usage_seconds_total", "0+30x30", **inside),
            series("kube_pod_container_resource_requests", "0.5x30", resource="cpu", unit="core", **inside),
            series("kube_pod_container_resource_limits", "2x30", resource="cpu", unit="core", **inside),
            series("kube_pod_container_resource_requests", "100x30", resource="memory", unit="byte", **inside),
            series("kube_pod_container_resource_limits", "400x30", resource="memory", unit="byte", **inside),
        ]
    labels = f'label_seldon_deployment_id="iris",name="iris",namespace="{MODELS}",type="SeldonDeployment"'
    values = {
        "model_containers_average": 2,
        "model_memory_usage_bytes": 2,
        "model_cpu_usage_seconds_total": 1,
        "model_cpu_requests": 1,
        "model_cpu_limits": 4,
        "model_memory_requests_bytes": 200,
        "model_memory_limits_bytes": 800,
    }
    asked = [
        {"expr": record, "eval_time": "15m", "exp_samples": [{"labels": f"{record}{{{labels}}}", "value": value}]}
        for record, value in values.items()
    ]
    file = enforced(tmp_path, "model-usage-prometheus-rules.yaml", MODELS)
    judge(tmp_path, file, given, promql_expr_test=asked)


def judge(folder: Path, rules: str, given: list[dict[str, str]], **asked: list[dict[str, Any]]) -> None:
    """Let promtool compare; its words are those of a failure."""
    test = folder / "test.yaml"
    case = {"interval": "1m", "input_series": given, **asked}
    test.write_text(yaml.safe_dump({"rule_files": [rules], "evaluation_interval": "1m", "tests": [case]}))
    promtool("test", "rules", str(test))
