"""G-code that tests print."""

from __future__ import annotations

START = ["G21", "G90", "M82", "M140 S60", "M104 S210", "G28", "M190 S60", "M109 S210", "G92 E0"]
END = ["M104 S0", "M140 S0", "M84"]


def square_layers(layers: int = 3, side: float = 40, feed: float = 60, e_per_side: float = 1.0) -> str:
    """A hollow square at 50..90 mm: `4 * layers * e_per_side` mm of filament."""
    lines, e = list(START), 0.0
    for layer in range(1, layers + 1):
        lines.append(f"G0 X50 Y50 Z{layer * 0.2:.2f} F6000")
        for dx, dy in ((side, 0), (side, side), (0, side), (0, 0)):
            e += e_per_side
            lines.append(f"G1 X{50 + dx} Y{50 + dy} E{e:.4f} F{feed * 60}")
    return "\n".join(lines + END) + "\n"
