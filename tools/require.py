"""`python tools/require.py PROGRAM...`: exits 3 naming the command that installs what is missing."""

from __future__ import annotations

import shutil
import sys

PACKAGES = {"chromium": "chromium", "prusa-slicer": "prusa-slicer"}
MISSING = 3


def main() -> None:
    """Exit 0 if every program named is on the PATH."""
    missing = [name for name in sys.argv[1:] if not shutil.which(name)]
    if missing:
        packages = " ".join(PACKAGES[name] for name in missing)
        print(
            f"Missing: {', '.join(missing)}. Install with:\n    apt-get install -y {packages}",
            file=sys.stderr,
        )
        sys.exit(MISSING)


if __name__ == "__main__":
    main()
