"""What estimates are fitted by."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Constants:
    """Speeds in mm/s, `acceleration` in mm/s2, times in s; `*_flow` is extruded volume for one of geometry,
    `*_hops` how many hops something takes."""

    wall_flow: float
    skin_flow: float
    fill_flow: float
    anchor: float
    """How much of its outline infill runs along to get from line to line."""
    slope_mm: float
    """How far a sloped surface must go sideways within a layer for half of it to be skin."""
    grown: float
    """How much more skin slicers make of that than lies under the slope."""
    narrow_mm: float
    """What is no wider is filled by wider walls."""
    rim_mm: float
    """The longest lines of skin under slopes."""
    open_mm: float
    """How wide what the walls leave must be for half of the skin under slopes."""
    narrow: float
    """How much shorter lines of skin are where it is a narrow rim: a power of its share."""
    support_flow: float
    support_edge_mm: float
    """Thickness of what is extruded around support."""
    support_line_mm2: float
    support_mm_s: float
    lean_mm: float
    flat_mm: float
    resting_layers: float
    """How thick the dense layers are between support and part: for its slopes and for what is flat in mm;
    where it stands on the part, in layers."""
    flat_s_mm3: float
    lean_s_mm3: float
    """How long those take: what is flat, and patches under slopes."""
    brake: float
    acceleration: float
    corner_mm_s: float
    first_mm_s: float
    slowest_mm_s: float
    cooling_s: float
    support_hops: float
    """By mm of support's outline."""
    lean_hops: float
    flat_hops: float
    """By mm3 of dense layers."""
    fill_hops: float
    skin_hops: float
    slope_hops: float
    """By lines; those under slopes by one of other skin."""
    hop_s: float
    hop_way: float
    loop_s: float
    layer_s: float
    start_s: float
