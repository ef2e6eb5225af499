"""`python tools/require.py PROGRAM...`: exits 3 naming the command that installs what is missing."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from ctypes.util import find_library
from pathlib import Path

PACKAGES = {
    "cc": "gcc libc6-dev",
    "chromium": "chromium",
    "libcap": "libcap-dev",
    "libmagic": "libmagic1",
    "libturbojpeg": "libturbojpeg0",
    "mosquitto": "mosquitto",
    "prusa-slicer": "prusa-slicer",
    "python-headers": "python3-dev",
}
MISSING = 3


def main() -> None:
    """Exit 0 if every program and library named is there; `python-headers` and `libcap` are built with."""
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
    if name == "libcap":
        return Path("/usr/include/sys/capability.h").is_file()
    if name.startswith("lib"):
        return find_library(name.removeprefix("lib")) is not None
    return shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin") is not None


if __name__ == "__main__":
    main()
