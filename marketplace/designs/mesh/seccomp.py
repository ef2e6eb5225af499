"""A seccomp filter: from here on this process opens no socket, starts no process and signals nobody else.

Linux, without any privilege. The filter is the kernel's classic BPF over the number and the arguments of each
system call: https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

import ctypes
import errno
import os
import platform
import struct
from dataclasses import dataclass
from typing import Final

SET_SECCOMP, MODE_FILTER = 22, 2
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16
CLONE_THREAD: Final = 0x10000
# On x86-64 the same calls have other numbers from here on (x32).
SECOND_TABLE: Final = 0x40000000
EVERYWHERE: Final = {"io_uring_setup": 425, "pidfd_send_signal": 424, "pidfd_open": 434, "pidfd_getfd": 438}


@dataclass(frozen=True)
class Machine:
    """An architecture and its numbers. `own` calls are allowed on this very process alone."""

    audit: int
    refused: dict[str, int]
    own: dict[str, int]
    clone: int
    clone3: int = 435


MACHINES: Final = {
    "x86_64": Machine(
        0xC000003E,
        {
            "socket": 41, "fork": 57, "vfork": 58, "execve": 59, "ptrace": 101, "symlink": 88, "link": 86,
            "rt_sigqueueinfo": 129, "mount": 165, "tkill": 200, "add_key": 248, "request_key": 249,
            "keyctl": 250, "linkat": 265, "symlinkat": 266, "unshare": 272, "rt_tgsigqueueinfo": 297,
            "perf_event_open": 298, "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311,
            "bpf": 321, "execveat": 322, "userfaultfd": 323,
        },
        {"kill": 62, "tgkill": 234},
        clone=56,
    ),
    "aarch64": Machine(
        0xC00000B7,
        {
            "socket": 198, "execve": 221, "ptrace": 117, "symlinkat": 36, "linkat": 37, "mount": 40,
            "unshare": 97, "tkill": 130, "rt_sigqueueinfo": 138, "add_key": 217, "request_key": 218,
            "keyctl": 219, "rt_tgsigqueueinfo": 240, "perf_event_open": 241, "setns": 268,
            "process_vm_readv": 270, "process_vm_writev": 271, "bpf": 280, "execveat": 281,
            "userfaultfd": 282,
        },
        {"kill": 129, "tgkill": 131},
        clone=220,
    ),
}  # fmt: skip


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_char_p)]


def calls_confine() -> None:
    """Needs no_new_privs. Raises OSError where the kernel or the architecture has no such filter."""
    machine = MACHINES.get(platform.machine())
    if machine is None:
        raise OSError(errno.ENOSYS, f"no table of system calls for {platform.machine()}")
    steps = filter_of(machine, os.getpid())
    libc = ctypes.CDLL(None, use_errno=True)
    program = Program(len(steps) // 8, steps)
    if libc.prctl(SET_SECCOMP, MODE_FILTER, ctypes.byref(program), 0, 0):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def filter_of(machine: Machine, process: int) -> bytes:
    """Each refusal is a comparison that jumps over its own answer where it does not fit."""
    steps = [_step(LOAD, ARCHITECTURE), _step(EQUAL, machine.audit, yes=1), _refuse(errno.EPERM)]
    steps += [_step(LOAD, NUMBER), _step(AT_LEAST, SECOND_TABLE, no=1), _refuse(errno.EPERM)]
    for number in sorted({*machine.refused.values(), *EVERYWHERE.values()}):
        steps += [_step(EQUAL, number, no=1), _refuse(errno.EPERM)]
    # The C library then asks for clone, whose flags can be seen.
    steps += [_step(EQUAL, machine.clone3, no=1), _refuse(errno.ENOSYS)]
    steps += _unless_first_argument(machine.clone, ANY_BIT, CLONE_THREAD)
    for number in machine.own.values():
        steps += _unless_first_argument(number, EQUAL, process)
    return b"".join([*steps, _step(RETURN, ALLOW)])


def _unless_first_argument(number: int, test: int, value: int) -> list[bytes]:
    """Refuse a call, but for a first argument that passes the test."""
    load = _step(LOAD, FIRST_ARGUMENT)
    checks = [load, _step(test, value, no=1), _step(RETURN, ALLOW), _refuse(errno.EPERM)]
    return [_step(EQUAL, number, no=len(checks)), *checks]


def _refuse(error: int) -> bytes:
    return _step(RETURN, REFUSE | error)


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)
