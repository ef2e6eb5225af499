"""What to slice for in CuraEngine's words. The bare engine evaluates no formulas, so every setting that
depends on another is given here: infill by line distance, shells by layer counts, every width and speed by
name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from slicers.cura import CuraProfile, Setting, Settings

GRID_UP_TO_PERCENT: Final = 25
SOLID_LAYERS: Final = 999_999
_WIDTHS: Final = [
    "line_width",
    "wall_line_width",
    "wall_line_width_0",
    "wall_line_width_x",
    "skin_line_width",
    "infill_line_width",
    "skirt_brim_line_width",
    "support_line_width",
    "support_roof_line_width",
    "support_bottom_line_width",
    "roofing_line_width",
    "sub_div_rad_add",
]
_FIRST_SPEEDS: Final = ["speed_layer_0", "speed_print_layer_0", "skirt_brim_speed"]


@dataclass(frozen=True)
class Speeds:
    """Millimetres a second, and per second squared."""

    outer: float
    inner: float
    skin: float
    roof: float
    infill: float
    support: float
    interface: float
    first: float
    travel: float
    acceleration: float
    jerk: float = 8


@dataclass(frozen=True)
class CuraRecipe:
    """A printer, a material and a quality. Lengths in mm, degrees Celsius, fan in percent; `shell_layers` are
    the solid ones at top and bottom; `overhang_degrees` from the vertical; `more` is said as it is."""

    bed_mm: tuple[float, float, float]
    nozzle_mm: float
    line_mm: float
    filament_um: int
    layer_mm: float
    first_layer_mm: float
    walls: int
    shell_layers: int
    infill_percent: int
    skirt: bool
    skirt_gap_mm: float
    speeds: Speeds
    nozzle_c: int
    bed_c: int
    fan_percent: int
    retraction_mm: float
    retraction_mm_s: float
    overhang_degrees: int
    start_gcode: str
    end_gcode: str
    more: Settings = field(default_factory=dict)


def profile_of(recipe: CuraRecipe) -> CuraProfile:
    """Settings for the machine, and those that belong to its extruder."""
    settings: Settings = {}
    for part in (_machine, _layers, _infill, _material, _speeds, _moves, _supports):
        settings |= part(recipe)
    plain = {key: _text(value) for key, value in (settings | recipe.more).items()}
    extruder = {"machine_nozzle_size", "material_diameter"}
    return CuraProfile(
        plain, {key: value for key, value in plain.items() if key in extruder}, recipe.filament_um
    )


def _text(value: Setting) -> Setting:
    return str(value).lower() if isinstance(value, bool) else value


def _machine(recipe: CuraRecipe) -> Settings:
    x, y, z = recipe.bed_mm
    acceleration = recipe.speeds.acceleration
    return {
        "machine_width": x,
        "machine_depth": y,
        "machine_height": z,
        "machine_heated_bed": True,
        "machine_nozzle_size": recipe.nozzle_mm,
        "machine_start_gcode": recipe.start_gcode,
        "machine_end_gcode": recipe.end_gcode,
        "material_diameter": recipe.filament_um / 1000,
        "machine_acceleration": acceleration,
        "machine_max_acceleration_x": acceleration,
        "machine_max_acceleration_y": acceleration,
        "machine_max_acceleration_z": acceleration,
        "machine_max_jerk_xy": recipe.speeds.jerk,
    }


def _layers(recipe: CuraRecipe) -> Settings:
    widths: Settings = dict.fromkeys(_WIDTHS, recipe.line_mm)
    solid = recipe.infill_percent == 100
    return widths | {
        "layer_height": recipe.layer_mm,
        "layer_height_0": recipe.first_layer_mm,
        "wall_line_count": recipe.walls,
        "wall_thickness": recipe.walls * recipe.line_mm,
        "top_layers": 0 if solid else recipe.shell_layers,
        "bottom_layers": SOLID_LAYERS if solid else recipe.shell_layers,
        "initial_bottom_layers": SOLID_LAYERS if solid else recipe.shell_layers,
        "adhesion_type": "skirt" if recipe.skirt else "none",
        "skirt_line_count": 1,
        "skirt_gap": recipe.skirt_gap_mm,
        "skirt_brim_minimal_length": 100,
    }


def _infill(recipe: CuraRecipe) -> Settings:
    percent, width = recipe.infill_percent, recipe.line_mm
    grid = percent <= GRID_UP_TO_PERCENT
    distance = width * 100 / percent * (2 if grid else 1) if percent else 0
    return {
        "infill_sparse_density": percent,
        "infill_pattern": "grid" if grid else "lines",
        "infill_line_distance": distance,
        "infill_sparse_thickness": recipe.layer_mm,
        "infill_overlap_mm": width / 10,
        "skin_overlap_mm": width / 20,
    }


def _material(recipe: CuraRecipe) -> Settings:
    nozzle = (
        "material_print_temperature material_print_temperature_layer_0 default_material_print_temperature "
        "material_initial_print_temperature material_final_print_temperature"
    )
    return {
        **dict.fromkeys(nozzle.split(), recipe.nozzle_c),
        "material_bed_temperature": recipe.bed_c,
        "material_bed_temperature_layer_0": recipe.bed_c,
        "material_print_temp_prepend": False,
        "material_bed_temp_prepend": False,
        "cool_fan_enabled": recipe.fan_percent > 0,
        "cool_fan_speed": recipe.fan_percent,
        "cool_fan_speed_min": recipe.fan_percent,
        "cool_fan_speed_max": recipe.fan_percent,
    }


def _speeds(recipe: CuraRecipe) -> Settings:
    speeds = recipe.speeds
    return {
        "speed_print": speeds.infill,
        "speed_infill": speeds.infill,
        "speed_support": speeds.support,
        "speed_support_infill": speeds.support,
        "speed_wall_x": speeds.inner,
        "speed_wall": speeds.outer,
        "speed_wall_0": speeds.outer,
        "speed_topbottom": speeds.skin,
        "speed_roofing": speeds.roof,
        "speed_support_interface": speeds.interface,
        **dict.fromkeys(_FIRST_SPEEDS, speeds.first),
        "speed_travel": speeds.travel,
        "speed_travel_layer_0": speeds.travel / 2,
    }


def _moves(recipe: CuraRecipe) -> Settings:
    speed = recipe.retraction_mm_s
    return {
        "retraction_amount": recipe.retraction_mm,
        "retraction_speed": speed,
        "retraction_retract_speed": speed,
        "retraction_prime_speed": speed,
        "meshfix_maximum_resolution": 0.25,
    }


def _supports(recipe: CuraRecipe) -> Settings:
    return {
        "support_enable": True,
        "support_angle": recipe.overhang_degrees,
        "support_top_distance": recipe.layer_mm,
        "support_bottom_distance": recipe.layer_mm,
        "support_infill_sparse_thickness": recipe.layer_mm,
    }
