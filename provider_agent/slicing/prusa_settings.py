"""A recipe in PrusaSlicer's words."""

from __future__ import annotations

from provider_agent.slicing import recipe as common
from provider_agent.slicing.recipe import Recipe


def ini_of(recipe: Recipe) -> str:
    """The text of a profile for --load."""
    members = _machine(recipe) | _print(recipe) | _material(recipe) | _speeds(recipe)
    return "".join(f"{key} = {value}\n" for key, value in members.items())


def _machine(recipe: Recipe) -> dict[str, object]:
    x, y, z = (f"{length / 1000:g}" for length in recipe.profile.bed_um)
    acceleration = recipe.profile.acceleration_mm_s2
    return {
        "bed_shape": f"0x0,{x}x0,{x}x{y},0x{y}",
        "max_print_height": z,
        "nozzle_diameter": recipe.profile.nozzle_um / 1000,
        "gcode_flavor": "marlin2",
        "use_relative_e_distances": 0,
        "machine_limits_usage": "time_estimate_only",
        "machine_max_acceleration_x": acceleration,
        "machine_max_acceleration_y": acceleration,
        "machine_max_acceleration_extruding": acceleration,
        "machine_max_acceleration_travel": acceleration,
        "machine_max_jerk_x": 8,
        "machine_max_jerk_y": 8,
        "retract_length": common.RETRACTION_MM,
        "retract_speed": common.RETRACTION_MM_S,
        "start_gcode": _one_line(recipe.start_gcode()),
        "end_gcode": _one_line(recipe.end_gcode()),
    }


def _print(recipe: Recipe) -> dict[str, object]:
    percent = recipe.profile.infill_percent
    return {
        "layer_height": recipe.layer_mm,
        "first_layer_height": recipe.first_layer_mm,
        "perimeters": common.WALLS,
        "top_solid_layers": recipe.shell_layers,
        "bottom_solid_layers": recipe.shell_layers,
        "fill_density": f"{percent}%",
        "fill_pattern": "rectilinear" if percent == 100 else "grid",
        "skirts": 1 if recipe.skirt else 0,
        "skirt_distance": common.SKIRT_GAP_MM,
        "support_material": 1,
        "support_material_auto": 1,
        "support_material_threshold": 90 - common.OVERHANG_DEGREES,
    }


def _material(recipe: Recipe) -> dict[str, object]:
    material = recipe.profile.settings
    return {
        "filament_type": recipe.profile.material,
        "filament_diameter": recipe.profile.filament_um / 1000,
        "filament_density": material.density_g_cm3,
        "temperature": material.nozzle_c,
        "first_layer_temperature": material.nozzle_c,
        "bed_temperature": material.bed_c,
        "first_layer_bed_temperature": material.bed_c,
        "cooling": int(material.fan_percent > 0),
        "fan_always_on": int(material.fan_percent > 0),
        "min_fan_speed": material.fan_percent,
        "max_fan_speed": material.fan_percent,
    }


def _speeds(recipe: Recipe) -> dict[str, object]:
    profile = recipe.profile
    fast = ("infill_speed", "perimeter_speed", "support_material_speed", "gap_fill_speed")
    slow = ("external_perimeter_speed", "solid_infill_speed", "top_solid_infill_speed", "bridge_speed")
    return {
        **dict.fromkeys(fast, profile.print_mm_s),
        **dict.fromkeys(slow, recipe.wall_mm_s),
        "first_layer_speed": profile.print_mm_s / 2,
        "travel_speed": profile.travel_mm_s,
    }


def _one_line(gcode: str) -> str:
    return gcode.replace("\n", "\\n")
