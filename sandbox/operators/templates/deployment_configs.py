"""Deployment configurations: images from streams, and a ReplicationController for each version of the pod template."""

from __future__ import annotations

import copy
import json

from sandbox.kube import Object
from sandbox.operators.templates.common import DEPLOYMENT_CONFIG, operator
from sandbox.simulator import Cluster
from sandbox.simulator.objects import condition, conditions, make

CONTROLLER = ("v1", "ReplicationController")
IMAGE_STREAM = ("image.openshift.io/v1", "ImageStream")
ENCODED = "openshift.io/encoded-deployment-config"
PHASE = "openshift.io/deployment.phase"
ROLLED_OUT = "NewReplicationControllerAvailable"


def _triggers(stream: Object, config: Object) -> bool:
    """Tell whether a change of the stream may give the configuration a new image."""
    names = (stream["metadata"]["namespace"], stream["metadata"]["name"])
    return any(_tag(config, change)[:2] == names for change in _image_changes(config["spec"]))


def ready(config: Object) -> bool:
    """Tell whether the newest version runs, as a template instance sees it."""
    progressing = condition(config, "Progressing")
    return (
        config.get("status", {}).get("observedGeneration") == config["metadata"]["generation"]
        and condition(config, "Available").get("status") == "True"
        and (progressing.get("status"), progressing.get("reason")) == ("True", ROLLED_OUT)
    )


@operator.reconciles(*DEPLOYMENT_CONFIG, watches=[CONTROLLER, (*IMAGE_STREAM, _triggers)])
def reconcile(cluster: Cluster, config: Object) -> float | None:
    """Take images from their streams, then run the newest version. A missing image keeps the version at 0."""
    if config["metadata"].get("deletionTimestamp"):
        return None
    meta, spec = config["metadata"], _with_images(cluster, config)
    if spec != config["spec"]:
        # A change of the configuration like any other: it comes back here.
        cluster.kube.patch(config, {"metadata": {"resourceVersion": meta["resourceVersion"]}, "spec": spec})
        return None
    version = config.get("status", {}).get("latestVersion", 0)
    unresolved = [change for change in _image_changes(spec) if "lastTriggeredImage" not in change]
    if version == 0 and unresolved:
        cluster.set_status(config, _status(config, None, 0))
        return None
    if wait := cluster.pause(config, "templates.deploy"):
        return wait
    found = cluster.kube.get(*CONTROLLER, f"{meta['name']}-{version}", meta["namespace"]) if version else None
    if found is None or json.loads(found["metadata"]["annotations"][ENCODED])["template"] != spec["template"]:
        if found:
            cluster.kube.patch(found, {"spec": {"replicas": 0}})
        version += 1
        found = cluster.kube.apply(_controller(config, version))
    elif found["spec"]["replicas"] != spec["replicas"]:
        found = cluster.kube.patch(found, {"spec": {"replicas": spec["replicas"]}})
    config = cluster.set_status(config, _status(config, found, version))
    if ready(config) and found["metadata"]["annotations"][PHASE] != "Complete":
        cluster.kube.patch(found, {"metadata": {"annotations": {PHASE: "Complete"}}})
    return None


def _image_changes(spec: Object) -> list[Object]:
    """Return the parameters of the automatic image triggers."""
    found = [trigger["imageChangeParams"] for trigger in spec.get("triggers", []) if trigger["type"] == "ImageChange"]
    return [change for change in found if change.get("automatic")]


def _tag(config: Object, change: Object) -> tuple[str, str, str]:
    """Return namespace, name and tag of the image stream that a trigger looks at."""
    stream, _, tag = change["from"]["name"].partition(":")
    return change["from"].get("namespace", config["metadata"]["namespace"]), stream, tag


def _with_images(cluster: Cluster, config: Object) -> Object:
    """Return the spec with the newest image of each trigger in its containers."""
    spec: Object = copy.deepcopy(config["spec"])
    for change in _image_changes(spec):
        namespace, name, tag = _tag(config, change)
        stream = cluster.kube.get(*IMAGE_STREAM, name, namespace) or {}
        items = [entry["items"][0] for entry in stream.get("status", {}).get("tags", []) if entry["tag"] == tag]
        for image in (item["dockerImageReference"] for item in items):
            change["lastTriggeredImage"] = image
            for container in spec["template"]["spec"]["containers"]:
                if container["name"] in change["containerNames"]:
                    container["image"] = image
    return spec


def _controller(config: Object, version: int) -> Object:
    meta, spec = config["metadata"], config["spec"]
    name = f"{meta['name']}-{version}"
    selector = spec["selector"] | {"deployment": name, "deploymentconfig": meta["name"]}
    annotations = {
        "openshift.io/deployment-config.latest-version": str(version),
        "openshift.io/deployment-config.name": meta["name"],
        ENCODED: json.dumps({"template": spec["template"]}),
        PHASE: "Running",
    }
    template = copy.deepcopy(spec["template"])
    template["metadata"]["labels"] = template["metadata"].get("labels", {}) | selector
    return make(
        *CONTROLLER,
        name,
        meta["namespace"],
        labels=meta.get("labels", {}) | {"openshift.io/deployment-config.name": meta["name"]},
        annotations=annotations,
        owned_by=config,
        spec={"replicas": spec["replicas"], "selector": selector, "template": template},
    )


def _status(config: Object, controller: Object | None, version: int) -> Object:
    wanted = config["spec"]["replicas"]
    counts = (controller or {}).get("status", {})
    available = counts.get("availableReplicas", 0)
    enough = controller is not None and available >= wanted
    sentence = "has" if enough else "does not have"
    entries = [
        ("Available", "True" if enough else "False", "", f"Deployment config {sentence} minimum availability."),
    ]
    if controller:
        name = controller["metadata"]["name"]
        end = "successfully rolled out" if enough else "is progressing"
        reason = ROLLED_OUT if enough else "ReplicationControllerUpdated"
        entries.append(("Progressing", "True", reason, f'replication controller "{name}" {end}'))
    cause = "ImageChange" if any(_image_changes(config["spec"])) else "ConfigChange"
    message = {"ImageChange": "image change", "ConfigChange": "config change"}[cause]
    details = {"details": {"causes": [{"type": cause}], "message": message}} if controller else {}
    return details | {
        "availableReplicas": available,
        "conditions": conditions(config, *entries),
        "latestVersion": version,
        "observedGeneration": config["metadata"]["generation"],
        "readyReplicas": counts.get("readyReplicas", 0),
        "replicas": counts.get("replicas", 0),
        "unavailableReplicas": max(0, counts.get("replicas", 0) - available),
        "updatedReplicas": counts.get("replicas", 0),
    }
