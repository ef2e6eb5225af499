"""Why a slicer gave no G-code; the sentence is for people."""

from __future__ import annotations


class SlicerError(Exception):
    """There is no G-code."""


class SlicerMissing(SlicerError):
    """The slicer cannot be run on this machine."""


class SlicerTimeout(SlicerError):
    """It did not end in time and was killed with all it had started."""


class SlicerFailed(SlicerError):
    """It ended with an error or gave no usable G-code."""
