"""Which cluster, user and proxy options, environment and kubeconfigs mean; and what is told when they mean nothing."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube import login, proxies
from ansible_collections.seldon.openshift.plugins.module_utils.kube import target as target_of
from ansible_collections.seldon.openshift.plugins.module_utils.kube.connection import Connection
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import Misconfigured, NoCluster
from ansible_collections.seldon.openshift.plugins.module_utils.kube.login import Credential, Login
from ansible_collections.seldon.openshift.plugins.module_utils.kube.redaction import (
    Redaction,
    kubeconfig_secrets,
    option_secrets,
)
from ansible_collections.seldon.openshift.plugins.module_utils.kube.target import Target, find_target
from ansible_collections.seldon.openshift.plugins.module_utils.kube.tls import context

Object = dict[str, Any]
SERVER = "https://api.example.com:6443"
PROXY = "http://proxy.example.com:3128"
TOKEN = {"host": SERVER, "api_key": "t0ken"}


def kubeconfig(user: Object | None = None, name: str = "c", **cluster: Any) -> Object:
    return {
        "current-context": name,
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "clusters": [{"name": name, "cluster": {"server": SERVER, **cluster}}],
        "users": [{"name": name, "user": user or {}}],
    }


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("KUBECONFIG", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


def find(folder: Path, params: Object, **environ: str) -> Target:
    return find_target(params, environ, folder)


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        (["a", "b"], ("https://a", "a")),
        (["b", "a"], ("https://b", "b")),
        (["empty", "b", "a"], ("https://b", "b")),
        (["nowhere", "a"], ("https://a", "a")),
        (["context of b", "a", "b"], ("https://b", "b")),
        (["same name", "a"], ("https://same", "a")),
    ],
)
def test_of_several_files_the_first_that_says_something_wins(
    tmp_path: Path, files: list[str], wanted: tuple[str, str]
) -> None:
    contents: dict[str, Object | None] = {
        "a": kubeconfig({"token": "a"}, "a", server="https://a"),
        "b": kubeconfig({"token": "b"}, "b", server="https://b"),
        "empty": None,
        "context of b": {"current-context": "b"},
        "same name": {"clusters": [{"name": "a", "cluster": {"server": "https://same"}}]},
    }
    for name, content in contents.items():
        (tmp_path / name).write_text(json.dumps(content) if content else "")
    target = find(tmp_path, {}, KUBECONFIG=":".join(files))
    assert (target.server, target.user["token"]) == wanted
    assert bool(target.warnings) == ("nowhere" in files)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"api_key": "t"}, {"token": "t", "client-certificate-data": "YQ==", "client-key-data": "YQ=="}),
        (
            {"username": "n", "password": "p"},
            {"username": "n", "password": "p", "client-certificate-data": "YQ==", "client-key-data": "YQ=="},
        ),
        (
            {"client_cert": "/c", "client_key": "/k"},
            {"exec": {"command": "x"}, "client-certificate": "/c", "client-key": "/k"},
        ),
    ],
)
def test_a_credential_that_is_given_takes_the_place_of_its_like(tmp_path: Path, given: Object, kept: Object) -> None:
    user = {"client-certificate-data": "YQ==", "client-key-data": "YQ==", "exec": {"command": "x"}, "as": "other"}
    assert find(tmp_path, {"kubeconfig": kubeconfig(user), **given}).user == {**kept, "as": "other"}


@pytest.mark.parametrize("token", ["t0ken\n", " t0ken ", "t0ken\r\n", "\tt0ken"])
def test_a_token_has_nothing_around_it(tmp_path: Path, token: str) -> None:
    (tmp_path / "token").write_text(token)
    user = {"tokenFile": str(tmp_path / "token")}
    ways = (
        {"host": SERVER, "api_key": token},
        {"kubeconfig": kubeconfig({"token": token})},
        {"kubeconfig": kubeconfig(user)},
    )
    assert [Login(find(tmp_path, way), Redaction()).token() for way in ways] == ["t0ken"] * 3
    assert [find(tmp_path, way).flat().user for way in ways] == [{"token": "t0ken"}] * 3
    assert find(tmp_path, {"host": SERVER}, K8S_AUTH_API_KEY=token).user == {"token": "t0ken"}


@pytest.mark.parametrize(
    ("params", "environ", "proxy"),
    [
        ({}, {}, ""),
        ({"proxy": "proxy.example.com:3128"}, {}, PROXY),
        ({"proxy": PROXY}, {"NO_PROXY": "example.com"}, ""),
        ({"proxy": PROXY, "no_proxy": ".example.com"}, {}, ""),
        (
            {"proxy": PROXY, "proxy_headers": {"proxy_basic_auth": "me:p/w"}},
            {},
            "http://me:p%2Fw@proxy.example.com:3128",
        ),
        ({}, {"K8S_AUTH_PROXY": PROXY, "HTTPS_PROXY": "other:1"}, PROXY),
        ({}, {"HTTPS_PROXY": "proxy.example.com:3128", "https_proxy": "other:1"}, PROXY),
        ({}, {"https_proxy": "proxy.example.com:3128"}, PROXY),
        ({}, {"HTTP_PROXY": PROXY, "ALL_PROXY": PROXY}, ""),
        ({"host": "http://api"}, {"http_proxy": PROXY, "https_proxy": "other:1"}, PROXY),
        ({}, {"HTTPS_PROXY": PROXY, "K8S_AUTH_NO_PROXY": "api.example.com:6443"}, ""),
        ({"kubeconfig": kubeconfig(**{"proxy-url": PROXY})}, {"HTTPS_PROXY": "other:1", "NO_PROXY": "*"}, PROXY),
        ({"kubeconfig": kubeconfig(**{"proxy-url": PROXY})}, {"K8S_AUTH_NO_PROXY": "*"}, ""),
        ({"kubeconfig": kubeconfig(**{"proxy-url": PROXY}), "proxy": "other:1"}, {}, "http://other:1"),
    ],
)
def test_the_proxy_is_the_nearest_that_is_named(tmp_path: Path, params: Object, environ: Object, proxy: str) -> None:
    options = params if "kubeconfig" in params else {**TOKEN, **params}
    assert find(tmp_path, options, **environ).proxy == proxy


@pytest.mark.parametrize(
    ("host", "proxied"),
    [
        *(("localhost", False), ("LOCALHOST", False), ("127.0.0.1", False), ("127.9.9.9", False), ("[::1]", False)),
        ("[::ffff:127.0.0.1]", False),
        *(
            ("localhost.example.com", True),
            ("localhost.", True),
            ("128.0.0.1", True),
            ("[::2]", True),
            ("10.0.0.1", True),
        ),
    ],
)
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_the_environments_proxy_leads_to_no_server_of_this_machine(
    tmp_path: Path, scheme: str, host: str, proxied: bool
) -> None:
    options = {"host": f"{scheme}://{host}:6443", "api_key": "t"}
    assert bool(find(tmp_path, options, HTTPS_PROXY=PROXY, http_proxy=PROXY).proxy) is proxied
    assert find(tmp_path, {**options, "proxy": PROXY}).proxy == PROXY
    assert find(tmp_path, options, K8S_AUTH_PROXY=PROXY).proxy == PROXY
    config = kubeconfig(server=options["host"], **{"proxy-url": PROXY})
    assert find(tmp_path, {"kubeconfig": config}).proxy == PROXY


@pytest.mark.parametrize(
    ("no_proxy", "direct"),
    [
        ("", False),
        ("*", True),
        ("other,*", True),
        ("example.com", True),
        (".example.com", True),
        ("*.example.com", True),
        ("API.EXAMPLE.COM", True),
        ("api.example.com:6443", True),
        ("api.example.com:443", False),
        ("ample.com", False),
        ("example.com.evil", False),
        ("10.0.0.0/8", False),
    ],
)
def test_hosts_without_a_proxy(no_proxy: str, direct: bool) -> None:
    assert proxies.is_passed_by(SERVER, no_proxy) is direct


@pytest.mark.parametrize(("network", "direct"), [("10.0.0.0/8", True), ("10.1.2.3", True), ("11.0.0.0/8", False)])
def test_networks_without_a_proxy(network: str, direct: bool) -> None:
    assert proxies.is_passed_by("https://10.1.2.3:6443", network) is direct


@pytest.mark.parametrize(
    ("proxy", "environ", "hosts"),
    [
        ("", {"HTTPS_PROXY": PROXY}, "api.example.com"),
        ("", {"https_proxy": PROXY, "NO_PROXY": "other"}, "other,api.example.com"),
        ("", {"NO_PROXY": "other"}, ""),
        (PROXY, {"HTTPS_PROXY": "other:1"}, ""),
    ],
)
def test_a_program_asks_directly_what_is_asked_directly_here(proxy: str, environ: Object, hosts: str) -> None:
    wanted = {"NO_PROXY": hosts, "no_proxy": hosts} if hosts else {}
    assert proxies.past(SERVER, proxy, environ) == wanted


FILES = ("certificate-authority", "client-certificate", "client-key", "tokenFile")
MESSAGES: dict[str, tuple[Object, dict[str, str], str]] = {
    "nothing": ({}, {}, "no cluster is named, and there is no ~/.kube/config"),
    "KUBECONFIG": ({}, {"KUBECONFIG": "no"}, "KUBECONFIG names {here}/no, which does not exist"),
    "several": ({}, {"KUBECONFIG": "no:such"}, "KUBECONFIG names {here}/no and {here}/such, none of which exists"),
    "variable": ({}, {"K8S_AUTH_KUBECONFIG": "no"}, "K8S_AUTH_KUBECONFIG names {here}/no, which does not exist"),
    "option": ({"kubeconfig": "no"}, {}, "the option kubeconfig names {here}/no, which does not exist"),
    "directory": ({"kubeconfig": "/"}, {}, "is the file /, which cannot be read"),
    "ca_cert": ({**TOKEN, "ca_cert": "no"}, {}, "the option ca_cert is the file {here}/no, which does not exist"),
    "ca variable": (TOKEN, {"K8S_AUTH_SSL_CA_CERT": "no"}, "K8S_AUTH_SSL_CA_CERT is the file {here}/no, which does"),
    "client_key": ({**TOKEN, "client_cert": "/dev/null", "client_key": "no"}, {}, "the option client_key is the file"),
    **{
        name: ({"kubeconfig": kubeconfig({name: "no"}, **{name: "no"})}, {}, f"{name} of the kubeconfig in the option")
        for name in FILES
    },
    "context": ({"kubeconfig": kubeconfig(), "context": "d"}, {}, "the context d, which the option context names, is"),
    "no context": ({"kubeconfig": {**kubeconfig(), "current-context": ""}}, {}, "no current-context (there are: c)"),
    "no user": ({"kubeconfig": {**kubeconfig(), "users": []}}, {}, "the user c is not in"),
    "no cluster": ({"kubeconfig": {**kubeconfig(), "clusters": []}}, {}, "the cluster c is not in"),
    "no address": ({"kubeconfig": kubeconfig(server="")}, {}, "the context c names no address"),
    "not a list": (
        {"kubeconfig": {"users": {}, "clusters": 1}},
        {},
        "clusters of the kubeconfig in the option kubeconfig",
    ),
    "no name": ({"kubeconfig": {"users": [{}]}}, {}, "users of the kubeconfig in the option kubeconfig has an entry"),
    "address": ({**TOKEN, "host": "https://a b"}, {}, "the option host is no address of an API server"),
    "port": ({**TOKEN, "host": "https://a:99999"}, {}, "the option host is no address of an API server"),
    "proxy": (
        TOKEN,
        {"HTTPS_PROXY": "ftp://a"},
        "the proxy that HTTPS_PROXY or HTTP_PROXY names is no address",
    ),
    "token": ({**TOKEN, "api_key": "a\nb"}, {}, "its character 2 of 3 is U+000A"),
    "umlaut": ({**TOKEN, "api_key": "tökén"}, {}, "its character 2 of 5 is U+00F6"),
    "only spaces": ({**TOKEN, "api_key": " \n"}, {}, "the option api_key is empty"),
    "base64": ({"kubeconfig": kubeconfig(**{"certificate-authority-data": "?"})}, {}, "is no text in base64"),
    "no PEM": ({"kubeconfig": kubeconfig(**{"certificate-authority-data": "YQ=="})}, {}, "holds no certificate (PEM)"),
    "impersonation": ({**TOKEN, "impersonate_user": "a\nb"}, {}, "the impersonation (Impersonate-User) holds"),
    "plugin": ({"kubeconfig": kubeconfig({"exec": {}, "token": ""})}, {}, "exec of the kubeconfig in the option"),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_what_names_no_cluster_is_told_with_who_named_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    params, environ, told = MESSAGES[name]
    monkeypatch.chdir(tmp_path)
    for variable, value in environ.items():
        monkeypatch.setenv(variable, value)
    with pytest.raises(Misconfigured) as caught:
        Connection(params)
    assert told.format(here=tmp_path) in str(caught.value)
    assert str(caught.value).startswith("no usable connection settings for a cluster: ")


TOKEN_ITSELF = "sha256~3im-nis_of-somebody"
PEM = "-----BEGIN PRIVATE KEY-----\n3im+nis/of//somebody\n-----END PRIVATE KEY-----\n"
YAML = f"apiVersion: v1\nusers:\n- name: u\n  user:\n    token: {TOKEN_ITSELF}\n    server: https://a:6443/x\n"
JSON = json.dumps(kubeconfig({"token": TOKEN_ITSELF}))
# The content of a file where its path belongs, as `$(cat FILE)` and lookup('file') give it.
CONTENTS = {
    "YAML": YAML,
    "YAML on a line": "kind: Config users: " + TOKEN_ITSELF,
    "CRLF": YAML.replace("\n", "\r\n"),
    "JSON": JSON,
    "JSON in lines": json.dumps(kubeconfig({"token": TOKEN_ITSELF}), indent=1),
    "base64": base64.b64encode(YAML.encode()).decode(),
    "short base64": base64.b64encode(b"clusters: []").decode(),
    "PEM": PEM,
    "PEM in base64": base64.b64encode(PEM.encode()).decode(),
    "a token": TOKEN_ITSELF,
    "a JSON Web Token": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9.3imnis",
    "an unknown token": "Zq3imnis0fS0mebodyWhoIsNotKnown4711",
    "over-long": "of-somebody" * 30,
    "NUL": "of\0somebody",
    "after a file": f"real.yml:{YAML}",
}


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("given", ["KUBECONFIG", "K8S_AUTH_KUBECONFIG", "kubeconfig"])
def test_the_content_of_a_kubeconfig_is_told_and_not_shown(tmp_path: Path, content: str, given: str) -> None:
    (tmp_path / "real.yml").write_text(JSON)
    value = CONTENTS[content]
    named = {"params": {given: value}} if given == "kubeconfig" else {"params": {}, given: value}
    with pytest.raises(Misconfigured) as caught:
        find(tmp_path, **named)
    origin = "the option kubeconfig" if given == "kubeconfig" else given
    assert f": {origin} is the content of a file, not its path. Write it to a file that only you" in str(caught.value)
    assert parts_of(value) & {*str(caught.value).split()} == set()
    assert value in option_secrets(named["params"], named)


@pytest.mark.parametrize("content", [name for name in CONTENTS if name != "after a file"])
@pytest.mark.parametrize("given", ["ca_cert", "client_cert", "client_key", *FILES])
def test_the_content_of_another_file_is_told_and_not_shown(tmp_path: Path, content: str, given: str) -> None:
    (tmp_path / "cert").write_text("a")
    value = CONTENTS[content]
    params: Object = {**TOKEN, given: value, **({"client_cert": "cert"} if given == "client_key" else {})}
    if given in FILES:
        params = {"kubeconfig": kubeconfig({given: value}, **{given: value})}
    target = find(tmp_path, params)
    assert value in kubeconfig_secrets(target.kubeconfig())
    with pytest.raises(Misconfigured) as caught:
        target.flat()
    assert f"{given} " in str(caught.value)
    assert " is the content of a file, not its path. Write it to a file that only you" in str(caught.value)
    assert parts_of(value) & {*str(caught.value).split()} == set()


def parts_of(value: str) -> set[str]:
    return {each for each in value.split() if len(each) > 6}


@pytest.mark.parametrize(
    "path",
    [
        *(
            "no",
            "a b.yml",
            "~/no",
            "~nobody-of-this-name/no",
            "/etc/kubernetes/admin.conf",
            "kind:config",
            "token",
            "-",
        ),
        *("/home/me/clusters/production-in-berlin-of-the-platform-team/kubeconfig", "ümläut", "eyJ", "C:\\Users\\me"),
        *("config.2024-11-27T09.36", "my-kubeconfig-for-the-production-cluster", "/tmp/ansible.x3Yz1k2m/tmp8Zq1x"),
    ],
)
def test_a_path_of_no_file_is_told(tmp_path: Path, path: str) -> None:
    with pytest.raises(
        Misconfigured, match=r"KUBECONFIG names .*, (which does not exist|none of which exists)\."
    ) as caught:
        find(tmp_path, {}, KUBECONFIG=path)
    assert path.lstrip("~").rpartition(":")[2] in str(caught.value)


@pytest.mark.parametrize(
    "name", ["Zq3imnis0fS0mebodyWhoIsNotKnown4711", "kind: config", "sha256~x", "Y2x1c3RlcnM6IFtd"]
)
def test_a_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("t0ken")
    user = {"tokenFile": name}
    (tmp_path / "config").write_text(json.dumps(kubeconfig(user)))
    assert Login(find(tmp_path, {"kubeconfig": "config"}), Redaction()).token() == "t0ken"


PLUGIN = "client.authentication.k8s.io/v1"


def plugin(script: str, **fields: Any) -> Object:
    return {"exec": {"apiVersion": PLUGIN, "command": "sh", "args": ["-c", script], **fields}}


@pytest.mark.parametrize(
    ("user", "told"),
    [
        (
            plugin("echo please log in first >&2; exit 1"),
            "the plugin sh ended with exit code 1, and printed: please log in",
        ),
        (plugin("echo please log in first; exit 3"), "exit code 3, and printed: please log in first"),
        (plugin("exit 1"), "and printed nothing"),
        (plugin("echo no json"), "what the plugin sh printed is no ExecCredential"),
        (plugin("echo '{\"status\": {}}'"), "printed neither a token nor a certificate"),
        (plugin("sleep 9"), "did not end within 1 seconds"),
        ({"exec": {"command": "no-such-plugin"}}, "the plugin no-such-plugin cannot be run: No such file or directory"),
        ({"exec": {"command": "/no/plugin", "installHint": "get\n it"}}, "the plugin /no/plugin cannot be run: get it"),
    ],
)
def test_a_plugin_that_gives_nothing_says_why_and_how_to_log_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: Object, told: str
) -> None:
    monkeypatch.setattr(login, "PLUGIN_SECONDS", 1)
    with pytest.raises(Misconfigured) as caught:
        Login(find(tmp_path, {"kubeconfig": kubeconfig(user)}), Redaction())
    assert told in str(caught.value)
    assert f"no credentials for {SERVER} came from exec of the kubeconfig" in str(caught.value)
    assert f"oc login {SERVER}" in str(caught.value)


@pytest.mark.parametrize(
    ("user", "told"),
    [
        ({"exec": {"command": "/no/x --password g3heim"}}, "the plugin /no/x --password (hidden) cannot be run"),
        ({"exec": {"command": "/no/x -p pw"}}, "the plugin /no/x -p (hidden) cannot be run"),
        (plugin("exit 1 # --pin g3heim", command="sh"), "the plugin sh ended with exit code 1"),
        (plugin("echo PIN: 1234 at https://u:p w@h", args=["-c", "echo PIN: 1234"]), "no ExecCredential"),
        (
            plugin("echo PIN: 12$((30 + 4)) at https://u:p' '$((3 + 4))@h; exit 1"),
            "PIN: (hidden) at https://(hidden)@h",
        ),
        (plugin('echo "with $PIN"; exit 1', env=[{"name": "PIN", "value": "1234"}]), "printed: with (hidden)."),
    ],
)
def test_what_a_failing_plugin_echoes_is_shown_without_its_secrets(tmp_path: Path, user: Object, told: str) -> None:
    target = find(tmp_path, {"kubeconfig": kubeconfig(user)})
    with pytest.raises(Misconfigured) as caught:
        Login(target, Redaction(kubeconfig_secrets(target.kubeconfig())))
    assert told in str(caught.value)
    assert {*re.findall(r"g3heim|pw\b|1234|p w", str(caught.value))} == set()


def test_a_plugin_is_asked_again_when_its_token_is_over(tmp_path: Path) -> None:
    count = tmp_path / "count"
    status = '{"status": {"token": "t%s", "expirationTimestamp": "%s"}}'
    script = f"echo x >> {count}; printf '{status}' $(wc -l < {count})"
    for stamp, tokens in (("2020-01-01T00:00:00Z", ["t2", "t3"]), ("2999-01-01T00:00:00Z", ["t1", "t1"])):
        count.unlink(missing_ok=True)
        found = Login(find(tmp_path, {"kubeconfig": kubeconfig(plugin(f"{script} {stamp}"))}), Redaction())
        assert [found.token(), found.token()] == tokens


def test_a_pod_s_account_is_taken_where_nothing_else_is_named_and_its_token_is_read_as_kubelet_renews_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(target_of, "SERVICE_ACCOUNT", str(tmp_path))
    monkeypatch.setattr(login, "FILE_SECONDS", 0)
    pod = {"KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"}
    with pytest.raises(NoCluster):
        find(tmp_path, {}, **pod)
    (tmp_path / "token").write_text("first")
    target = find(tmp_path, {}, **pod)
    assert (target.server, target.cluster["certificate-authority"]) == ("https://[fd00::1]:443", f"{tmp_path}/ca.crt")
    found = Login(target, Redaction())
    assert found.token() == "first"
    (tmp_path / "token").write_text("second")
    assert found.token() == "second"
    assert find(tmp_path, TOKEN, **pod).server == SERVER


@pytest.mark.parametrize(
    ("user", "renewed"),
    [
        ({}, False),
        ({"token": "t"}, False),
        ({"username": "n", "password": "p"}, False),
        ({"tokenFile": "token"}, True),
        (plugin("""echo '{"status": {"token": "t", "expirationTimestamp": "2999-01-01T00:00:00Z"}}'"""), True),
        (plugin("""echo '{"status": {"token": "t"}}'"""), False),
    ],
)
def test_what_is_read_from_a_file_or_a_plugin_is_renewed_as_it_ends(
    tmp_path: Path, user: Object, renewed: bool
) -> None:
    (tmp_path / "token").write_text("t")
    (tmp_path / "config").write_text(json.dumps(kubeconfig(user)))
    assert Login(find(tmp_path, {"kubeconfig": "config"}), Redaction()).renewed is renewed


def test_a_plugin_knows_the_cluster_when_it_asks(tmp_path: Path) -> None:
    script = f"""echo "$KUBERNETES_EXEC_INFO" > {tmp_path}/info; echo '{{"status": {{"token": "t"}}}}'"""
    extension = {"name": "client.authentication.k8s.io/exec", "extension": {"audience": "a"}}
    user = plugin(script, provideClusterInfo=True)
    Login(find(tmp_path, {"kubeconfig": kubeconfig(user, extensions=[extension])}), Redaction())
    spec = json.loads((tmp_path / "info").read_text())["spec"]
    assert spec == {"interactive": False, "cluster": {"server": SERVER, "config": {"audience": "a"}}}


def test_scalars_of_a_file_are_text_and_its_booleans_are_for_go(tmp_path: Path) -> None:
    text = json.dumps(kubeconfig({"token": "T"}, **{"insecure-skip-tls-verify": True})).replace('"T"', "0011")
    (tmp_path / "config").write_text(text)
    target = find(tmp_path, {"kubeconfig": "config"})
    assert target.user == {"token": "0011"}
    assert target.cluster["insecure-skip-tls-verify"] is True
    assert not target.verified
    given = find(tmp_path, {"kubeconfig": "config", "validate_certs": True})
    assert given.verified


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(kubeconfig({"token": "T"}, **{"insecure-skip-tls-verify": True}), indent="\t"),
        "\ufeff\r\n" + json.dumps(kubeconfig({"token": "T"}, **{"insecure-skip-tls-verify": True}), indent="\t"),
        json.dumps(kubeconfig({"token": 123}, **{"insecure-skip-tls-verify": True})),
        "{ # no JSON\n" + json.dumps(kubeconfig({"token": "T"}, **{"insecure-skip-tls-verify": True}))[1:],
    ],
)
def test_a_kubeconfig_may_be_json(tmp_path: Path, text: str) -> None:
    (tmp_path / "config").write_text(text)
    target = find(tmp_path, {"kubeconfig": "config"})
    assert (target.server, target.user["token"], target.verified) == (SERVER, "123" if "123" in text else "T", False)


AUTHORITY = b"-----BEGIN CERTIFICATE-----\n" + b"of somebody" * 20 + b"\n-----END CERTIFICATE-----\n"
ENCODED = base64.b64encode(AUTHORITY).decode()
WRAPPED = "\n".join(ENCODED[start : start + 64] for start in range(0, len(ENCODED), 64))


@pytest.mark.parametrize(
    "data", [ENCODED, f"{ENCODED}\n", f"{WRAPPED}\n", WRAPPED.replace("\n", "\r\n"), f"\n{WRAPPED}"]
)
@pytest.mark.parametrize("name", ["certificate-authority", "client-certificate", "client-key"])
def test_line_breaks_in_base64_mean_nothing(tmp_path: Path, name: str, data: str) -> None:
    target = find(tmp_path, {"kubeconfig": kubeconfig({f"{name}-data": data}, **{f"{name}-data": data})})
    assert target.content(name) == AUTHORITY
    assert {**target.flat().cluster, **target.flat().user}[f"{name}-data"] == ENCODED


@pytest.mark.parametrize("data", ["YW Jj", "YWJ", "YWJj\t"])
def test_other_characters_are_no_base64(tmp_path: Path, data: str) -> None:
    target = find(tmp_path, {"kubeconfig": kubeconfig(**{"certificate-authority-data": data})})
    with pytest.raises(Misconfigured, match="is no text in base64"):
        target.content("certificate-authority")


@pytest.mark.parametrize(
    ("given", "server"),
    [
        ("HTTPS://api:6443/", "https://api:6443"),
        ("Https://me:pw@API:6443", "https://API:6443"),
        ("HTTP://api", "http://api"),
        ("api:6443", "https://api:6443"),
        ("API/path/", "https://API/path"),
    ],
)
def test_the_scheme_of_an_address_is_in_lower_case(tmp_path: Path, given: str, server: str) -> None:
    ways = ({"host": given, "api_key": "t"}, {"kubeconfig": kubeconfig(server=given)})
    assert [find(tmp_path, way).server for way in ways] == [server] * 2
    proxied = find(tmp_path, ways[0], HTTPS_PROXY="SOCKS5://proxy:1", HTTP_PROXY="Http://other:1")
    assert proxied.proxy == ("socks5://proxy:1" if server.startswith("https:") else "http://other:1")
    assert (context(proxied, Credential()) is not None) is server.startswith("https:")


def test_a_name_and_a_password_in_an_address_are_the_users(tmp_path: Path) -> None:
    target = find(tmp_path, {"host": "https://me:p%2Fw@api:6443/"})
    assert (target.server, target.user) == ("https://api:6443", {"username": "me", "password": "p/w"})


def test_a_kubeconfig_that_is_shipped_keeps_who_gave_its_fields(tmp_path: Path) -> None:
    (tmp_path / "config").write_text(json.dumps(kubeconfig(plugin("exit 1"))))
    shipped = find(tmp_path, {"kubeconfig": "config"}).flat().kubeconfig()
    assert find(tmp_path, {"kubeconfig": shipped}).origin("exec") == f"exec of the kubeconfig {tmp_path}/config"
    token = find(tmp_path, {"host": SERVER, "api_key": "t0ken"}).kubeconfig()
    assert kubeconfig_secrets(token) == {"t0ken"}


def test_another_address_has_another_name_in_its_certificate(tmp_path: Path) -> None:
    config = kubeconfig(**{"tls-server-name": "inner"})
    assert find(tmp_path, {"kubeconfig": config}).cluster["tls-server-name"] == "inner"
    assert "tls-server-name" not in find(tmp_path, {"kubeconfig": config, "host": "https://other"}).cluster
