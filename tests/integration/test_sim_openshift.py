"""OpenShift's small controllers, as the sandbox plays them: routes, addresses, volumes, projects, templates."""

from __future__ import annotations

import time
from base64 import b64decode

import pytest

from sandbox.kube import ApiError, Kube, Object
from sandbox.simulator.objects import make
from tests.integration.cluster import Cluster
from tests.integration.helpers import eventually, until

DOMAIN = "apps.sandbox.example.com"
ROUTE = ("route.openshift.io/v1", "Route")
CONFIG = ("apps.openshift.io/v1", "DeploymentConfig")
INSTANCE = ("template.openshift.io/v1", "TemplateInstance")
CLAIM = ("v1", "PersistentVolumeClaim")


@pytest.fixture(scope="module")
def kube(platform_cluster: Cluster) -> Kube:
    for name in ("shop", "other"):
        platform_cluster.kube.create(make("v1", "Namespace", name))
    return platform_cluster.kube


# --- routes ---------------------------------------------------------------------------------------------------------


def route(name: str, namespace: str, **spec: str) -> Object:
    return make(*ROUTE, name, namespace, spec={"to": {"kind": "Service", "name": "shop"}, **spec})


def admission(kube: Kube, name: str, namespace: str) -> tuple[str, str, str]:
    found = kube.get(*ROUTE, name, namespace) or {}
    entries = found.get("status", {}).get("ingress", [])
    if not entries:
        return "", "", ""
    assert entries[0]["host"] == found["spec"]["host"]
    condition = entries[0]["conditions"][0]
    return condition["status"], condition.get("reason", ""), condition.get("message", "")


ADMITTED = ("True", "", "")


def test_a_route_without_a_host_gets_one_of_the_clusters_domain(kube: Kube):
    kube.create(route("bare", "shop"))
    eventually(lambda: admission(kube, "bare", "shop"), ADMITTED)
    found = kube.get(*ROUTE, "bare", "shop")
    assert found["metadata"]["annotations"]["openshift.io/host.generated"] == "true"
    entry = found["status"]["ingress"][0]
    del entry["conditions"]
    assert entry == {
        "host": f"bare-shop.{DOMAIN}",
        "routerName": "default",
        "routerCanonicalHostname": f"router-default.{DOMAIN}",
        "wildcardPolicy": "None",
    }


def test_the_oldest_route_holds_its_host_until_it_is_gone(kube: Kube):
    host = f"seldon.{DOMAIN}"
    kube.create(route("first", "other", host=host))
    eventually(lambda: admission(kube, "first", "other"), ADMITTED)
    time.sleep(1)  # creation times have seconds
    kube.create(route("second", "shop", host=host))
    claimed = f"a route in another namespace holds {host} and is older than second"
    eventually(lambda: admission(kube, "second", "shop")[1:], ("HostAlreadyClaimed", claimed))
    kube.create(route("path", "other", host=host, path="/other"))
    eventually(lambda: admission(kube, "path", "other"), ADMITTED)
    time.sleep(1)
    kube.create(route("again", "other", host=host, path="/other"))
    exposed = f"route path already exposes {host} and is older"
    eventually(lambda: admission(kube, "again", "other")[1:], ("HostAlreadyClaimed", exposed))
    kube.delete(route("again", "other"))
    kube.delete(route("first", "other"))
    kube.delete(route("path", "other"))
    eventually(lambda: admission(kube, "second", "shop"), ADMITTED)


def test_the_router_refuses_what_is_no_host_name(kube: Kube):
    kube.create(route("wrong", "shop", host="No_Host.example.com"))
    until(lambda: admission(kube, "wrong", "shop")[0] == "False")
    _, reason, message = admission(kube, "wrong", "shop")
    assert reason == "InvalidHost"
    assert message.startswith('host name validation errors: spec.host: Invalid value: "No_Host.example.com": host must')


# --- addresses and volumes ------------------------------------------------------------------------------------------


def test_a_service_has_an_address_while_its_type_is_load_balancer(kube: Kube):
    ports = [{"port": 80}]
    service = kube.create(make("v1", "Service", "balanced", "shop", spec={"type": "LoadBalancer", "ports": ports}))

    def addresses() -> list[Object]:
        return kube.get("v1", "Service", "balanced", "shop")["status"]["loadBalancer"].get("ingress", [])

    assert until(addresses)[0]["hostname"].endswith(".elb.amazonaws.com")
    kube.patch(service, {"spec": {"type": "ClusterIP"}})
    eventually(addresses, [])


def claim(name: str) -> Object:
    resources = {"requests": {"storage": "1Gi"}}
    return make(*CLAIM, name, "shop", spec={"accessModes": ["ReadWriteOnce"], "resources": resources})


def pod(name: str, claim_name: str = "", **content: object) -> Object:
    spec: Object = {"containers": [{"name": "main", "image": "main"} | content]}
    if claim_name:
        spec["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": claim_name}}]
    return make("v1", "Pod", name, "shop", spec=spec)


def phase(kube: Kube, name: str) -> str:
    return kube.get(*CLAIM, name, "shop")["status"]["phase"]


def test_a_volume_comes_with_the_first_pod_that_wants_it_and_goes_with_its_claim(kube: Kube):
    kube.create(claim("used"))
    kube.create(claim("unused"))
    kube.create(pod("user", "used"))
    eventually(lambda: phase(kube, "used"), "Bound")
    assert phase(kube, "unused") == "Pending"
    volume = kube.get(*CLAIM, "used", "shop")["spec"]["volumeName"]
    kube.delete(pod("user"))
    kube.delete(claim("used"))
    until(lambda: kube.get("v1", "PersistentVolume", volume) is None)


def test_a_claim_grows_and_its_file_system_with_the_next_pod(kube: Kube):
    def seen() -> tuple[str, list[str]]:
        status = kube.get(*CLAIM, "grows", "shop")["status"]
        return status["capacity"]["storage"], [condition["type"] for condition in status.get("conditions", [])]

    def ask_for(size: str) -> None:
        kube.patch(claim("grows"), {"spec": {"resources": {"requests": {"storage": size}}}})

    kube.create(claim("grows"))
    kube.create(pod("grower", "grows"))
    eventually(lambda: phase(kube, "grows"), "Bound")
    ask_for("2Gi")
    eventually(seen, ("2Gi", []))
    volume = kube.get("v1", "PersistentVolume", kube.get(*CLAIM, "grows", "shop")["spec"]["volumeName"])
    assert volume["spec"]["capacity"]["storage"] == "2Gi"
    kube.delete(pod("grower"))
    until(lambda: kube.get("v1", "Pod", "grower", "shop") is None)
    ask_for("3Gi")
    eventually(seen, ("2Gi", ["FileSystemResizePending"]))
    kube.create(pod("grower", "grows"))
    eventually(seen, ("3Gi", []))
    with pytest.raises(ApiError, match="field can not be less than previous value"):
        ask_for("1Gi")
    kube.delete(pod("grower"))
    kube.delete(claim("grows"))


# --- projects -------------------------------------------------------------------------------------------------------


def test_a_namespace_is_a_project_with_ids_of_its_own(kube: Kube):
    kube.create(make("v1", "Namespace", "fleeting", labels={"team": "a"}))

    def project() -> Object:
        return kube.get("project.openshift.io/v1", "Project", "fleeting") or {}

    eventually(lambda: project().get("status"), {"phase": "Active"})
    assert project()["metadata"]["labels"]["team"] == "a"
    annotations = kube.get("v1", "Namespace", "fleeting")["metadata"]["annotations"]
    kinds = {"mcs", "supplemental-groups", "uid-range"}
    assert {f"openshift.io/sa.scc.{kind}" for kind in kinds} <= annotations.keys()
    kube.delete(make("v1", "Namespace", "fleeting"))
    eventually(project, {})


def first_id(kube: Kube) -> int:
    annotations = kube.get("v1", "Namespace", "shop")["metadata"]["annotations"]
    return int(annotations["openshift.io/sa.scc.uid-range"].split("/")[0])


@pytest.mark.parametrize(
    ("name", "namespace", "user", "refused"),
    [("root", "shop", 1000, True), ("in-range", "shop", None, False), ("system", "openshift-operators", 1000, False)],
)
def test_pods_may_only_use_the_ids_of_their_namespace(kube: Kube, name: str, namespace: str, user: int, refused: bool):
    wanted = pod(name, securityContext={"runAsUser": user or first_id(kube) + 5})
    wanted["metadata"]["namespace"] = namespace
    if not refused:
        kube.create(wanted)
        return
    with pytest.raises(ApiError, match="unable to validate against any security context constraint") as caught:
        kube.create(wanted)
    assert caught.value.status == 403
    start = first_id(kube)
    wrong = f"provider restricted-v2: .containers[0].runAsUser: Invalid value: 1000: must be in the ranges: [{start}, "
    assert wrong in caught.value.message


def test_a_role_to_use_other_constraints_lets_a_pod_in(kube: Kube):
    """As for the Redis of Argo CD, whose Role names nonroot-v2."""
    role = {
        "apiGroups": ["security.openshift.io"],
        "resources": ["securitycontextconstraints"],
        "resourceNames": ["nonroot-v2"],
        "verbs": ["use"],
    }
    rbac = "rbac.authorization.k8s.io"
    kube.create(make("v1", "ServiceAccount", "redis", "shop"))
    kube.create(make(f"{rbac}/v1", "Role", "redis", "shop", rules=[role]))
    subject = {"kind": "ServiceAccount", "name": "redis", "namespace": "shop"}
    reference = {"apiGroup": rbac, "kind": "Role", "name": "redis"}
    kube.create(make(f"{rbac}/v1", "RoleBinding", "redis", "shop", roleRef=reference, subjects=[subject]))
    wanted = pod("redis", securityContext={"runAsUser": 999})
    wanted["spec"]["serviceAccountName"] = "redis"
    until(lambda: admitted(kube, wanted))
    assert kube.get("v1", "Pod", "redis", "shop")["metadata"]["annotations"]["openshift.io/scc"] == "nonroot-v2"


def admitted(kube: Kube, wanted: Object) -> bool:
    """Create the pod; the API server learns of new Roles a moment later."""
    try:
        kube.create(wanted)
    except ApiError:
        return False
    return True


def test_a_deployment_with_a_foreign_group_has_no_pod_but_an_event(kube: Kube):
    labels = {"app": "grouped"}
    spec = {"securityContext": {"fsGroup": 1000}, "containers": [{"name": "main", "image": "main"}]}
    template = {"metadata": {"labels": labels}, "spec": spec}
    content = {"selector": {"matchLabels": labels}, "template": template}
    kube.create(make("apps/v1", "Deployment", "grouped", "shop", spec=content))

    def messages() -> list[str]:
        return [event["message"] for event in kube.list("v1", "Event", "shop") if event["reason"] == "FailedCreate"]

    refusal = "fsGroup: Invalid value: []int64{1000}: 1000 is not an allowed group"
    until(lambda: any(refusal in message for message in messages()))


# --- environments of containers -------------------------------------------------------------------------------------


def test_a_container_starts_when_the_secrets_of_its_environment_are_there(kube: Kube):
    def variable(key: str, **reference: object) -> Object:
        return {"name": key, "valueFrom": {"secretKeyRef": {"name": "login", "key": key, **reference}}}

    def waiting() -> list[str]:
        statuses = kube.get("v1", "Pod", "client", "shop").get("status", {}).get("containerStatuses", [])
        return [": ".join(status["state"].get("waiting", {"reason": "running"}).values()) for status in statuses]

    needs = [variable("user"), variable("token", optional=True), variable("password")]
    kube.create(
        make("v1", "Pod", "client", "shop", spec={"containers": [{"name": "main", "image": "main", "env": needs}]})
    )
    eventually(waiting, ['CreateContainerConfigError: secret "login" not found'])
    kube.create(make("v1", "Secret", "login", "shop", stringData={"user": "me"}))
    eventually(waiting, ["CreateContainerConfigError: couldn't find key password in Secret shop/login"])
    kube.patch(make("v1", "Secret", "login", "shop"), {"stringData": {"password": "it"}})
    eventually(waiting, ["running"])


# --- templates ------------------------------------------------------------------------------------------------------


def instantiate(kube: Kube, name: str, changes: Object | None = None, **parameters: str) -> None:
    template = kube.get("template.openshift.io/v1", "Template", "postgresql-persistent", "openshift")
    data = {"DATABASE_SERVICE_NAME": name, **parameters}
    kube.apply(make("v1", "Secret", f"{name}-parameters", "shop", stringData=data))
    spec = {"template": template, "secret": {"name": f"{name}-parameters"}} | (changes or {})
    kube.create(make(*INSTANCE, name, "shop", spec=spec))


def outcome(kube: Kube, name: str) -> dict[str, tuple[str, str, str]]:
    conditions = kube.get(*INSTANCE, name, "shop").get("status", {}).get("conditions", [])
    return {entry["type"]: (entry["status"], entry["reason"], entry.get("message", "")) for entry in conditions}


READY = {"Ready": ("True", "Created", "")}


def test_a_template_instance_runs_a_database_until_it_is_deleted(kube: Kube):
    instantiate(kube, "metadata", POSTGRESQL_USER="me")
    eventually(lambda: outcome(kube, "metadata"), READY)
    secret = {key: b64decode(value) for key, value in kube.get("v1", "Secret", "metadata", "shop")["data"].items()}
    assert secret["database-user"] == b"me"
    assert len(secret["database-password"]) == 16
    config = kube.get(*CONFIG, "metadata", "shop")
    states = {entry["type"]: (entry["status"], entry.get("reason")) for entry in config["status"]["conditions"]}
    assert states == {"Available": ("True", None), "Progressing": ("True", "NewReplicationControllerAvailable")}
    assert config["status"]["latestVersion"] == 1
    assert config["status"]["availableReplicas"] == 1
    assert config["spec"]["template"]["spec"]["containers"][0]["image"].endswith("/postgresql-10:latest")
    controller = kube.get("v1", "ReplicationController", "metadata-1", "shop")
    labels = controller["spec"]["template"]["metadata"]["labels"]
    assert labels == {"name": "metadata", "deployment": "metadata-1", "deploymentconfig": "metadata"}
    assert phase(kube, "metadata") == "Bound"
    kube.delete(make(*INSTANCE, "metadata", "shop"))
    for kind in (CONFIG, CLAIM, ("v1", "Service"), ("v1", "Secret")):
        until(lambda kind=kind: kube.get(*kind, "metadata", "shop") is None)


def test_a_changed_configuration_replaces_its_pods(kube: Kube):
    instantiate(kube, "changing")
    eventually(lambda: outcome(kube, "changing"), READY)
    labels = {"template": {"metadata": {"labels": {"colour": "green"}}}}
    kube.patch(make(*CONFIG, "changing", "shop"), {"spec": labels})

    def replicas() -> list[int]:
        found = [kube.get("v1", "ReplicationController", f"changing-{number}", "shop") for number in (1, 2)]
        return [controller["status"].get("readyReplicas", 0) for controller in found if controller]

    eventually(replicas, [0, 1])


def test_a_missing_image_holds_everything_up_until_it_comes(kube: Kube):
    instantiate(kube, "waiting", POSTGRESQL_VERSION="15-el9")
    waiting = ("False", "Waiting", "Waiting for instantiated objects to report ready")
    eventually(lambda: outcome(kube, "waiting"), {"Ready": waiting})
    until(lambda: (kube.get(*CONFIG, "waiting", "shop") or {}).get("status"))
    assert kube.get(*CONFIG, "waiting", "shop")["status"]["latestVersion"] == 0
    stream = kube.get("image.openshift.io/v1", "ImageStream", "postgresql", "openshift")
    item = {"dockerImageReference": "sandbox.invalid/rhel9/postgresql-15:latest"}
    kube.set_status(stream, {"tags": [*stream["status"]["tags"], {"tag": "15-el9", "items": [item]}]})
    eventually(lambda: outcome(kube, "waiting"), READY)


@pytest.mark.parametrize(
    ("name", "changes", "parameters", "message"),
    [
        ("no-secret", {"secret": {"name": "missing"}}, {}, 'secrets "missing" not found'),
        (
            "no-value",
            {},
            {"VOLUME_CAPACITY": ""},
            "template.parameters[6]: Required value: parameter VOLUME_CAPACITY is required and must be specified",
        ),
        ("taken", {}, {"DATABASE_SERVICE_NAME": "in-the-way"}, 'secrets "in-the-way" already exists'),
    ],
)
def test_what_cannot_be_instantiated_fails_for_good(
    kube: Kube, name: str, changes: Object, parameters: dict[str, str], message: str
):
    kube.apply(make("v1", "Secret", "in-the-way", "shop", stringData={"own": "content"}))
    instantiate(kube, name, changes, **{"DATABASE_SERVICE_NAME": name, **parameters})
    eventually(lambda: outcome(kube, name), {"InstantiateFailure": ("True", "Failed", message)})
