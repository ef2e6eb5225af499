"""A bar for each escrow, from award to payment in full."""

from xml.sax.saxutils import escape

from benchmarks.gas.goals import Bar, bars
from benchmarks.gas.measure import Figures

WIDTH, ROW, TOP, LEFT, RIGHT = 860, 30, 56, 270, 90
FONT = "font-family='system-ui, sans-serif'"
FLOOR_COLOUR, OURS_COLOUR, OTHERS_COLOUR = "#6b7280", "#0f766e", "#cbd5e1"


def chart(figures: Figures) -> str:
    """The picture as SVG text."""
    shown = bars(figures)
    scale = (WIDTH - LEFT - RIGHT) / max(bar.gas for bar in shown)
    height = TOP + ROW * len(shown) + 34
    title = "Gas from award to payment in full"
    note = (
        "grey: minimal contract, same run; green: Infill; pale: published figures of others, not of this run"
    )
    lines = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}'>",
        f"<title>{title}</title>",
        f"<rect width='{WIDTH}' height='{height}' fill='#ffffff'/>",
        f"<text x='16' y='32' {FONT} font-size='18' font-weight='600' fill='#111827'>{title}</text>",
        *(_bar(bar, TOP + ROW * place, scale) for place, bar in enumerate(shown)),
        f"<text x='16' y='{height - 12}' {FONT} font-size='12' fill='#4b5563'>{note}</text>",
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _bar(bar: Bar, y: int, scale: float) -> str:
    colour = OURS_COLOUR if bar.ours else OTHERS_COLOUR if bar.published else FLOOR_COLOUR
    width = round(bar.gas * scale)
    weight = "600" if bar.ours else "400"
    text = f"{FONT} font-size='13' font-weight='{weight}' fill='#111827'"
    return (
        f"<text x='{LEFT - 10}' y='{y + 19}' text-anchor='end' {text}>{escape(bar.name)}</text>"
        f"<rect x='{LEFT}' y='{y + 4}' width='{width}' height='{ROW - 8}' fill='{colour}'/>"
        f"<text x='{LEFT + width + 8}' y='{y + 19}' {text}>{bar.gas:,}</text>"
    )
