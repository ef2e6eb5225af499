"""Landlock, by its system calls: from here on this process opens only the files it was told of.

Linux 5.13 and later, without any privilege: https://docs.kernel.org/userspace-api/landlock.html
"""

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION_ONLY, PATH_BENEATH = 1, 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_FILE, MAKE_REG = (1 << bit for bit in (0, 1, 2, 3, 5, 8))
TRUNCATE: Final = 1 << 14
# Rights on files that each version of the kernel's interface knows.
FILE_RIGHTS: Final = {
    1: (1 << 13) - 1,
    2: (1 << 14) - 1,
    3: (1 << 15) - 1,
    4: (1 << 15) - 1,
    5: (1 << 16) - 1,
}
NEWEST: Final = max(FILE_RIGHTS)
READING: Final = EXECUTE | READ_FILE | READ_DIR
WRITING: Final = READ_FILE | READ_DIR | WRITE_FILE | REMOVE_FILE | MAKE_REG | TRUNCATE
ON_A_FILE: Final = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
# TCP (bind, connect) from version 4 on; abstract sockets and signals to others from version 6 on.
TCP, SCOPES = 0b11, 0b11


class Ruleset(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64)]


class PathRule(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


_libc = ctypes.CDLL(None, use_errno=True)


def files_confine(readable: Iterable[Path], writable: Path) -> None:
    """Allow reading below `readable`, and reading and making files in `writable`; nothing else that has a
    path, and no TCP. Needs no_new_privs. Raises OSError where the kernel has no Landlock."""
    version = _call(CREATE_RULESET, None, 0, VERSION_ONLY)
    files = FILE_RIGHTS[min(version, NEWEST)]
    handled = Ruleset(files, TCP if version >= 4 else 0, SCOPES if version >= 6 else 0)
    ruleset = _call(CREATE_RULESET, ctypes.byref(handled), ctypes.sizeof(handled), 0)
    try:
        for path in readable:
            _allow(ruleset, path, READING & files)
        _allow(ruleset, writable, WRITING & files)
        _call(RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    if not path.exists():
        return
    opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = PathRule(rights if path.is_dir() else rights & ON_A_FILE, opened)
        _call(ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(opened)


def _call(*arguments: object) -> int:
    answer: int = _libc.syscall(*arguments)
    if answer < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return answer
