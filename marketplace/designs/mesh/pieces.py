"""Where the measuring child writes the models of an archive."""

from pathlib import Path


def piece_file(picture: Path, number: int) -> Path:
    """The STL of an archive's model, beside the archive's picture; counted from 0, in the archive's order."""
    return picture.with_name(f"{picture.stem}-{number}.stl")
