"""Run a command under resource limits, tied to the life of whoever started it. A script of its own, nothing
of ours.

python -I -S limited.py CPU_SECONDS DATA_BYTES FILE_BYTES WALL_SECONDS free|single COMMAND... `single` keeps
the command on one processor, where threads cannot make its output depend on their luck (Linux only).
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Set the limits and become the command."""
    cpu, data, file, wall = (int(argument) for argument in sys.argv[1:5])
    threads, command = sys.argv[5], sys.argv[6:]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file, file))
    if sys.platform == "linux":
        # RLIMIT_DATA, not RLIMIT_AS: node reserves far more address space than it uses.
        resource.setrlimit(resource.RLIMIT_DATA, (data, data))
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if threads == "single":
            processors = sorted(os.sched_getaffinity(0))
            os.sched_setaffinity(0, {processors[os.getpid() % len(processors)]})
    # An orphan ends by itself: the alarm outlives exec.
    signal.alarm(wall)
    os.execvp(command[0], command)  # noqa: S606 - a shell is what this must not be


main()
