"""What there is to look at of a model: pictures from all sides and a light model for the viewer."""

from pathlib import Path
from typing import Final

from marketplace.designs.mesh.angles import ANGLES, angle_file, light_file, projections_write
from marketplace.designs.mesh.glb import write_glb
from marketplace.designs.mesh.picture import Scene
from marketplace.designs.mesh.shape import Shape, coarser, lighter

# More than a picture of 640 x 480 pixels can show, and more than a viewer needs.
PICTURE_FACETS: Final = 40_000
PREVIEW_FACETS: Final = 20_000


def look_write(shape: Shape, picture: Path, outside: int = 0) -> None:
    """Draw a shape from every angle, to `picture` and beside it, and write the preview to the same name with
    .glb, and what bidders get of it beside. `outside` is as for Scene."""
    drawn = lighter(shape, PICTURE_FACETS)
    scene, rows = Scene(drawn, outside), {}
    for angle in ANGLES:
        image, view = scene.seen(angle)
        image.save(angle_file(picture, angle), "PNG", compress_level=4)
        rows[angle] = view.to_json()
    projections_write(picture, rows)
    preview = lighter(drawn, PREVIEW_FACETS)
    picture.with_suffix(".glb").write_bytes(write_glb(preview))
    light_file(picture).write_bytes(write_glb(coarser(preview)))
