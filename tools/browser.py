"""A page in headless Chromium: what its scripts make of it, and how it looks."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

NAMES = ("chromium", "chromium-browser", "google-chrome")
DARK = "--blink-settings=preferredColorScheme=0"
SECONDS = 120


def chromium() -> str | None:
    """Return the path of a Chromium, None when there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def dom(page: Path, *options: str) -> str:
    """Return a page's markup once its scripts have had half a minute of its own time, which passes when nothing is due.

    Raises CalledProcessError.
    """
    return _run(page, "--virtual-time-budget=30000", "--dump-dom", *options)


def screenshot(page: Path, target: Path, width: int, height: int, *options: str) -> None:
    """Write a picture (PNG) of a window of that size, in pixels. Raises CalledProcessError."""
    _run(page, "--hide-scrollbars", f"--window-size={width},{height}", f"--screenshot={target}", *options)


def _run(page: Path, *options: str) -> str:
    with TemporaryDirectory() as profile:
        command = [str(chromium()), "--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files"]
        command += [f"--user-data-dir={profile}", *options, page.resolve().as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=SECONDS)  # noqa: S603  # ours
        return done.stdout
