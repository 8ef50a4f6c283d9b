"""What the doctor does with less than all rights: it collects what it may, and lists the rest."""

from __future__ import annotations

from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.doctor.archive import files
from ansible_collections.seldon.openshift.plugins.module_utils.doctor.gather import UNSURE, Missing, gather, homes
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError, Unreachable
from ansible_collections.seldon.openshift.plugins.module_utils.kube.rights import Right

from tests.unit.apiserver import ApiServer

Object = dict[str, Any]
CONFIG = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "n"}, "data": {"a": "b"}}
SERVED = [{"kind": kind, "name": kind.lower() + "s", "namespaced": True} for kind in ("ConfigMap", "Secret", "Pod")]


class Reader(ApiServer):
    """Serves the core group; of it only ConfigMaps in the namespace n may be read."""

    def request(self, method: str, path: str, *args: Any, **kwargs: Any) -> Object:
        if path == "/api/v1":
            return {"resources": SERVED}
        if path.count("/") == 3 and path.startswith("/apis/"):
            raise ApiError(404)
        if path.startswith("/api/v1/namespaces/n/configmaps"):
            return {"metadata": {}, "items": [CONFIG]}
        resource = path.rpartition("/")[2]
        where = ' in the namespace "n"' if "/namespaces/n/" in path else " at the cluster scope"
        raise ApiError(403, "Forbidden", f'no: User "x" cannot list resource "{resource}" in API group ""{where}')


def test_what_may_be_read_is_collected_and_the_rest_is_listed() -> None:
    missing = Missing()
    assert homes(Reader(), ["amq-streams"], missing) == set()
    found = gather(Reader(), ["n"], 10, [].append, missing)
    assert found.objects["n", "configmap"][0]["data"] == {"a": "b"}
    told = "\n".join(found.missing)
    assert "the namespaces of the operators: you may not list subscriptions" in told
    assert "which namespaces exist: you may not list namespaces" in told
    assert "secret in n: you may not list secrets in n" in told
    assert UNSURE in told
    assert Right("list", "secrets", namespace="n") in found.lacking
    written = dict(files(found, {}))
    assert "ClusterRole" in written["rights.txt"]
    assert "secrets" in written["rights.txt"]


def test_without_a_refusal_there_is_nothing_to_grant() -> None:
    missing = Missing()
    missing.add("pods", Unreachable("no answer"))
    missing.add("jaegers", ApiError(404))
    missing.add("pods", ApiError(500, "InternalError", "broken"))
    assert missing.lines == ["pods: no answer", "pods: 500 InternalError: broken"]
    assert missing.lacking == {}
