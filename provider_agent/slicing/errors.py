"""Why a model was not sliced. `permanent`: trying again with the same input cannot help."""

from __future__ import annotations

from protocol.errors import InfillError


class SlicingError(InfillError):
    """A model was not sliced."""

    code = "slicing-error"
    permanent = True


class ModelUnreadable(SlicingError):
    """The file is not a model that can be printed: unreadable, empty, damaged or not closed."""

    code = "model-unreadable"


class DoesNotFit(SlicingError):
    """The model is larger than the printer's bed."""

    code = "model-does-not-fit"


class ProfileRefused(SlicingError):
    """The profile asks for what no slicer setting here gives, such as an unknown material."""

    code = "profile-refused"


class SlicerMissing(SlicingError):
    """No slicer can be run on this machine."""

    code = "slicer-missing"


class SlicerTimeout(SlicingError):
    """The slicer did not end in time and was killed with all it had started."""

    code = "slicer-timeout"
    permanent = False


class SlicerFailed(SlicingError):
    """The slicer ended with an error or gave no usable G-code."""

    code = "slicer-failed"


class GcodeRefused(SlicingError):
    """G-code that no printer is given; `line` counts from 1, `command` is that line's text, cut short."""

    code = "gcode-refused"

    def __init__(self, line: int, command: bytes, why: str) -> None:
        self.line = line
        self.command = command[:60].decode("ascii", "backslashreplace").strip()
        super().__init__(f"line {line} of the G-code, {self.command!r}: {why}")
