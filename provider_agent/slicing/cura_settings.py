"""A recipe in CuraEngine's words. The bare engine evaluates no formulas, so every setting that depends on
another is given here: infill by line distance, shells by layer counts, every width and speed by name."""

from __future__ import annotations

from provider_agent.slicing import recipe as common
from provider_agent.slicing.recipe import Recipe

Setting = str | float | int
Settings = dict[str, Setting]
GRID_UP_TO_PERCENT = 25
_WIDTHS = [
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
_PRINT_SPEEDS = ["speed_print", "speed_infill", "speed_support", "speed_support_infill", "speed_wall_x"]
_WALL_SPEEDS = ["speed_wall", "speed_wall_0", "speed_topbottom", "speed_roofing", "speed_support_interface"]
_FIRST_SPEEDS = ["speed_layer_0", "speed_print_layer_0", "skirt_brim_speed"]


def settings_of(recipe: Recipe) -> tuple[Settings, Settings]:
    """Settings for the machine, and those that belong to its extruder."""
    settings: Settings = {}
    for part in (_machine, _layers, _infill, _material, _speeds, _moves, _supports):
        settings |= part(recipe)
    plain = {key: _text(value) for key, value in settings.items()}
    extruder = {"machine_nozzle_size", "material_diameter"}
    return plain, {key: value for key, value in plain.items() if key in extruder}


def _text(value: Setting) -> Setting:
    return str(value).lower() if isinstance(value, bool) else value


def _machine(recipe: Recipe) -> Settings:
    x, y, z = (length / 1000 for length in recipe.profile.bed_um)
    acceleration = recipe.profile.acceleration_mm_s2
    return {
        "machine_width": x,
        "machine_depth": y,
        "machine_height": z,
        "machine_heated_bed": True,
        "machine_nozzle_size": recipe.profile.nozzle_um / 1000,
        "machine_start_gcode": recipe.start_gcode(),
        "machine_end_gcode": recipe.end_gcode(),
        "material_diameter": recipe.profile.filament_um / 1000,
        "machine_acceleration": acceleration,
        "machine_max_acceleration_x": acceleration,
        "machine_max_acceleration_y": acceleration,
        "machine_max_acceleration_z": acceleration,
        "machine_max_jerk_xy": 8,
    }


def _layers(recipe: Recipe) -> Settings:
    widths: Settings = dict.fromkeys(_WIDTHS, recipe.profile.nozzle_um / 1000)
    solid = recipe.profile.infill_percent == 100
    return widths | {
        "layer_height": recipe.layer_mm,
        "layer_height_0": recipe.first_layer_mm,
        "wall_line_count": common.WALLS,
        "wall_thickness": common.WALLS * recipe.profile.nozzle_um / 1000,
        "top_layers": 0 if solid else recipe.shell_layers,
        "bottom_layers": 999_999 if solid else recipe.shell_layers,
        "initial_bottom_layers": 999_999 if solid else recipe.shell_layers,
        "adhesion_type": "skirt" if recipe.skirt else "none",
        "skirt_line_count": 1,
        "skirt_gap": common.SKIRT_GAP_MM,
        "skirt_brim_minimal_length": 100,
    }


def _infill(recipe: Recipe) -> Settings:
    percent, width = recipe.profile.infill_percent, recipe.profile.nozzle_um / 1000
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


def _material(recipe: Recipe) -> Settings:
    material = recipe.profile.settings
    nozzle = (
        "material_print_temperature material_print_temperature_layer_0 default_material_print_temperature "
        "material_initial_print_temperature material_final_print_temperature"
    )
    return {
        **dict.fromkeys(nozzle.split(), material.nozzle_c),
        "material_bed_temperature": material.bed_c,
        "material_bed_temperature_layer_0": material.bed_c,
        "material_print_temp_prepend": False,
        "material_bed_temp_prepend": False,
        "cool_fan_enabled": material.fan_percent > 0,
        "cool_fan_speed": material.fan_percent,
        "cool_fan_speed_min": material.fan_percent,
        "cool_fan_speed_max": material.fan_percent,
    }


def _speeds(recipe: Recipe) -> Settings:
    profile = recipe.profile
    speeds: Settings = dict.fromkeys(_PRINT_SPEEDS, profile.print_mm_s)
    speeds |= dict.fromkeys(_WALL_SPEEDS, recipe.wall_mm_s)
    speeds |= dict.fromkeys(_FIRST_SPEEDS, profile.print_mm_s / 2)
    travel = {"speed_travel": profile.travel_mm_s, "speed_travel_layer_0": profile.travel_mm_s / 2}
    return speeds | travel


def _moves(recipe: Recipe) -> Settings:
    return {
        "retraction_amount": common.RETRACTION_MM,
        "retraction_speed": common.RETRACTION_MM_S,
        "retraction_retract_speed": common.RETRACTION_MM_S,
        "retraction_prime_speed": common.RETRACTION_MM_S,
        "meshfix_maximum_resolution": 0.25,
    }


def _supports(recipe: Recipe) -> Settings:
    return {
        "support_enable": True,
        "support_angle": common.OVERHANG_DEGREES,
        "support_top_distance": recipe.layer_mm,
        "support_bottom_distance": recipe.layer_mm,
        "support_infill_sparse_thickness": recipe.layer_mm,
    }
