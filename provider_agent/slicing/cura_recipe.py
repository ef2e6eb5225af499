"""A recipe as cura-wasm is told it."""

from __future__ import annotations

from provider_agent.slicing import recipe as common
from provider_agent.slicing.recipe import Recipe
from slicers.cura_settings import CuraRecipe, Speeds


def cura_of(recipe: Recipe) -> CuraRecipe:
    """Lines are as wide as the nozzle."""
    profile = recipe.profile
    x, y, z = (length / 1000 for length in profile.bed_um)
    return CuraRecipe(
        bed_mm=(x, y, z),
        nozzle_mm=profile.nozzle_um / 1000,
        line_mm=profile.nozzle_um / 1000,
        filament_um=profile.filament_um,
        layer_mm=recipe.layer_mm,
        first_layer_mm=recipe.first_layer_mm,
        walls=common.WALLS,
        shell_layers=recipe.shell_layers,
        infill_percent=profile.infill_percent,
        skirt=recipe.skirt,
        skirt_gap_mm=common.SKIRT_GAP_MM,
        speeds=_speeds(recipe),
        nozzle_c=profile.settings.nozzle_c,
        bed_c=profile.settings.bed_c,
        fan_percent=profile.settings.fan_percent,
        retraction_mm=common.RETRACTION_MM,
        retraction_mm_s=common.RETRACTION_MM_S,
        overhang_degrees=common.OVERHANG_DEGREES,
        start_gcode=recipe.start_gcode(),
        end_gcode=recipe.end_gcode(),
    )


def _speeds(recipe: Recipe) -> Speeds:
    profile, slow = recipe.profile, recipe.wall_mm_s
    return Speeds(
        outer=slow,
        inner=profile.print_mm_s,
        skin=slow,
        roof=slow,
        infill=profile.print_mm_s,
        support=profile.print_mm_s,
        interface=slow,
        first=profile.print_mm_s / 2,
        travel=profile.travel_mm_s,
        acceleration=profile.acceleration_mm_s2,
    )
