"""What tasks want, told without a cluster, and the tree that it becomes: tables of options and of what they say."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.chapters import (
    ORDER,
    asked_for,
    chapters_of,
    merged_objects,
    subject,
)
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.described import ELSEWHERE, MODULES
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.hiding import (
    entries_without_secrets,
    without_secrets,
)
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.model import (
    Manifest,
    Note,
    Record,
    Release,
    Secret,
    packed,
    unpacked,
)
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.settings import Settings
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.stand_ins import Place
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.tree import manifest_name, tree_of
from ansible_collections.seldon.openshift.plugins.plugin_utils.variables import holds_secret, secret_texts

from tests.unit.plugins.plugin_utils.modules import specification

CHECKOUT = Path(__file__).parents[4]
Values = dict[str, Any]
CONFIG: Values = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "n"}}
SECRET: Values = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "n"}}
OPERATOR = {"name": "amq-streams", "namespace": "kafka-operator"}
KNOWN_OPERATOR = {**OPERATOR, "source": "redhat-operators", "channel": "stable", "approval": "Manual"}


def params_of(module: str, given: Values) -> Values:
    validated = ArgumentSpecValidator(specification(module)).validate(given)
    assert validated.error_messages == []
    return dict(validated.validated_parameters)


def said(module: str, given: Values) -> list[str]:
    return [subject(each) for each in MODULES[module].wanted(params_of(module, given))]


def test_every_module_of_the_engine_is_described_once() -> None:
    group = yaml.safe_load((CHECKOUT / "meta/runtime.yml").read_text())["action_groups"]["seldon"]
    assert {*MODULES, *ELSEWHERE} >= set(group)
    assert not MODULES.keys() & ELSEWHERE


def test_the_chapters_are_in_the_order_of_site_yml() -> None:
    tasks = yaml.safe_load((CHECKOUT / "playbooks/site.yml").read_text())[0]["tasks"]
    applied = [each["ansible.builtin.import_role"] for each in tasks if "ansible.builtin.import_role" in each]
    names = [each["name"].rpartition(".")[2] for each in applied if each.get("tasks_from") == "apply"]
    assert list(ORDER) == names


@dataclass(frozen=True)
class Wants:
    """A task, and what it is said to want."""

    module: str
    given: Values
    says: list[str] = field(default_factory=list)


WANTS = {
    "objects": Wants("seldon_apply", {"resources": [CONFIG]}, ["ConfigMap n/c"]),
    "a Secret loses its values": Wants(
        "seldon_apply", {"resources": [{**SECRET, "data": {"a": "eA=="}}]}, ["Secret n/s"]
    ),
    "nothing to apply": Wants("seldon_apply", {"resources": [CONFIG], "state": "absent"}),
    "an operator": Wants(
        "seldon_operator",
        {"operators": [KNOWN_OPERATOR]},
        [
            "Namespace kafka-operator",
            "OperatorGroup kafka-operator/seldon-openshift-kafka-operator",
            "Subscription kafka-operator/amq-streams",
        ],
    ),
    "an operator beside OpenShift's own group": Wants(
        "seldon_operator",
        {"operators": [{**KNOWN_OPERATOR, "namespace": "openshift-operators"}]},
        ["Subscription openshift-operators/amq-streams"],
    ),
    "a release": Wants("seldon_release", {"name": "r", "namespace": "n", "chart_ref": "c"}, ["Release n/r"]),
    "no release": Wants("seldon_release", {"name": "r", "namespace": "n", "state": "absent"}),
    "credentials and copies, but for another's": Wants(
        "seldon_credentials",
        {
            "name": "s",
            "namespace": "n",
            "copies": [{"name": "copy", "namespace": "m"}, {"name": "theirs", "namespace": "m", "existing": True}],
        },
        ["Secret n/s", "Secret m/copy"],
    ),
    "copies of Elasticsearch's": Wants(
        "seldon_es_credentials", {"targets": [{"namespace": "n"}]}, ["Secret n/elastic-credentials"]
    ),
    "a token": Wants(
        "seldon_token_secret",
        {"namespace": "n"},
        [
            "ServiceAccount n/seldon-monitoring",
            "Secret n/seldon-monitoring-token",
            "ClusterRoleBinding n-seldon-monitoring",
            "RoleBinding openshift-monitoring/n-seldon-monitoring",
            "Secret n/jwt-seldon",
        ],
    ),
    "another's token": Wants("seldon_token_secret", {"namespace": "n", "mode": "existing"}, ["Secret n/jwt-seldon"]),
    "members, but not the mesh's own namespace": Wants(
        "seldon_mesh_member", {"members": ["a", "istio-system"]}, ["ServiceMeshMember a/default"]
    ),
    "the project": Wants("seldon_gitops_project", {}, ["AppProject seldon-argocd/seldon"]),
    "settings of monitoring": Wants(
        "seldon_monitoring_config",
        {"settings": {"enableUserWorkload": True}},
        ["ConfigMap openshift-monitoring/cluster-monitoring-config"],
    ),
    "a log forwarder": Wants(
        "seldon_log_forwarder",
        {"outputs": [{"name": "o"}], "collector": "fluentd"},
        ["ClusterLogForwarder openshift-logging/instance", "ClusterLogging openshift-logging/instance"],
    ),
    "a receiver": Wants(
        "seldon_alertmanager_receiver", {"url": "http://x"}, ["Secret openshift-monitoring/alertmanager-main"]
    ),
    "host keys": Wants(
        "seldon_gitops_known_hosts",
        {"known_hosts": "h ssh-rsa A"},
        ["ConfigMap seldon-argocd/argocd-ssh-known-hosts-cm"],
    ),
    "no host keys": Wants("seldon_gitops_known_hosts", {}),
    "logins for registries": Wants(
        "seldon_pull_secret",
        {"pull_secret": {"auths": {"registry.example.com": {"auth": "bWU6cGE1NXcwcmQ="}}}},
        ["Secret openshift-config/pull-secret"],
    ),
    "no logins": Wants("seldon_pull_secret", {"state": "absent"}),
    "a template": Wants(
        "seldon_template_instance",
        {"name": "t", "namespace": "n", "template": "p", "secret": "s"},
        ["TemplateInstance n/t"],
    ),
    "what only looks": Wants("seldon_wait", {"resources": []}),
}


@pytest.mark.parametrize("case", WANTS.values(), ids=WANTS.keys())
def test_what_a_task_wants(case: Wants) -> None:
    assert said(case.module, case.given) == case.says


def test_an_operator_without_a_catalogue_is_refused_with_what_to_give() -> None:
    with pytest.raises(EngineError, match=r"amq-streams: only the cluster knows .* give its source"):
        said("seldon_operator", {"operators": [OPERATOR]})


def test_secrets_have_their_keys_and_where_values_come_from_and_no_value() -> None:
    given = {
        "name": "s",
        "namespace": "n",
        "values": {"user": "u", "host": ""},
        "defaults": {"host": "h"},
        "secrets": {"password": "hunter2hunter2"},
        "copies": [
            {"name": "c", "namespace": "m", "keys": {"login": "user", "pw": "password"}, "values": {"url": "x"}}
        ],
    }
    own, copy = MODULES["seldon_credentials"].wanted(params_of("seldon_credentials", given))
    assert own == Secret("n", "s", {"password": "yours"}, {"host": "h", "user": "u"})
    assert copy == Secret("m", "c", {"pw": "password of Secret n/s"}, {"login": "u", "url": "x"})


def test_answers_are_of_a_cluster_where_all_is_as_wanted() -> None:
    place = Place("apps.example.com", "seldon.apps.example.com")
    route = {"api_version": "route.openshift.io/v1", "kind": "Route", "name": "r", "namespace": "n"}
    asked = {
        "objects": {"of_others": {"api_version": "v1", "kind": "Namespace"}},
        "kinds": [{"api_version": "v1", "kind": "X"}],
    }
    known = MODULES["seldon_cluster_info"].answer(params_of("seldon_cluster_info", asked), place)
    waited = MODULES["seldon_wait"].answer(params_of("seldon_wait", {"resources": [route]}), place)
    assert (known["ingress_domain"], known["objects"], known["kinds"]) == (
        "apps.example.com",
        {"of_others": []},
        {"v1/X": True},
    )
    assert waited["resources"] == [{**route, "state": "ready", "reason": "seldon.apps.example.com"}]


@dataclass(frozen=True)
class Hidden:
    """Values, the secrets that are known, and what is left."""

    values: Any
    left: Any
    paths: list[str] = field(default_factory=list)
    secrets: tuple[str, ...] = ("hunter2hunter2", "short")


HIDDEN = {
    "nothing secret": Hidden({"a": ["b", 1, None, True]}, {"a": ["b", 1, None, True]}),
    "all of a value": Hidden({"a": {"b": "short"}}, {"a": {"b": "<b>"}}, [".a.b"]),
    "a part of a value": Hidden({"a": ["x hunter2hunter2"]}, {"a": ["<a[0]>"]}, [".a[0]"]),
    "a short one as a part of another word": Hidden({"a": "shorter"}, {"a": "shorter"}),
    "a reference for a plugin": Hidden({"a": "<path:kv#hunter2hunter2>"}, {"a": "<path:kv#hunter2hunter2>"}),
}


@pytest.mark.parametrize("case", HIDDEN.values(), ids=HIDDEN.keys())
def test_placeholders_stand_for_secrets(case: Hidden) -> None:
    assert without_secrets(case.values, case.secrets) == (case.left, case.paths)


def test_values_of_a_chart_are_secret_by_their_names_too() -> None:
    values = {
        "env": {"CLIENT_SECRET": "abcdefgh", "CLIENT_ID": "me"},
        "metadata": {"pg": {"enabled": True, "secret": "metadata-postgres"}},
        "gitops": {"argocd": {"enabled": False}},
        "elasticsearch": {"basicAuth": False},
        "prometheus": {"seldon": {}},
    }
    (entry,) = entries_without_secrets(packed("seldon_deploy", [Release("r", "n", "c", "", "1", values)]), ())
    assert entry["values"]["env"] == {"CLIENT_SECRET": "<CLIENT_SECRET>", "CLIENT_ID": "me"}
    assert entry["values"]["metadata"]["pg"]["secret"] == "metadata-postgres"  # the name of a Secret
    assert unpacked([entry])[0].hidden == (".values.env.CLIENT_SECRET",)


def test_what_was_packed_is_unpacked() -> None:
    wanted = [
        Manifest(CONFIG, "why"),
        Secret("n", "s", {"k": "o"}),
        Release("r", "n", "c", "u", "1"),
        Note("a", "b", "c"),
    ]
    assert unpacked(packed("kafka", wanted)) == [Record("kafka", each) for each in wanted]


def test_an_object_that_several_tasks_want_is_one() -> None:
    one = {**CONFIG, "data": {"a": "1"}, "list": ["x"]}
    other = {**CONFIG, "data": {"b": "2"}, "list": ["x", "y"]}
    assert merged_objects(one, other) == {**CONFIG, "data": {"a": "1", "b": "2"}, "list": ["x", "y"]}
    records = [Record("logging", Manifest(other)), Record("kafka", Manifest(one))]
    kafka, logging = chapters_of(records, ["kafka", "logging"])
    assert [each.obj["data"] for each in kafka.manifests] == [{"a": "1", "b": "2"}]
    assert logging.manifests == ()


def test_model_namespaces_are_a_part_of_the_namespaces() -> None:
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "foo"}}
    records = [Record("model_namespace", Manifest(namespace)), Record("model_namespace", Manifest(CONFIG))]
    namespaces, models = chapters_of(records, ["namespaces", "model_namespace"])
    assert [each.obj for each in namespaces.manifests] == [namespace]
    assert [each.obj for each in models.manifests] == [CONFIG]


@pytest.mark.parametrize(
    ("tags", "skipped", "chapters"),
    [
        (["all"], [], list(ORDER)),
        (["kafka", "gitops"], [], ["kafka", "gitops"]),
        (["all"], list(ORDER[1:]), ["namespaces"]),
        (["always"], [], []),
    ],
)
def test_tags_choose_chapters(tags: list[str], skipped: list[str], chapters: list[str]) -> None:
    assert asked_for(tags, skipped) == chapters


@pytest.mark.parametrize(
    ("kind", "metadata", "name"),
    [
        ("Namespace", {"name": "a"}, "namespace-a"),
        ("ConfigMap", {"name": "a.b", "namespace": "n"}, "configmap-n-a.b"),
        ("ClusterRole", {"name": "system:Auth/x"}, "clusterrole-system_auth_x"),
    ],
)
def test_files_are_named_after_their_objects(kind: str, metadata: Values, name: str) -> None:
    assert manifest_name({"apiVersion": "v1", "kind": kind, "metadata": metadata}) == name


RULE = {**CONFIG, "data": {"rule": "{{ $labels.pod }} of\n{{ $value }}\n"}}
RECORDS = [
    Record("kafka", Manifest(RULE)),
    Record("kafka", Manifest({**CONFIG, "metadata": {"name": "shared", "namespace": "n"}}, "others")),
    Record("kafka", Secret("n", "s", {"password": "yours"}, {"user": "u"})),
    Record("kafka", Release("r", "n", "chart", "https://charts.example.com", "1.0", {"a": {"b": 1}})),
]
SHARED = "04-kafka/configmap-n-shared.yaml"


def files(settings: Settings, earlier: tuple[str, ...] = ()) -> dict[str, str]:
    return tree_of(chapters_of(RECORDS, ["kafka"]), settings, earlier).files


def test_the_files_of_a_tree() -> None:
    made = files(Settings())
    assert sorted(made) == [
        "04-kafka/README.md",
        "04-kafka/configmap-n-c.yaml",
        f"{SHARED}.example",
        "04-kafka/kustomization.yaml",
        "04-kafka/secret-n-s.yaml.example",
        "README.md",
        "argocd/04-kafka.r-n.yaml",
        "argocd/kustomization.yaml",
        "kustomization.yaml",
    ]
    assert "{{ $labels.pod }} of\n" in made["04-kafka/configmap-n-c.yaml"]
    assert yaml.safe_load(made["04-kafka/configmap-n-c.yaml"]) == RULE
    assert yaml.safe_load(made["kustomization.yaml"])["resources"] == ["04-kafka"]
    assert yaml.safe_load(made["04-kafka/kustomization.yaml"])["resources"] == ["configmap-n-c.yaml"]
    assert yaml.safe_load(made["04-kafka/secret-n-s.yaml.example"])["stringData"] == {
        "user": "u",
        "password": "<password>",
    }


def test_shared_objects_and_secrets_on_request() -> None:
    made = files(Settings(shared=True, secrets="external_secrets", store="vault"))
    external = yaml.safe_load(made["04-kafka/externalsecret-n-s.yaml"])
    assert SHARED in made
    assert external["spec"]["secretStoreRef"]["name"] == "vault"
    assert external["spec"]["target"]["template"]["data"] == {"user": "u", "password": "{{ .value0 }}"}
    assert external["spec"]["data"] == [
        {"secretKey": "value0", "remoteRef": {"key": "seldon/n/s", "property": "password"}}
    ]


def test_applications_of_releases_and_chapters() -> None:
    made = files(Settings(repository="https://git.example.com/platform", path="seldon/"))
    release = yaml.safe_load(made["argocd/04-kafka.r-n.yaml"])["spec"]["source"]
    chapter = yaml.safe_load(made["argocd/04-kafka.yaml"])
    every = yaml.safe_load(made["application.yaml"])["spec"]["source"]
    assert (release["repoURL"], release["chart"], release["targetRevision"]) == (
        "https://charts.example.com",
        "chart",
        "1.0",
    )
    assert yaml.safe_load(release["helm"]["values"]) == {"a": {"b": 1}}
    assert chapter["spec"]["source"]["path"] == "seldon/04-kafka"
    assert chapter["metadata"]["annotations"] == {"argocd.argoproj.io/sync-wave": "4"}
    assert every["path"] == "seldon/argocd"


def test_chapters_that_are_not_rendered_stay() -> None:
    earlier = (
        "08-gitops/a.yaml",
        "argocd/08-gitops.yaml",
        "04-kafka/old.yaml",
        "argocd/04-kafka.old.yaml",
        "README.md",
    )
    tree = tree_of(chapters_of(RECORDS, ["kafka"]), Settings(), earlier)
    assert tree.kept == {"08-gitops/a.yaml", "argocd/08-gitops.yaml"}
    assert yaml.safe_load(tree.files["kustomization.yaml"])["resources"] == ["04-kafka", "08-gitops"]
    assert "08-gitops.yaml" in yaml.safe_load(tree.files["argocd/kustomization.yaml"])["resources"]


CHARTS = {
    "of a repository": (Release("r", "n", "c", "https://x/charts", "1"), ("https://x/charts", "c")),
    "of a registry": (Release("r", "n", "oci://x.example.com/a/c", "", "1"), ("x.example.com/a", "c")),
    "a file": (Release("r", "n", "/charts/c.tgz", "", "1"), None),
}


@pytest.mark.parametrize(("release", "source"), CHARTS.values(), ids=CHARTS.keys())
def test_where_argo_cd_finds_a_chart(release: Release, source: tuple[str, str] | None) -> None:
    made = tree_of(chapters_of([Record("kafka", release)], ["kafka"]), Settings(), ()).files
    found = made.get("argocd/04-kafka.r-n.yaml")
    told = yaml.safe_load(found)["spec"]["source"] if found else {}
    assert (found and (told["repoURL"], told["chart"])) == source
    assert ("Argo CD cannot fetch it" in made["04-kafka/README.md"]) == (source is None)


LOGIN = {"type": "dict", "options": {"user": {"type": "str"}, "password": {"type": "str"}}}
SECRETS: dict[str, tuple[Values, Any, set[str]]] = {
    "a secret by its spec": ({"type": "str", "no_log": True}, "abc", {"abc"}),
    "one that is not given": ({"type": "str", "no_log": True}, "", set()),
    "all of a secret mapping": ({"type": "dict", "no_log": True}, {"a": ["b", {"c": "d"}], "e": 1}, {"b", "d"}),
    "a part by its name": (LOGIN, {"user": "me", "password": "abc", "more": "x"}, {"abc"}),
    "parts of a list": ({"type": "list", **LOGIN}, [{"password": "a"}, {"password": "b"}], {"a", "b"}),
    "no secret": ({"type": "str"}, "abc", set()),
    "a text where a mapping should be": (LOGIN, "abc", set()),
}


@pytest.mark.parametrize(("spec", "value", "texts"), SECRETS.values(), ids=SECRETS.keys())
def test_which_texts_of_a_variable_are_secrets(spec: Values, value: Any, texts: set[str]) -> None:
    assert secret_texts(value, spec) == texts
    assert holds_secret(spec) or not texts
