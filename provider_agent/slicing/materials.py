"""Temperatures and densities of the materials an agent can slice for: the one table of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Degrees Celsius, grams per cubic centimetre, part cooling fan in percent."""

    nozzle_c: int
    bed_c: int
    density_g_cm3: float
    fan_percent: int


MATERIALS: dict[str, Settings] = {
    "PLA": Settings(nozzle_c=210, bed_c=60, density_g_cm3=1.24, fan_percent=100),
    "PETG": Settings(nozzle_c=240, bed_c=80, density_g_cm3=1.27, fan_percent=50),
    "ABS": Settings(nozzle_c=245, bed_c=100, density_g_cm3=1.04, fan_percent=0),
    "ASA": Settings(nozzle_c=250, bed_c=100, density_g_cm3=1.07, fan_percent=0),
    "TPU": Settings(nozzle_c=225, bed_c=50, density_g_cm3=1.21, fan_percent=60),
    "PC": Settings(nozzle_c=275, bed_c=110, density_g_cm3=1.20, fan_percent=0),
    "PA": Settings(nozzle_c=260, bed_c=90, density_g_cm3=1.14, fan_percent=0),
}
