"""Plain files, for as long as a child of this process reads them: a private folder (mode 0700) for each.

A folder is locked by the kernel for whoever made it, so it is known whose maker is gone: whoever reads next,
each sweep and each worker that starts removes those.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from django.conf import settings

from marketplace.designs import store
from protocol.units import Digest

PREFIX: Final = "plain-"


@contextmanager
def plain_copy(address: Digest) -> Iterator[tuple[Path, Path]]:
    """A path to the plain file, and a folder for what is made of it, to be read meanwhile by this process and
    its children alone. Both are gone afterwards.

    Raises FileLost, MasterKeyMissing, FileDamaged.
    """
    plain_sweep()
    folder, lock = _private_folder()
    try:
        model, made = folder / "model", folder / "made"
        made.mkdir(mode=0o700)
        model.touch(mode=0o600)
        with model.open("wb") as copy:
            copy.writelines(store.file_chunks(address))
        yield model, made
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def plain_sweep() -> int:
    """Remove what readers left that were killed; says how many folders."""
    count = 0
    for folder in Path(settings.FILE_UPLOAD_TEMP_DIR).glob(f"{PREFIX}*"):
        lock = _lock_of(folder)
        if lock is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)
            count += 1
    return count


def _private_folder() -> tuple[Path, int]:
    """A new folder and its lock."""
    while True:
        folder = Path(mkdtemp(prefix=PREFIX, dir=settings.FILE_UPLOAD_TEMP_DIR))
        lock = _lock_of(folder)
        # Else a sweep saw it before it was locked.
        if lock is not None:
            return folder, lock


def _lock_of(folder: Path) -> int | None:
    """The descriptor that holds a folder's lock; None where somebody else does, or it is gone."""
    try:
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if folder.stat().st_ino == os.fstat(opened).st_ino:
            return opened
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(opened)
    return None
