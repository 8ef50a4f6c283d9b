# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What every worker would load for itself, loaded where workers are forked from: by the import of an action.

Ansible imports an action before it forks the worker that runs it, and forgets with the worker what its templates load:
all filters of this collection, and Ansible's own. Without this, that is two thirds of a small task's time.
"""

from __future__ import annotations

import gc
import ssl
from contextlib import suppress

from ansible.plugins.loader import filter_loader, test_loader


def load() -> None:
    """Load the filters and tests that templates use, and OpenSSL, and keep the garbage collection from all that."""
    with suppress(KeyError):  # imported by something other than Ansible, which knows no collections
        filter_loader.get("seldon.openshift.boolean")
        test_loader.get("ansible.builtin.defined")
    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # the first one of a process initializes OpenSSL
    gc.freeze()  # else each worker's garbage collection walks, and so copies, all that it inherits
