# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Images: found in manifests and values, and named as a mirror names them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.helm.images import (
    full_name,
    image_values,
    images,
    mirrored,
)

MIRROR = "registry.example.com:5000/mirror"
DIGEST = f"@sha256:{'0' * 64}"
NAMES = [
    ("busybox", "docker.io/library/busybox"),
    ("busybox:1.36", "docker.io/library/busybox:1.36"),
    ("seldonio/mlserver:1.2.3", "docker.io/seldonio/mlserver:1.2.3"),
    ("localhost/mine", "localhost/mine"),
    ("host:5000/mine:1", "host:5000/mine:1"),
    (f"quay.io/a/b/c{DIGEST}", f"quay.io/a/b/c{DIGEST}"),
]


@pytest.mark.parametrize(("image", "name"), NAMES)
def test_a_mirror_keeps_the_path_below_its_prefix(image: str, name: str) -> None:
    assert full_name(image) == name
    there = f"{MIRROR}/{name.partition('/')[2]}"
    assert mirrored(image, MIRROR) == mirrored(image, f"{MIRROR}/") == there
    assert mirrored(there, MIRROR) == there
    assert mirrored(image, "") == image


VALUES = [
    (
        {"image": {"image": "seldonio/server:2.0.0", "pullPolicy": "Always"}},
        {"image": {"image": f"{MIRROR}/seldonio/server:2.0.0"}},
    ),
    (
        {"env": {"FORWARDER_IMAGE": "seldonio/f:1", "URL": "http://x"}},
        {"env": {"FORWARDER_IMAGE": f"{MIRROR}/seldonio/f:1"}},
    ),
    (
        {
            "triton": {
                "image": {"registry": "nvcr.io", "repository": "nvidia/tritonserver", "tag": "22.11-py3"},
                "replicas": 1,
            }
        },
        {"triton": {"image": {"registry": MIRROR}}},
    ),
    ({"x": {"repository": "quay.io/a/b", "tag": "1"}}, {"x": {"repository": f"{MIRROR}/a/b"}}),
    ({"git": {"repository": "https://github.com/acme/models"}}, {}),
    ({"image": "", "loadImage": True, "cleanupImage": None, "noImage": "two words"}, {}),
]


@pytest.mark.parametrize(("values", "expected"), VALUES)
def test_only_images_are_overridden(values: dict[str, Any], expected: dict[str, Any]) -> None:
    assert image_values(values, MIRROR) == expected


def test_images_are_found_wherever_a_pod_comes_from() -> None:
    container = {
        "image": "busybox",
        "env": [{"name": "LOADTEST_IMAGE", "value": "seldonio/hey:1"}, {"name": "IMAGE_POLICY", "value": "Always"}],
        "args": ["--executor-image=seldonio/executor:1", "--image=", "serve"],
    }
    objects = [
        {
            "kind": "Deployment",
            "spec": {"template": {"spec": {"containers": [container], "initContainers": [{"image": "quay.io/i"}]}}},
        },
        {"kind": "ServerConfig", "spec": {"podSpec": {"containers": [{"image": "docker.io/seldonio/agent:1"}]}}},
        {"kind": "CustomResourceDefinition", "spec": {"image": {"type": "string"}}},
        {"kind": "Pod", "metadata": {"annotations": {"helm.sh/hook": "test-success"}}, "spec": {"image": "never"}},
        {"kind": "Job", "metadata": {"annotations": {"helm.sh/hook": "post-delete"}}, "spec": {"image": "hook:1"}},
    ]
    assert images(objects) == [
        "docker.io/library/busybox",
        "docker.io/library/hook:1",
        "docker.io/seldonio/agent:1",
        "docker.io/seldonio/executor:1",
        "docker.io/seldonio/hey:1",
        "quay.io/i",
    ]
