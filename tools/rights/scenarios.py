"""What is run to record rights: every playbook on an installation, whole, changed and broken."""

from __future__ import annotations

from dataclasses import dataclass

SITE, ADD = "site", "add_namespace"


@dataclass(frozen=True)
class Scenario:
    """A run of a playbook.

    arguments: of ansible-playbook. before: commands of kubectl that change the cluster first. models: namespaces that
    the run is about. code: how it ends.
    """

    playbook: str
    arguments: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    code: int = 0


_BROKEN = (
    "delete podmonitor -n seldon-system seldon-deploy-monitor",
    "scale deployment -n istio-system istiod-basic --replicas=0",
    "delete csv -n seldon-operator-kiali kiali-operator.v1.57.3",
    "delete service -n seldon-system seldon-deploy",
    """patch configmap -n seldon-system seldon-deploy-config --type merge -p '{"data":{"x":"y"}}'""",
)
_RENEWED = (
    "delete secret elasticsearch-seldon-es-elastic-user -n seldon-logs",
    "delete secret seldon-monitoring-token -n seldon-system",
)
# What a backup keeps of namespaces for models, of Seldon Deploy and of Argo CD.
_MODELS = ("apply -f tools/rights/models.yaml",)
_NO_MODELS = ("delete -f tools/rights/models.yaml",)
_LOST = ("delete secret git-creds -n seldon-system", "delete secret seldon-gitops-repository -n seldon-argocd")
FOO = ("foo",)
# In this order, on one sandbox that is empty before.
SCENARIOS = (
    Scenario(SITE),
    Scenario(SITE),
    Scenario("validate"),
    Scenario("preflight"),
    Scenario("drift"),
    Scenario("adopt"),
    Scenario("upgrade"),
    Scenario(ADD, ("-e", "ns=foo", "-e", "v2=true", "-e", "gitops=true"), models=FOO),
    Scenario("doctor", models=FOO),
    Scenario("backup", before=_MODELS, models=FOO),
    Scenario("remove_namespace", ("-e", "ns=foo", "-e", "delete=true"), before=_NO_MODELS, models=FOO),
    Scenario("restore", before=_LOST, models=FOO),
    Scenario("try_model", ("-e", "ns=seldon"), models=("seldon",)),
    Scenario(ADD, ("-e", "ns=foo", "-e", "gitops=false"), models=FOO),
    Scenario("remove_namespace", ("-e", "ns=foo"), before=_NO_MODELS, models=FOO),
    Scenario("rotate", before=_RENEWED),
    Scenario("rotate", ("-e", "gitops_git_token=changed")),
    Scenario("drift", before=_BROKEN, code=2),
    Scenario(SITE, ("-e", "monitoring_receiver=alertmanager_config")),
    Scenario(SITE, ("-e", '{"seldon_deploy_values": {"a": {"b": 1}}}')),
    Scenario("uninstall", ("-e", "confirm=uninstall")),
    Scenario("uninstall", ("-e", "confirm=uninstall", "-e", "remove_data=true")),
)
