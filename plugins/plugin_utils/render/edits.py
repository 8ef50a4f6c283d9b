# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What tasks want that edit shared objects: an object with our part alone, or a note where no object can say it.

A list, or YAML kept as text, has one writer for server-side apply: it would overwrite the parts of others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Object, Reference
from ansible_collections.seldon.openshift.plugins.module_utils.shared import (
    alertmanager_secret,
    cluster_logging,
    gitops_project,
    known_hosts,
    log_forwarder,
    members,
    monitoring_config,
    pod_authorities,
    pull_secret,
    registry_logins,
    tls_certificates,
)
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.model import Manifest, Note, Wanted

Params = Mapping[str, Any]

SITE = "ansible-playbook seldon.openshift.site --tags"
_WHOLE = "others may keep settings of theirs in it, which would be overwritten"


def member(params: Params) -> Iterator[Wanted]:
    """Yield a member object for each namespace: the roll of the mesh is a list that others share."""
    if params["state"] == "present":
        home, plane = params["control_plane_namespace"], params["control_plane_name"]
        yield from (Manifest(members.member(name, home, plane)) for name in params["members"] if name != home)


def project(params: Params) -> Iterator[Wanted]:
    """Yield the project of Argo CD, which belongs to this installation by its name."""
    if params["state"] == "absent":
        return
    optional = {
        "description": params["description"],
        "clusterResourceWhitelist": params["cluster_resource_whitelist"],
        "roles": params["roles"],
    }
    spec = {key: value for key, value in optional.items() if value is not None}
    change = gitops_project.admitting(params["destinations"], params["source_repos"], spec)
    yield Manifest(change(gitops_project.project(params["name"], params["namespace"])))


def monitoring(params: Params) -> Iterator[Wanted]:
    """Yield a ConfigMap of OpenShift's monitoring with our settings alone."""
    if params["state"] == "present":
        made = monitoring_config.setting(params["settings"])(monitoring_config.config_map(params["name"]))
        yield Manifest(made, _WHOLE)


def forwarder(params: Params) -> Iterator[Wanted]:
    """Yield a ClusterLogForwarder and a ClusterLogging with our parts alone."""
    if params["state"] == "absent":
        return
    parts = {part: params[part] for part in log_forwarder.LISTS}
    yield Manifest(log_forwarder.with_parts(parts)(log_forwarder.forwarder(params["namespace"])), _WHOLE)
    if params["collector"]:
        collecting: Callable[[Object], Object] = cluster_logging.with_collector(params["collector"])
        yield Manifest(collecting(cluster_logging.cluster_logging(params["namespace"])), _WHOLE)


def receiver(params: Params) -> Iterator[Wanted]:
    """Yield a note on the receiver in Alertmanager's configuration."""
    if params["state"] == "present":
        secret = alertmanager_secret.secret(params["secret"], params["namespace"])
        yield Note(
            str(Reference.of(secret)),
            f"it holds the receivers and routes of everybody as one text, and receiver {params['name']} is one of them",
            f"add it with: {SITE} monitoring; or have plain objects instead: render with "
            "-e monitoring_receiver=alertmanager_config",
        )


def hosts(params: Params) -> Iterator[Wanted]:
    """Yield a note on SSH host keys."""
    if params["state"] == "present" and (params["known_hosts"] or params["secret"]):
        lines = known_hosts.entries(params["known_hosts"])
        told = f": {' | '.join(lines)}" if lines else ""
        yield Note(
            str(Reference.of(known_hosts.config_map(params["namespace"]))),
            f"Argo CD's operator makes it with everybody's hosts, and the keys of the repository go beside them{told}",
            f"add them with: {SITE} gitops",
        )


def logins(params: Params) -> Iterator[Wanted]:
    """Yield a note on logins for registries: their Secret holds everybody's."""
    if params["state"] == "present":
        hosts = ", ".join(registry_logins.logins(params["pull_secret"]))
        yield Note(
            str(Reference.of(pull_secret.pull_secret(params["name"], params["namespace"]))),
            f"it holds everybody's logins for registries, and yours for {hosts} go beside them",
            f"add them with: {SITE} namespaces",
        )


def certificates(params: Params) -> Iterator[Wanted]:
    """Yield the ConfigMap of Argo CD's authorities with our key alone: each key has a writer of its own."""
    if params["state"] == "present":
        change = tls_certificates.trusting(params["git_host"], params["certificates"])
        yield Manifest(change(tls_certificates.config_map(params["namespace"])))


def authorities(params: Params) -> Iterator[Wanted]:
    """Yield a note on what a Deployment gets after Helm."""
    if params["state"] == "present":
        where = pod_authorities.deployment(params["name"], params["namespace"])
        yield Note(
            str(Reference.of(where)),
            f"Helm makes it, and its chart has no field for authorities: ConfigMap {pod_authorities.NAME} has to be "
            f"mounted at {pod_authorities.FOLDER}, and {pod_authorities.VARIABLE} to name that folder, too",
            f"add them with: {SITE} seldon_deploy",
        )


def template(params: Params) -> Iterator[Wanted]:
    """Yield a note on a TemplateInstance, which holds a copy of the cluster's own Template."""
    if params["state"] == "present":
        yield Note(
            f"TemplateInstance {params['namespace']}/{params['name']}",
            f"it holds a copy of Template {params['template_namespace']}/{params['template']} of the cluster",
            f"make it with: {SITE} postgresql; or have plain objects instead: render with -e postgresql_mode=manifest, "
            "unless the database exists already",
        )
