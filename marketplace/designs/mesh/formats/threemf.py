"""3MF, through lib3mf: units, several items on the plate, components, the production extension, colours.

The archive is unpacked and checked by ours and packed again, so that lib3mf sees exactly what was checked.
Items that are not to be printed are left out, and volumes that slicers say are no material
(threemf_volumes.py).
"""

import re
from dataclasses import replace
from typing import Any, Final

import numpy as np

from marketplace.designs.mesh.formats import refusals, threemf_tree, threemf_volumes
from marketplace.designs.mesh.formats.archive import Entry, repacked
from marketplace.designs.mesh.formats.lib3mf_data import (
    FAULTS,
    UNITS,
    Placed,
    colour_shown,
    colours,
    faces,
    fault_words,
    is_printed,
    matrix,
    opened,
    points,
)
from marketplace.designs.mesh.formats.model import (
    Format,
    Limits,
    Model,
    Part,
    Points,
    Triangles,
    gathered,
    joined,
)
from marketplace.designs.mesh.formats.names import part_name
from marketplace.designs.mesh.formats.things import things_of
from marketplace.designs.mesh.formats.threemf_volumes import Volumes

WHAT: Final = "3MF"
FORBIDDEN: Final = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
# PrusaSlicer's command line promises a thumbnail that it does not write, and lib3mf refuses such a file.
THUMBNAIL: Final = re.compile(rb"<Relationship\s[^<>]*/relationships/metadata/thumbnail[\"'][^<>]*/>")
TARGET: Final = re.compile(rb"\sTarget\s*=\s*[\"']([^\"'<>]*)")
ROOT_LINKS: Final = "_rels/.rels"
READ: Final = (".model", ".rels", "[content_types].xml")
LOCKED: Final = re.compile(rb"<(?:\w+:)?EncryptedFile|/keystore\b", re.IGNORECASE)


def read(entries: tuple[Entry, ...], limits: Limits) -> Model:
    """The parts are the items on the plate, where the file places them. Raises ModelRefused."""
    volumes = threemf_volumes.listed(entries)
    shown = _without_the_unread(_without_lost_thumbnail(entries))
    _check(shown)
    printed = threemf_tree.checked(shown, limits)
    try:
        model = opened(repacked(shown))
        reader = _Reader(model, limits, volumes, printed)
        parts = reader.parts()
    except FAULTS as fault:
        raise refusals.unread(WHAT, fault_words(fault)) from fault
    if not parts:
        raise refusals.empty("The 3MF file puts nothing on the print bed.")
    unit = UNITS[int(model.GetUnit())]
    return Model(
        Format.THREE_MF,
        unit,
        True,
        joined(parts, limits),
        things=things_of(parts),
        left_out=reader.left_out,
        not_printed=reader.not_printed,
    )


def _check(entries: tuple[Entry, ...]) -> None:
    for entry in entries:
        lower = entry.path.lower()
        if b"\0" in entry.data[:200]:
            raise refusals.unsupported(WHAT, "an encoding other than UTF-8", "Export it again.")
        if FORBIDDEN.search(entry.data):
            raise refusals.unsafe("a document type definition, which 3MF forbids")
        if lower.endswith(".rels") and LOCKED.search(entry.data):
            raise refusals.unsupported(WHAT, "encryption", "Export it without.")


def _without_lost_thumbnail(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    there = {each.path.lower().encode() for each in entries}

    def kept(link: re.Match[bytes]) -> bytes:
        target = TARGET.search(link[0])
        return link[0] if target and target[1].lstrip(b"/").lower() in there else b""

    return tuple(
        replace(each, data=THUMBNAIL.sub(kept, each.data)) if each.path.lower() == ROOT_LINKS else each
        for each in entries
    )


def _without_the_unread(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """What is not checked stays there as an empty file: lib3mf takes for a model whatever links name one."""
    return tuple(each if each.path.lower().endswith(READ) else replace(each, data=b"") for each in entries)


class _Reader:
    """Measures the tree of components before it builds anything; each object is read once."""

    def __init__(self, model: Any, limits: Limits, volumes: Volumes, printed: dict[str, list[bool]]) -> None:
        self.model, self.limits, self.volumes = model, limits, volumes
        self.root = model.RootModelPart().GetPath()
        self.printed = printed.get(threemf_tree.model_key(self.root), [])
        self.left_out = self.not_printed = 0
        self.totals: dict[int, tuple[int, int]] = {}
        self.meshes: dict[int, Triangles] = {}

    def parts(self) -> list[Part]:
        roots = self._roots()
        instances = sum(self._total(placed.object, 0)[0] for placed in roots)
        triangles = sum(self._total(placed.object, 0)[1] for placed in roots)
        if triangles > self.limits.triangles:
            raise refusals.too_many_triangles(triangles, self.limits.triangles)
        if instances > self.limits.instances:
            raise refusals.too_many("instances", instances, self.limits.instances)
        shown = colours(self.model)
        found = [
            Part(self._name(each), self._built(each), shown, colour_shown(self.model, each.object))
            for each in roots
        ]
        return [part for part in found if len(part.triangles)]

    def _roots(self) -> list[Placed]:
        items = self.model.GetBuildItems()
        roots: list[Placed] = []
        while items.MoveNext():
            item = items.GetCurrent()
            placement = item.GetObjectTransform() if item.HasObjectTransform() else None
            roots.append(Placed(item.GetObjectResource(), matrix(placement), str(item.GetPartNumber())))
            if len(roots) > self.limits.instances:
                raise refusals.too_many("instances", len(roots), self.limits.instances)
        printed = self._on_the_plate(roots)
        self.not_printed = len(roots) - len(printed)
        return [each for each in printed if is_printed(each.object)]

    def _on_the_plate(self, roots: list[Placed]) -> list[Placed]:
        """Without what slicers say is not to be printed. lib3mf reads items of its own namespace alone."""
        if all(self.printed):
            return roots
        if len(self.printed) != len(roots):
            raise refusals.broken(WHAT, "which of its items are to be printed cannot be told")
        return [each for each, is_on in zip(roots, self.printed, strict=True) if is_on]

    def _total(self, thing: Any, depth: int) -> tuple[int, int]:
        """Instances and triangles of an object with all its components."""
        if depth > threemf_tree.DEPTH_LIMIT:
            raise refusals.too_many("levels of components", depth, threemf_tree.DEPTH_LIMIT)
        key = thing.GetUniqueResourceID()
        if key not in self.totals:
            if thing.IsMeshObject():
                self.totals[key] = (1, self._mesh(key).GetTriangleCount())
            else:
                below = [self._total(each.object, depth + 1) for each in self._components(key)]
                self.totals[key] = (sum(n for n, _ in below), sum(t for _, t in below))
        return self.totals[key]

    def _components(self, key: int) -> list[Placed]:
        whole = self.model.GetComponentsObjectByID(key)
        parts = (whole.GetComponent(index) for index in range(whole.GetComponentCount()))
        return [
            Placed(each.GetObjectResource(), matrix(each.GetTransform() if each.HasTransform() else None))
            for each in parts
        ]

    def _mesh(self, key: int) -> Any:
        return self.model.GetMeshObjectByID(key)

    def _built(self, placed: Placed) -> Triangles:
        return _moved(self._shape(placed.object), placed.matrix)

    def _shape(self, thing: Any) -> Triangles:
        """Triangles of an object in its own coordinates; kept, as other instances need them again."""
        key = thing.GetUniqueResourceID()
        if key not in self.meshes:
            if thing.IsMeshObject():
                mesh = self._mesh(key)
                if mesh.BeamLattice().GetBeamCount():
                    raise refusals.unsupported(WHAT, "a beam lattice", "Export it as a mesh.")
                self.meshes[key] = self._material(thing, gathered(points(mesh), faces(mesh), WHAT))
            else:
                parts = [each for each in self._components(key) if self._is_material(thing, each.object)]
                built = [self._built(each) for each in parts]
                self.meshes[key] = np.concatenate(built) if built else np.empty((0, 3, 3))
        return self.meshes[key]

    def _number(self, thing: Any) -> int:
        """By which slicers list an object: they do so for those of the root model."""
        return int(thing.GetModelResourceID()) if thing.PackagePart().GetPath() == self.root else -1

    def _material(self, thing: Any, triangles: Triangles) -> Triangles:
        left_out = self.volumes.help_ranges(self._number(thing))
        self.left_out += len(left_out)
        return triangles[threemf_volumes.material(len(triangles), left_out)] if left_out else triangles

    def _is_material(self, whole: Any, component: Any) -> bool:
        if self.volumes.is_help(self._number(whole), int(component.GetModelResourceID())):
            self.left_out += 1
            return False
        return is_printed(component)

    def _name(self, placed: Placed) -> str:
        return part_name(placed.name or str(placed.object.GetName()) or str(placed.object.GetPartNumber()))


def _moved(triangles: Triangles, placement: Points) -> Triangles:
    """Placed by a 4 x 3 matrix of row vectors; a mirroring one turns the facets round again."""
    placed: Triangles = triangles @ placement[:3] + placement[3]
    return placed[:, ::-1] if np.linalg.det(placement[:3]) < 0 else placed
