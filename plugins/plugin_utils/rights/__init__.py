# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The rights that each playbook needs: `files/<playbook>.yaml`, read and made into roles and bindings."""
