"""Keep what the measuring child drew of a model."""

from contextlib import suppress
from pathlib import Path

from marketplace.designs import store
from marketplace.designs.mesh.angles import angle_file, light_file, projections_read
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


def previews_kept(picture: Path) -> dict[str, str]:
    """The columns of the previews beside `picture`, as far as there are."""
    made = {"preview": picture.with_suffix(".glb"), "light": light_file(picture)}
    return {
        column: hex_of(store.bytes_save(path.read_bytes())) for column, path in made.items() if path.exists()
    }
