"""Which container a process stands for, and when there is nothing to attach to."""

from __future__ import annotations

import io
import ssl
import sys
from contextlib import redirect_stderr
from pathlib import Path

import pytest

from sandbox.__main__ import main
from sandbox.attach import chosen
from sandbox.certificates import serving, write_pki
from sandbox.cluster import SandboxError
from sandbox.kube import Object


def pod(*containers: str) -> Object:
    return {"metadata": {"name": "p"}, "spec": {"containers": [{"name": name} for name in containers]}}


@pytest.mark.parametrize(
    ("containers", "name", "expected"),
    [
        (["manager"], "", "manager"),
        (["kube-rbac-proxy", "manager"], "", "manager"),
        (["kube-rbac-proxy"], "", "kube-rbac-proxy"),
        (["manager", "other"], "other", "other"),
        (["manager", "kube-rbac-proxy"], "kube-rbac-proxy", "kube-rbac-proxy"),
    ],
)
def test_the_container_that_is_meant(containers: list[str], name: str, expected: str) -> None:
    assert chosen(pod(*containers), name)["name"] == expected


def test_a_container_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(SandboxError, match=r"has no container 'x' \(it has: a, b\)"):
        chosen(pod("a", "b"), "x")


def said_by(*arguments: str) -> str:
    stderr = io.StringIO()
    with redirect_stderr(stderr):
        assert main(["attach", "--name", "nowhere-to-attach", "--csv", "x.v1", *arguments]) == 1
    return stderr.getvalue()


def test_without_a_sandbox_it_says_how_to_start_one() -> None:
    assert "start it with 'python -m sandbox up --name nowhere-to-attach'" in said_by("--", sys.executable)


@pytest.mark.parametrize("port", ["9443", "a=b", "9443="])
def test_a_port_that_is_none_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["attach", "--csv", "x.v1", "--port", port, "--", "true"])
    assert "POD=PROCESS" in capsys.readouterr().err


def test_a_serving_certificate_holds_for_its_service(tmp_path: Path) -> None:
    write_pki(tmp_path)
    host = f"{'long-name-' * 6}.ns.svc"
    pair = serving(tmp_path, [host])
    (tmp_path / "pair.pem").write_bytes(pair.key + pair.certificate)
    client = ssl.create_default_context(cafile=str(tmp_path / "ca.crt"))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "pair.pem")
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [client.wrap_bio(back, there, server_hostname=host), server.wrap_bio(there, back, server_side=True)]
    for _turn in range(10):
        for side in list(sides):
            try:
                side.do_handshake()
                sides.remove(side)
            except ssl.SSLWantReadError:
                continue
    assert sides == []
