"""``python -m worktrail.cli``."""

from __future__ import annotations

import sys

from worktrail.cli import main

if __name__ == "__main__":
    sys.exit(main())
