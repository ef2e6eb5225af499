"""Confine this process before it reads a stranger's file: time, memory, files, network, other processes.

Each layer stands by itself, so where a kernel refuses one the others hold.
"""

import contextlib
import ctypes
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from marketplace.designs.mesh import landlock, seccomp

# The largest file written is an STL of as many facets as are allowed.
OUTPUT_BYTES: Final = 96 * 1024 * 1024
SET_PARENT_DEATH_SIGNAL, SET_NO_NEW_PRIVILEGES = 1, 38
NEW_USER, NEW_NETWORK, NEW_IPC = 0x10000000, 0x40000000, 0x08000000
LIBRARIES: Final = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache")
DEVICES: Final = ("/dev/null", "/dev/zero", "/dev/urandom")
PACKAGE: Final = Path(__file__).resolve().parents[2]
CODE: Final = (PACKAGE, PACKAGE.parent / "protocol", Path(sys.prefix), Path(sys.base_prefix))


def limit(memory_bytes: int, cpu_seconds: int, wall_seconds: int) -> None:
    """Bound this process. macOS refuses some limits; there the wall clock alone bounds it."""
    bounds = (
        # All it has mapped, the libraries it came with included.
        (resource.RLIMIT_AS, memory_bytes, memory_bytes),
        # The soft limit ends the process with a signal that says why; the hard one says nothing.
        (resource.RLIMIT_CPU, cpu_seconds, cpu_seconds + 5),
        (resource.RLIMIT_FSIZE, OUTPUT_BYTES, OUTPUT_BYTES),
        (resource.RLIMIT_CORE, 0, 0),
    )
    for what, soft, hard in bounds:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (soft, hard))
    # An orphan ends by itself: nobody may be left to stop it.
    signal.alarm(wall_seconds)


def end_with_parent(parent: int) -> None:
    """Be killed when `parent` ends. Elsewhere than on Linux the wall clock has to do."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def confine(model: Path, folder: Path) -> list[str]:
    """Read only `model` and the libraries, write only into `folder`, which becomes the working and temporary
    one; no network, no other processes, no environment. Returns the layers that this kernel refuses."""
    os.environ.clear()
    os.chdir(folder)
    tempfile.tempdir = str(folder)
    if sys.platform != "linux":
        return [name for name, _ in _layers(model, folder)]
    ctypes.CDLL(None).prctl(SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    return [name for name, apply in _layers(model, folder) if not _holds(apply)]


def _layers(model: Path, folder: Path) -> tuple[tuple[str, Callable[[], None]], ...]:
    readable = [model, *CODE, *map(Path, LIBRARIES + DEVICES)]
    return (
        ("namespaces", namespaces_leave),
        ("landlock", lambda: landlock.files_confine(readable, folder)),
        ("seccomp", seccomp.calls_confine),
    )


def _holds(apply: Callable[[], None]) -> bool:
    try:
        apply()
    except OSError:
        return False
    return True


def namespaces_leave() -> None:
    """Into a network without interfaces, as a user who is nobody elsewhere. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(NEW_USER | NEW_NETWORK | NEW_IPC):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
