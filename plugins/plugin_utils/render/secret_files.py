# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Secrets in a tree: a form to fill in for each, or an ExternalSecret that fetches its values: pure functions."""

from __future__ import annotations

from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import SECRET
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Kind, Object
from ansible_collections.seldon.openshift.plugins.module_utils.kube.yamltext import dump
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.chapters import Chapter
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.model import Secret
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.settings import EXTERNAL_SECRETS, Settings

_EXTERNAL_SECRET = Kind("external-secrets.io/v1beta1", "ExternalSecret")


def files(chapter: Chapter, settings: Settings) -> dict[str, str]:
    """Return the files of a chapter's Secrets, by their names."""
    external = settings.secrets == EXTERNAL_SECRETS
    made = {}
    for secret in chapter.secrets:
        name = f"secret-{secret.namespace}-{secret.name}.yaml"
        obj, told = (external_secret(secret, settings), "") if external else (form(secret), _told(secret))
        text = dump(obj, sort_keys=False, blocks=True)
        made[f"external{name}" if external else f"{name}.example"] = f"---\n{told}{text}"
    return made


def form(secret: Secret) -> Object:
    """Return the Secret with what is known of it; `<key>` stands for each value that is not."""
    obj = SECRET.named(secret.name, secret.namespace).bare()
    obj["metadata"] |= {"labels": dict(secret.labels)} if secret.labels else {}
    return {**obj, "type": "Opaque", "stringData": {**secret.values, **{key: f"<{key}>" for key in secret.keys}}}


def external_secret(secret: Secret, settings: Settings) -> Object:
    """Return the ExternalSecret that makes the Secret from the values at PATH/NAMESPACE/NAME of the store."""
    at = "/".join(part for part in (settings.store_path, secret.namespace, secret.name) if part)
    names = {key: f"value{place}" for place, key in enumerate(secret.keys)}
    data = {**secret.values, **{key: f"{{{{ .{name} }}}}" for key, name in names.items()}}
    labels = {"metadata": {"labels": dict(secret.labels)}} if secret.labels else {}
    return {
        **_EXTERNAL_SECRET.named(secret.name, secret.namespace).bare(),
        "spec": {
            "secretStoreRef": {"name": settings.store, "kind": settings.store_kind},
            "target": {
                "name": secret.name,
                "template": {"engineVersion": "v2", "type": "Opaque", **labels, "data": data},
            },
            "data": [{"secretKey": name, "remoteRef": {"key": at, "property": key}} for key, name in names.items()],
        },
    }


def _told(secret: Secret) -> str:
    lines = [f"#   {key}: {origin}" for key, origin in secret.keys.items()]
    return "\n".join(["# Fill it in where Git does not see it, and apply it. Where the values come from:", *lines, ""])
