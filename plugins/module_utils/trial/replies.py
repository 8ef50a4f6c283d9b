# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What an answer to a request through the Route means, or that there is none: pure functions."""

from __future__ import annotations

import json
import socket
import ssl
from dataclasses import dataclass

from .model import Trial
from .router import Reply
from .verdict import Verdict

_SITE = "ansible-playbook seldon.openshift.site --tags service_mesh"
_TRY = "ansible-playbook seldon.openshift.try_model"


@dataclass(frozen=True)
class Asked:
    """A request: to which model, at which host, of a Route and a gateway in `mesh_namespace`."""

    trial: Trial
    host: str
    mesh_namespace: str

    @property
    def again(self) -> str:
        """The command that tries the same, to which options are added."""
        return f"{_TRY} -e ns={self.trial.namespace}"


def judge(reply: Reply, asked: Asked) -> Verdict:
    """Return what an answer means: of the model, of the gateway before it, or of the router before that."""
    if reply.status == 200:
        return _answered(reply, asked)
    if reply.status in (401, 403) or 300 <= reply.status < 400:
        return _refused(reply, asked)
    if reply.upstream:
        said = f"the model answers HTTP {reply.status}: {_beginning(reply.body)}"
        return Verdict(said, f"oc -n {asked.trial.namespace} logs {_workload(asked.trial)} --all-containers --tail=50")
    if "envoy" in reply.server:
        return _of_the_gateway(reply, asked)
    return _of_the_router(reply, asked)


def excuse(error: Exception, asked: Asked, router: str) -> Verdict:
    """Return what it means that there is no answer. router: the address that was asked instead of the host's."""
    where = f"{asked.host} at {router}" if router else asked.host
    if isinstance(error, ssl.SSLCertVerificationError):
        return Verdict(
            f"the certificate of {where} is not trusted here: {error.verify_message}",
            f"{asked.again} -e try_model_ca_cert=FILE, with the authority that has signed it; "
            "or -e try_model_validate_certs=false, as curl -k",
            final=True,
        )
    if isinstance(error, ssl.SSLError):
        return Verdict(f"{where} speaks no TLS: {_text(error)}", f"openssl s_client -connect {asked.host}:443")
    if isinstance(error, socket.gaierror):
        return Verdict(
            f"{asked.host} is not known to DNS here: {error.strerror or _text(error)}",
            f"{asked.again} -e try_model_router=ADDRESS:443, with an address of the cluster's router",
            final=error.errno != socket.EAI_AGAIN,
        )
    return Verdict(
        f"{where} does not answer: {_text(error)}",
        f"{asked.again} -e try_model_router=ADDRESS:443, where another address leads to the cluster's router; "
        "a proxy on the way is taken from HTTPS_PROXY",
    )


def _answered(reply: Reply, asked: Asked) -> Verdict:
    try:
        content = json.loads(reply.body)
    except ValueError:
        content = None
    if isinstance(content, dict) and asked.trial.answer_field in content:
        return Verdict("answered", good=True)
    said = f"HTTP 200, but no prediction: {_beginning(reply.body)}"
    return Verdict(said, f"curl -k https://{asked.host}{asked.trial.path}", final=True)


def _refused(reply: Reply, asked: Asked) -> Verdict:
    what = "asks for a login" if reply.status == 401 or reply.status < 400 else "refuses the request"
    return Verdict(
        f"{_who(reply)} {what}: HTTP {reply.status} {_beginning(reply.body)}".rstrip(),
        f"{asked.again} -e @FILE, with try_model_token in the file, a token that {asked.host} accepts",
        final=True,
    )


def _of_the_gateway(reply: Reply, asked: Asked) -> Verdict:
    namespace = asked.trial.namespace
    if reply.status == 404:
        return Verdict(
            f"the gateway knows no way to {asked.trial.path} (HTTP 404): no VirtualService leads there, or {namespace} "
            "is no member of the mesh",
            f"oc -n {namespace} get virtualservices; oc -n {asked.mesh_namespace} get servicemeshmemberroll default",
        )
    return Verdict(
        f"the gateway does not reach the model: HTTP {reply.status} {_beginning(reply.body)}".rstrip(),
        f"oc -n {namespace} get pods,endpoints,networkpolicies,destinationrules",
    )


def _of_the_router(reply: Reply, asked: Asked) -> Verdict:
    if reply.status == 503:
        return Verdict(
            f"the router has no ready pod of the gateway behind {asked.host} (HTTP 503)",
            f"oc -n {asked.mesh_namespace} get route seldon-route; "
            f"oc -n {asked.mesh_namespace} get pods -l istio=ingressgateway; or {_SITE}",
        )
    return Verdict(
        f"{_who(reply)} answers HTTP {reply.status} in place of the gateway: {_beginning(reply.body)}",
        f"oc -n {asked.mesh_namespace} get route seldon-route -o yaml",
    )


def _who(reply: Reply) -> str:
    return "the gateway" if "envoy" in reply.server else reply.server or "what answers"


def _workload(trial: Trial) -> str:
    return f"-l seldon-deployment-id={trial.name}" if trial.core == "v1" else "statefulset/mlserver"


def _text(error: Exception) -> str:
    return str(error) or type(error).__name__


def _beginning(body: str) -> str:
    """Return the beginning of a body in one line; none of a page."""
    text = " ".join(body.split())
    return "" if text.startswith("<") else text[:160]
