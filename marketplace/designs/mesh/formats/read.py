"""One way in: bytes of any accepted format to a model, or one typed refusal."""

from marketplace.designs.mesh import stl
from marketplace.designs.mesh.formats import archive, detect, gltf, obj, ply, refusals, step, threemf, zipped
from marketplace.designs.mesh.formats.model import Format, Limits, Model, Part
from marketplace.designs.mesh.formats.units import Unit


def read(data: bytes, limits: Limits) -> Model:
    """The model in a file's bytes, in the file's own unit. Raises ModelRefused."""
    found = detect.format_of(data)
    if found is Format.ZIP:
        return _unzipped(data, limits)
    return _read_one(found, data, limits)


def _unzipped(data: bytes, limits: Limits) -> Model:
    entries = archive.unpacked(data, limits.unpacked_bytes)
    if _is_3mf(entries):
        return _read_3mf(entries, limits)
    return zipped.read(entries, limits, _read_inside)


def _read_inside(data: bytes, limits: Limits) -> Model:
    """A file of an archive: a 3MF may stand there, another zip may not."""
    found = detect.format_of(data)
    if found is not Format.ZIP:
        return _read_one(found, data, limits)
    entries = archive.unpacked(data, limits.unpacked_bytes)
    if not _is_3mf(entries):
        raise refusals.unsafe("another archive")
    return _read_3mf(entries, limits)


def _read_one(found: Format, data: bytes, limits: Limits) -> Model:
    if not stl.is_exact_binary(data):
        data = data.removeprefix(detect.BYTE_ORDER_MARK)
    match found:
        case Format.OBJ:
            return obj.read(data, limits)
        case Format.PLY:
            return ply.read(data, limits)
        case Format.GLTF:
            return gltf.read(data, limits)
        case Format.STEP:
            return step.read(data, limits)
    triangles = stl.read_binary(data, limits.triangles) if stl.is_binary(data) else stl.read_text(data)
    return Model(Format.STL, Unit.MILLIMETRE, False, (Part("model", triangles),))


def _read_3mf(entries: tuple[archive.Entry, ...], limits: Limits) -> Model:
    return threemf.read(entries, limits)


def _is_3mf(entries: tuple[archive.Entry, ...]) -> bool:
    return any(entry.path.lower() == "_rels/.rels" for entry in entries) and any(
        entry.path.lower().endswith(".model") for entry in entries
    )
