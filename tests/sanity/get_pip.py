"""Install the pip that Python brings into the running interpreter: ansible-test's own bootstrap script needs its server."""

from __future__ import annotations

import ensurepip

ensurepip.bootstrap(default_pip=True)
