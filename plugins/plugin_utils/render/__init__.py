# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What site.yml would apply, as a tree of plain manifests: the engine's action records it, seldon_render writes it."""
