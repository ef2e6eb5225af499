"""Keep what the measuring child drew of a model."""

from contextlib import suppress
from pathlib import Path

from marketplace.designs import store
from marketplace.designs.mesh.angles import angle_file, projections_read
from marketplace.designs.models import Design, Picture
from protocol.units import hex_of


def pictures_kept(design: Design, picture: Path) -> list[Picture]:
    """Rows, not saved yet, for the pictures beside `picture`; none where the child tells of none."""
    with suppress(ValueError, TypeError):
        return [
            Picture(
                design=design,
                angle=angle,
                picture=hex_of(store.bytes_save(angle_file(picture, angle).read_bytes())),
                projection=projection.to_json(),
            )
            for angle, projection in projections_read(picture).items()
        ]
    return []


def preview_kept(made: Path) -> dict[str, str]:
    """The columns of a preview."""
    return {"preview": hex_of(store.bytes_save(made.read_bytes()))} if made.exists() else {}
