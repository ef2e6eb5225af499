"""`python tools/require.py PROGRAM...`: exits 3 naming the command that installs what is missing."""

from __future__ import annotations

import shutil
import sys
import sysconfig
from pathlib import Path

PACKAGES = {
    "cc": "gcc libc6-dev",
    "chromium": "chromium",
    "prusa-slicer": "prusa-slicer",
    "python-headers": "python3-dev",
}
MISSING = 3


def main() -> None:
    """Exit 0 if every program named is on the PATH; `python-headers` are a file."""
    missing = [name for name in sys.argv[1:] if not _there(name)]
    if missing:
        packages = " ".join(PACKAGES[name] for name in missing)
        print(
            f"Missing: {', '.join(missing)}. Install with:\n    apt-get install -y {packages}",
            file=sys.stderr,
        )
        sys.exit(MISSING)


def _there(name: str) -> bool:
    if name == "python-headers":
        return Path(sysconfig.get_path("include"), "Python.h").is_file()
    return shutil.which(name) is not None


if __name__ == "__main__":
    main()
