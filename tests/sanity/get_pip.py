"""Give a virtual environment the pip that comes with Python, where ansible-test would download one from its server."""

from __future__ import annotations

import ensurepip

ensurepip.bootstrap(default_pip=True)
