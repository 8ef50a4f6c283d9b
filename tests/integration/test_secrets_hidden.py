"""No secret of the cluster shows: not in the most talkative output, in results, in command lines or in annotations."""

from __future__ import annotations

import base64
import json
import subprocess
import threading
from pathlib import Path

import pytest

from sandbox.kube import Object
from sandbox.paths import CHECKOUT
from tests.integration.cluster import SHIPPED, Cluster

PASSWORD = "pa55w0rd-of-elastic"
CLIENT_SECRET = "cl1ent-s3cret-of-nobody"
SHORT = 12  # characters; what is shorter may well be a word of the output

PLAY: list[Object] = [
    {
        "hosts": "seldon_clusters",
        "gather_facts": False,
        "vars": {"client_secret": CLIENT_SECRET},
        "tasks": [
            {
                "seldon.openshift.seldon_apply": {
                    "resources": [
                        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
                        for name in ("seldon-logs", "seldon-system")
                    ]
                },
                "register": "applied",
            },
            {
                "seldon.openshift.seldon_apply": {
                    "namespace": "seldon-system",
                    "resources": [
                        {
                            "apiVersion": "v1",
                            "kind": "Secret",
                            "metadata": {"name": "git-creds"},
                            "stringData": {"password": "{{ client_secret }}"},
                        }
                    ],
                },
                "register": "secret",
            },
            {
                "seldon.openshift.seldon_es_credentials": {
                    "external": {"password": PASSWORD},
                    "targets": [{"namespace": "seldon-logs"}, {"namespace": "seldon-system"}],
                },
                "register": "elastic",
            },
            {"seldon.openshift.seldon_token_secret": {}, "register": "token"},
            {
                "seldon.openshift.seldon_alertmanager_receiver": {
                    "url": "https://deploy.example.com",
                    "oauth2": {
                        "client_id": "sd-api",
                        "client_secret": "{{ client_secret }}",
                        "token_url": "https://keycloak.example.com/token",
                    },
                },
                "register": "receiver",
            },
            {"ansible.builtin.debug": {"msg": "{{ [applied, secret, elastic, token, receiver] }}"}},
        ],
    }
]


def secret_values(cluster: Cluster) -> dict[str, str]:
    """Return what no output may hold, and where it is from: each value of each Secret, in clear and as it is stored."""
    found: dict[str, str] = {}
    for secret in cluster.kube.list("v1", "Secret"):
        where = f"{secret['metadata']['namespace']}/{secret['metadata']['name']}"
        for key, encoded in (secret.get("data") or {}).items():
            # An authority's certificate, a namespace's or a user's name are no secrets.
            if key in ("ca.crt", "namespace", "service-ca.crt", "username", "user", "tls.crt"):
                continue
            plain = base64.b64decode(encoded).decode(errors="replace")
            found |= {value: f"{where}[{key}]" for value in (encoded, plain.strip()) if len(value) >= SHORT}
    return found


def leaks(cluster: Cluster, text: str) -> list[str]:
    return sorted({where for value, where in secret_values(cluster).items() if value in text})


class CommandLines:
    """Samples the command lines of all processes for as long as it is open."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample)

    def _sample(self) -> None:
        while not self._stop.wait(0.02):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    self.seen.add(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
                except OSError:
                    continue

    def __enter__(self) -> CommandLines:
        self._thread.start()
        return self

    def __exit__(self, *_details: object) -> None:
        self._stop.set()
        self._thread.join()


@pytest.mark.parametrize("way", ["inside", "shipped"])
def test_no_secret_shows(empty_cluster: Cluster, tmp_path: Path, way: str) -> None:
    (tmp_path / "play.json").write_text(json.dumps(PLAY))
    options = SHIPPED if way == "shipped" else []
    with CommandLines() as processes:
        result = subprocess.run(
            ["ansible-playbook", str(tmp_path / "play.json"), "-vvv", "--diff", *options],
            env=empty_cluster.environment(),
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert result.returncode == 0, result.stdout + result.stderr
    assert {PASSWORD, CLIENT_SECRET} <= secret_values(empty_cluster).keys()
    assert leaks(empty_cluster, result.stdout + result.stderr) == []
    assert leaks(empty_cluster, "\n".join(processes.seen)) == []


def test_no_secret_is_in_an_annotation_or_in_another_object(empty_cluster: Cluster) -> None:
    annotations = [secret["metadata"].get("annotations") for secret in empty_cluster.kube.list("v1", "Secret")]
    others = [
        empty_cluster.kube.list(api_version, kind)
        for api_version, kind in (("v1", "ConfigMap"), ("v1", "Event"), ("v1", "ServiceAccount"), ("v1", "Namespace"))
    ]
    assert leaks(empty_cluster, json.dumps([annotations, others])) == []
