"""Finds a Chromium for the browser tests, and installs Debian's where that is possible: `python tools/chromium.py`.

Browser tests drive the Chromium of the system, never a download of their own. `WORKTRAIL_CHROMIUM` names another one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chromium-headless-shell")
PACKAGES = ("chromium", "fonts-liberation")
HINT = "Install Chromium (Debian: apt-get install chromium fonts-liberation), or name it: WORKTRAIL_CHROMIUM=/path/to/it."


def find() -> str | None:
    """The path of a Chromium, null where there is none."""
    named = os.environ.get("WORKTRAIL_CHROMIUM")
    if named:
        return named
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> bool:
    """Debian's Chromium, where this is root on a Debian."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return False
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([apt, "update", "-qq"], env=env, check=False)
    done = subprocess.run([apt, "install", "-y", "-qq", "--no-install-recommends", *PACKAGES], env=env, check=False)
    return done.returncode == 0


def main() -> int:
    """0 with the path of a Chromium; where there is none, 1 for a build server and 0 for a person, whose tests are skipped."""
    if find() is None and not install():
        print(f"no Chromium here: the browser tests are skipped. {HINT}", flush=True)
        return 1 if os.environ.get("CI") else 0
    print(find(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
