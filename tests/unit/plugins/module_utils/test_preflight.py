"""What keeps an installation from ending well, over tables of what was observed."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.credentials.token_life import (
    jwt_expiry,
    oauth_expiry,
    oauth_name,
)
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import SECRET
from ansible_collections.seldon.openshift.plugins.module_utils.kube.rights import Right, grant_for
from ansible_collections.seldon.openshift.plugins.module_utils.preflight.checks import UNTOLD, message, problems
from ansible_collections.seldon.openshift.plugins.module_utils.preflight.helm import HelmCluster
from ansible_collections.seldon.openshift.plugins.module_utils.preflight.model import (
    CHECKS,
    Observation,
    Unread,
    Wanted,
)
from ansible_collections.seldon.openshift.plugins.module_utils.preflight.observe import observe

from tests.unit.apiserver import ApiServer

Object = dict[str, Any]


def obj(name: str, namespace: str | None = None, **more: Any) -> Object:
    labels, annotations = more.pop("labels", {}), more.pop("annotations", {})
    metadata = {"name": name, "namespace": namespace, "labels": labels, "annotations": annotations}
    return {"kind": "Secret", "metadata": metadata, **more}


def openshift(version: str, progressing: str = "False", **others: str) -> Object:
    conditions = [{"type": "Progressing", "status": progressing}]
    conditions += [{"type": kind, "status": status, "message": "etcd is down"} for kind, status in others.items()]
    return obj("version", status={"desired": {"version": version}, "conditions": conditions})


def catalog(name: str, state: str | None) -> Object:
    return obj(name, "openshift-marketplace", status={"connectionState": {"lastObservedState": state}} if state else {})


def roll(namespace: str, *members: str) -> Object:
    return obj("default", namespace, spec={"members": list(members)})


def default(name: str, month: int = 1, prefix: str = "storageclass") -> Object:
    made = obj(name, annotations={f"{prefix}.kubernetes.io/is-default-class": "true"})
    made["metadata"]["creationTimestamp"] = f"2022-{month:02}-01T00:00:00Z"
    return made


def monitoring(config: str, **more: Any) -> Object:
    made = obj("cluster-monitoring-config", "openshift-monitoring", data={"config.yaml": config}, **more)
    made["metadata"]["uid"] = "u"
    return {**made, "apiVersion": "v1", "kind": "ConfigMap"}


def pull_secret(auths: Object, **more: Any) -> Object:
    text = base64.b64encode(json.dumps({"auths": auths}).encode()).decode()
    made = obj("pull-secret", "openshift-config", data={".dockerconfigjson": text}, **more)
    made["metadata"]["uid"] = "u"
    return {**made, "apiVersion": "v1"}


REGISTRY = "registry.example.com:5000"
LOGINS = {REGISTRY: {"auth": "bWU6MQ=="}}
SYSTEM = obj("kube-system")
SYSTEM["metadata"]["uid"] = "one"
GOOD = Observation(
    cluster_version=openshift("4.11.59"),
    # A connection rests in IDLE between two calls.
    catalogs=[catalog("redhat-operators", "READY"), catalog("certified-operators", "IDLE")],
    classes=[obj("gp3", annotations={"storageclass.kubernetes.io/is-default-class": "true"}), obj("gp2")],
    control_planes=[obj("basic", "istio-system"), obj("theirs", "istio-b")],
    rolls=[roll("istio-system", "seldon"), roll("istio-b", "bookinfo")],
    namespaces=[obj("seldon-gitops", labels={"argocd.argoproj.io/managed-by": "seldon-argocd"}), obj("x"), SYSTEM],
    argocds=[obj("seldon-argocd", "seldon-argocd"), obj("openshift-gitops", "openshift-gitops")],
    alertmanager=obj("alertmanager-main", "openshift-monitoring"),
    token_seconds=7200,
    address="https://api:6443",
    helm="v3.14.4",
    helm_cluster=HelmCluster("https://api:6443", uid="one"),
    client="35.0.0",
)
WANTED = Wanted(
    catalogs=("redhat-operators",),
    packages={"redhat-operators": ("kiali-ossm",)},
    catalog_variables={"redhat-operators": "seldon_catalog_redhat"},
    control_plane="basic",
    mesh_members=("seldon", "seldon-logs"),
    argocd="seldon-argocd",
    managed=("seldon-gitops",),
    monitoring={"cluster-monitoring-config": {"enableUserWorkload": True}},
    token_seconds=3600,
    helm_oldest="3.8",
    helm_newest="4",
    client_oldest="24.2.0",
)
HIVE = {"hive.openshift.io/managed": "true"}
DENIED = (
    Right("create", "namespaces"),
    Right("patch", "namespaces"),
    Right("create", "kafkas", "kafka.strimzi.io", "seldon-kafka"),
)


def test_nothing_is_wrong_with_a_good_cluster() -> None:
    assert problems(GOOD, WANTED) == []


@pytest.mark.parametrize(
    ("change", "check", "told"),
    [
        ({"cluster_version": None}, "version", "cannot tell which version of OpenShift it is"),
        ({"classes": []}, "storage", "cannot tell whether a StorageClass is the default"),
        ({"catalogs": []}, "catalogs", "cannot tell whether the catalogues answer"),
        ({"rolls": [], "members": []}, "mesh", "cannot tell whether other service meshes are in the way"),
        ({"argocds": []}, "argocd", "cannot tell whether another Argo CD is in the way"),
        ({"alertmanager": None}, "alertmanager", "cannot tell who manages the configuration of Alertmanager"),
    ],
)
def test_what_may_not_be_read_is_not_absent(change: dict[str, Any], check: str, told: str) -> None:
    unread = tuple(Unread(check, f"you may not {verb} them") for verb in ("get", "list"))
    (found,) = problems(replace(GOOD, **change, unread=unread), WANTED)
    assert (found.check, found.stops) == (check, True)
    assert found.seen == f"{UNTOLD[check]}: you may not get them; you may not list them".join(("cannot tell ", ""))
    assert found.seen.startswith(told)
    assert found.do.startswith(grant_for("site"))


ARGOCD_OVERRIDES = {
    "api_version": "argoproj.io/v1alpha1",
    "kind": "ArgoCD",
    "explicit": {"spec": {"servr": {}}},
    "given_by": {"gitops_argocd_overrides": ".spec"},
}


@pytest.mark.parametrize("unneeded", ["storage", "alertmanager"])
def test_what_nobody_needs_may_stay_unread(unneeded: str) -> None:
    seen = replace(GOOD, unread=(Unread(unneeded, "you may not get it"),))
    assert problems(seen, replace(WANTED, **{unneeded: False})) == []


def test_each_look_that_is_refused_is_told_with_its_check() -> None:
    class Refusing(ApiServer):
        def request(self, method: str, path: str, *args: Any, **kwargs: Any) -> Object:
            if method == "GET":
                raise ApiError(403, "Forbidden", f'no: User "x" cannot list resource "{path}" in API group ""')
            return {"status": {"allowed": True}}

    named = {"monitoring": {"cluster-monitoring-config": {}}, "catalogs_namespace": "openshift-marketplace"}
    secret = {"api_version": "v1", "kind": "Secret", "namespace": "n", "name": "s"}
    params = {"rights": [], **named, "timeout": 0, "helm": False, "objects": [secret], "catalogs": [], "operators": []}
    params["monitoring"] = {"cluster-monitoring-config": {}}
    params["overrides"] = [ARGOCD_OVERRIDES]
    params["pins"] = []
    params["image_pull_secret"] = {"auths": LOGINS}
    seen = observe(Refusing(), params, [].append)
    assert {each.check for each in seen.unread} == set(UNTOLD)
    assert all(each.refusal.startswith(("you may not list ", "you may not get ")) for each in seen.unread)


@pytest.mark.parametrize(
    ("spec", "served", "expected"),
    [
        (
            {"servr": {}},
            True,
            ["gitops_argocd_overrides.servr (.spec.servr of ArgoCD) is no field; did you mean server?"],
        ),
        ({"servr": {}}, False, []),
        ({"server": {}}, True, []),
        ({}, True, []),
    ],
)
def test_overrides_are_compared_with_the_crd_where_it_is_there(spec: Object, served: bool, expected: list[str]) -> None:
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"server": {}}}}}
    crd = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "argocds.argoproj.io"},
        "spec": {"versions": [{"name": "v1alpha1", "schema": {"openAPIV3Schema": schema}}]},
    }
    server = ApiServer(*([crd] if served else []))
    given = {**ARGOCD_OVERRIDES, "explicit": {"spec": spec}}
    names = {
        "rights": [],
        "monitoring": {},
        "catalogs_namespace": "x",
        "timeout": 0,
        "helm": False,
        "objects": [],
        "catalogs": [],
        "image_pull_secret": None,
    }
    seen = observe(server, {**names, "overrides": [given], "pins": []}, [].append)
    assert list(seen.misfits) == expected
    found = problems(replace(GOOD, misfits=seen.misfits), WANTED)
    assert [(each.check, each.seen, each.stops) for each in found] == [("overrides", each, True) for each in expected]


@pytest.mark.parametrize(
    ("change", "check", "words"),
    [
        ({"cluster_version": None}, "version", ["not OpenShift"]),
        ({"cluster_version": openshift("4.12.0-rc.1")}, "version", ["4.12.0-rc.1", "-e preflight_newest_version=4.12"]),
        ({"cluster_version": openshift("5.0.1")}, "version", ["up to 4.11"]),
        ({"cluster_version": openshift("4.7.60")}, "version", ["-e preflight_oldest_version=4.7"]),
        ({"cluster_version": openshift("4.11.60", "True")}, "upgrade", ["4.11.60", "oc get clusterversion"]),
        ({"cluster_version": openshift("4.11.60", Available="False")}, "upgrade", ["not available: etcd is down"]),
        (
            {"denied": DENIED},
            "rights",
            [
                "you may not create, patch namespaces; create kafkas.kafka.strimzi.io in seldon-kafka",
                "ansible-playbook seldon.openshift.rights -e playbook=site -e user=USER",
                "oc apply -f seldon-openshift-site.yaml",
            ],
        ),
        (
            {"catalogs": []},
            "catalogs",
            [
                "CatalogSource redhat-operators does not exist",
                "kiali-ossm is offered by no catalogue",
                "oc get catalogsource -A (then name yours: -e seldon_catalog_redhat=NAME)",
            ],
        ),
        (
            {"catalogs": [catalog("mirrored", "READY")], "offers": {"kiali-ossm": ("mirrored", "other")}},
            "catalogs",
            ["kiali-ossm is offered by mirrored, other", "-e seldon_catalog_redhat=mirrored"],
        ),
        (
            {"catalogs": [*GOOD.catalogs, catalog("mine", "TRANSIENT_FAILURE")]},
            "catalogs",
            ["catalogue mine", "TRANSIENT_FAILURE", "olm.catalogSource=mine"],
        ),
        ({"catalogs": [catalog("redhat-operators", None)]}, "catalogs", ["never connected"]),
        ({"classes": [obj("gp2")]}, "storage", ["found: gp2", "oc annotate storageclass gp2"]),
        ({"classes": []}, "storage", ["found: none"]),
        (
            {"classes": [default("old"), default("new", 2, "storageclass.beta")], "kubernetes": (1, 24)},
            "storage",
            [
                "2 StorageClasses are the default (new, old), and Kubernetes 1.24 then refuses",
                "instance new:\n    oc annotate storageclass old storageclass.kubernetes.io/is-default-class=false",
            ],
        ),
        (
            {"classes": [default("a"), default("b", 0, "storageclass.beta")], "kubernetes": (1, 25)},
            "storage",
            ["oc annotate storageclass b storageclass.beta.kubernetes.io/is-default-class=false --overwrite"],
        ),
        (
            {"control_planes": [obj("other", "istio-system")]},
            "mesh",
            ["-e service_mesh_control_plane_name=other -e service_mesh_mode=existing"],
        ),
        ({"control_planes": [obj("basic", "istio-system"), obj("b", "istio-system")]}, "mesh", ["basic, b"]),
        (
            {"rolls": [roll("istio-b", "seldon-logs")]},
            "mesh",
            ["namespace seldon-logs", "seldon_mesh_namespace=istio-b"],
        ),
        (
            {
                "members": [
                    obj("default", "seldon", spec={"controlPlaneRef": {"namespace": "istio-b", "name": "basic"}})
                ]
            },
            "mesh",
            ["namespace seldon", "seldon_mesh_namespace=istio-b"],
        ),
        (
            {"namespaces": [obj("seldon-gitops", labels={"argocd.argoproj.io/managed-by": "openshift-gitops"})]},
            "argocd",
            ["by the Argo CD of openshift-gitops", "oc label namespace seldon-gitops argocd.argoproj.io/managed-by-"],
        ),
        ({"argocds": [obj("theirs", "seldon-argocd")]}, "argocd", ["gitops_argocd_name=theirs"]),
        ({"alertmanager": obj("alertmanager-main", "openshift-monitoring", labels=HIVE)}, "alertmanager", ["Hive"]),
        (
            {"monitoring": [monitoring("enableUserWorkload: false", labels=HIVE)]},
            "monitoring",
            ["cluster-monitoring-config is managed by Hive", "lacks enableUserWorkload", "OpenShift Cluster Manager"],
        ),
        ({"token_seconds": 600}, "token", ["10 more minutes", "60", "oc login"]),
        ({"token_seconds": -5}, "token", ["0 more minutes"]),
        ({"helm": ""}, "helm", ["helm is not on PATH"]),
        ({"helm": "v3.2.1"}, "helm", ["v3.2.1", "3.8"]),
        ({"helm": "v4.0.0"}, "helm", ["v4.0.0"]),
        (
            {"helm_cluster": HelmCluster("https://other:6443", uid="two")},
            "helm",
            ["reaches https://other:6443", "uid two", "reach https://api:6443 (one)", "unset HELM_KUBEAPISERVER"],
        ),
        (
            {"helm_cluster": HelmCluster("https://other:6443", error="x509: unknown authority")},
            "helm",
            ["cannot read the cluster at https://other:6443", "x509: unknown authority", "^HELM_"],
        ),
        ({"client": "12.0.1"}, "client", ["pip install 'kubernetes>=24.2.0'"]),
    ],
)
def test_each_thing_in_the_way_is_told_with_what_to_type(change: Any, check: str, words: list[str]) -> None:
    (found,) = problems(replace(GOOD, **change), WANTED)
    assert (found.check, found.stops) == (check, True)
    assert found.check in CHECKS
    assert [word for word in words if word not in message([found])] == []


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        (None, ["pull-secret does not exist", "oc create secret generic"]),
        (pull_secret({REGISTRY: {"auth": "dTpw"}}), [f"another login for {REGISTRY}", "leave the entry out"]),
        (pull_secret({}, labels=HIVE), ["managed by Hive", "leave seldon_image_pull_secret empty"]),
    ],
)
def test_a_pull_secret_that_takes_no_logins_is_in_the_way_of_those_alone(secret: Any, words: list[str]) -> None:
    seen = replace(GOOD, pull_secret=secret)
    assert problems(seen, WANTED) == []
    (found,) = problems(seen, replace(WANTED, logins=LOGINS))
    assert (found.check, found.stops) == ("pull_secret", True)
    assert [word for word in words if word not in message([found])] == []


@pytest.mark.parametrize(
    ("registry", "there", "warns"),
    [
        ("", {}, False),
        (f"{REGISTRY}/mirror", {}, False),
        ("other.example.com/mirror", {}, True),
        ("other.example.com/mirror", {"https://other.example.com/a": {}}, False),
        ("registry.example.com/mirror", {}, True),  # another port
    ],
)
def test_a_mirror_without_a_login_is_warned_of(registry: str, there: Object, warns: bool) -> None:
    seen, wanted = replace(GOOD, pull_secret=pull_secret(there)), replace(WANTED, registry=registry)
    assert problems(seen, wanted) == []
    found = problems(seen, replace(wanted, logins=LOGINS))
    assert [each.check for each in found if not each.stops] == ["pull_secret"] * warns
    assert len(found) == warns


def test_objects_of_others_are_warned_of() -> None:
    (found,) = problems(replace(GOOD, foreign=tuple(SECRET.named(f"s{number}", "n") for number in range(7))), WANTED)
    assert (found.check, found.stops) == ("adoption", False)
    told = message([found])
    assert all(word in told for word in ("Secret n/s0", "and 2 more", "seldon.openshift.adopt", "seldon_adopt=true"))


def test_a_version_operator_that_fails_is_warned_of() -> None:
    (found,) = problems(replace(GOOD, cluster_version=openshift("4.11.60", Failing="True", Available="True")), WANTED)
    assert (found.check, found.stops) == ("upgrade", False)
    assert "fails: etcd is down" in message([found])


@pytest.mark.parametrize("version", ["4.8.0", "4.9.59", "4.10.1"])
def test_an_older_version_is_warned_of(version: str) -> None:
    (found,) = problems(replace(GOOD, cluster_version=openshift(version)), WANTED)
    assert (found.check, found.stops) == ("version", False)


def test_the_whole_list_is_told_at_once() -> None:
    found = problems(Observation(token_seconds=1, denied=DENIED), WANTED)
    assert [each.check for each in found] == ["version", "rights", "catalogs", "storage", "token", "helm"]


@pytest.mark.parametrize(
    ("seen", "wanted"),
    [
        ({"token_seconds": None}, {}),
        ({"foreign": (SECRET.named("s", "n"),)}, {"adopt": True}),
        ({"cluster_version": openshift("4.12.3")}, {"newest": "4.12"}),
        ({"control_planes": [obj("theirs", "istio-system")]}, {"control_plane": ""}),
        ({"argocds": [obj("theirs", "seldon-argocd")]}, {"argocd": ""}),
        ({"alertmanager": obj("alertmanager-main", "openshift-monitoring", labels=HIVE)}, {"alertmanager": False}),
        ({"classes": []}, {"storage": False}),
        ({"classes": [default("a"), default("b")]}, {"storage": False}),
        # The newest wins since Kubernetes 1.26; and the older annotation counts.
        ({"classes": [default("a"), default("b")], "kubernetes": (1, 26)}, {}),
        ({"classes": [default("a", 1, "storageclass.beta")]}, {}),
        ({"helm": ""}, {"helm_oldest": ""}),
        ({"helm_cluster": HelmCluster("https://other:6443")}, {}),  # too old to tell, or may not
        ({"helm_cluster": HelmCluster("https://api", uid="two"), "namespaces": []}, {}),  # we may not
        # What Hive has set already needs no edit, and what nobody manages may be edited.
        ({"monitoring": [monitoring("enableUserWorkload: true # by Hive", labels=HIVE)]}, {}),
        ({"monitoring": [monitoring("enableUserWorkload: false")]}, {}),
        # Not ours: they may belong to whom they like.
        ({"namespaces": [obj("x", labels={"argocd.argoproj.io/managed-by": "y"})]}, {}),
    ],
)
def test_what_is_not_wanted_is_not_missed(seen: Any, wanted: Any) -> None:
    assert problems(replace(GOOD, **seen), replace(WANTED, **wanted)) == []


def token(**claims: Any) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"a": 1}, claims)]
    return ".".join([*parts, "signature"])


@pytest.mark.parametrize(
    ("given", "expiry"),
    [(token(exp=1700000000), 1700000000), (token(iss="x"), None), ("sha256~abc", None), ("a.b.c", None), ("", None)],
)
def test_a_token_tells_when_it_expires(given: str, expiry: float | None) -> None:
    assert jwt_expiry(given) == expiry


def test_the_server_tells_it_of_an_opaque_token() -> None:
    # printf %s secret | openssl dgst -sha256 -binary | basenc --base64url
    assert oauth_name("sha256~secret") == "sha256~K7gNU3sdo-OL0wNhqoVWhr3g6s1xYv72ol_pe_Unols"
    created = {"creationTimestamp": "2022-11-25T12:00:00Z"}
    assert oauth_expiry({"metadata": created, "expiresIn": 86400}) == 1669377600 + 86400
    assert oauth_expiry({"metadata": created}) is None
