"""Compiles the locks in `requirements/`: exact versions with hashes, and neither a host nor an address in them.

A lock must be usable behind any mirror, so it says what to install and never from where. Versions stay as they are until
`--upgrade` asks for newer ones. The compiler (uv) is itself locked and gets an environment of its own.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv-lock"
FLAGS = (
    "pip compile -q --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --no-annotate -p 3.11"
).split()

# lock → the inputs it is compiled from. The dev lock must agree with the run lock: one environment can hold both.
LOCKS: dict[str, tuple[str, ...]] = {
    "requirements/run.txt": ("--extra", "web", "pyproject.toml", "requirements/run.in"),
    "requirements/ui.txt": ("requirements/ui.in",),
    "requirements/dev.txt": (
        "--extra",
        "web",
        "pyproject.toml",
        *("requirements/run.in", "requirements/ui.in", "requirements/dev.in"),
        *("-c", "requirements/run.txt", "-c", "requirements/ui.txt"),
    ),
    "requirements/bench.txt": ("requirements/bench.in",),
    "requirements/lock.txt": ("requirements/lock.in",),
}


def compiler() -> Path:
    """The locked uv, installed on first use."""
    uv = VENV / "bin" / "uv"
    if not uv.exists():
        print("installing the lock compiler into .venv-lock", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
        pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, "--require-hashes", "-r", "requirements/lock.txt"], cwd=ROOT, check=True)
    return uv


def main() -> int:
    """Compiles every lock; answers the first exit status that is not 0."""
    uv = str(compiler())
    upgrade = ["--upgrade"] if "--upgrade" in sys.argv[1:] else []
    for lock, inputs in LOCKS.items():
        print(f"compiling {lock}", flush=True)
        status = subprocess.run([uv, *FLAGS, *upgrade, *inputs, "-o", lock], cwd=ROOT, check=False).returncode
        if status:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
