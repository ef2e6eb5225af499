"""The figures as tables: Markdown that reads well in a terminal too."""

from collections.abc import Iterable, Sequence

from benchmarks.gas.case import CURRENCIES, NATIVE, Case
from benchmarks.gas.goals import GOALS, bars, floor_of_life
from benchmarks.gas.measure import CASES, Figures


def _markdown(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """First column to the left, the others to the right."""
    cells = [list(heads), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(heads))]

    def line(row: Sequence[str]) -> str:
        padded = [
            row[0].ljust(widths[0]),
            *(text.rjust(width) for text, width in zip(row[1:], widths[1:], strict=True)),
        ]
        return f"| {' | '.join(padded)} |"

    rule = f"|{'-' * (widths[0] + 2)}|" + "".join(f"{'-' * (width + 1)}:|" for width in widths[1:])
    return "\n".join([line(cells[0]), rule, *(line(row) for row in cells[1:])])


def goals_table(figures: Figures) -> str:
    """Each goal: measured, limit, kept or not."""
    rows = [
        (
            f"{goal.name}, {goal.currency}",
            f"{goal.measured(figures):,.0f}" if goal.records == 1 else f"{goal.measured(figures):,.1f}",
            f"{goal.limit:,}",
            "yes" if goal.is_met(figures) else "NO",
        )
        for goal in GOALS
    ]
    return _markdown(("goal", "measured", "limit", "met"), rows)


def peers_table(figures: Figures) -> str:
    """From award to payment in full: ours, the floor, others; in multiples of the same currency's floor."""
    native = floor_of_life(figures, CURRENCIES[0])
    rows = []
    for bar in bars(figures):
        floor = floor_of_life(figures, CURRENCIES[1]) if "ERC-20" in bar.name else native
        source = "published" if bar.published else "this run"
        rows.append((bar.name, f"{bar.gas:,}", f"{bar.gas / floor:.2f}", source))
    return _markdown(("award to payment in full", "gas", "/ floor", "figure"), rows)


def cases_table(figures: Figures) -> str:
    """Every function under every circumstance, and as a multiple of the least work of its kind."""
    heads = ["call", "least work"]
    for currency in CURRENCIES:
        heads += [currency, "/ floor"]
    return _markdown(heads, (_case_row(figures, case) for case in CASES))


def floor_table(figures: Figures) -> str:
    """The least work of each kind."""
    rows = [(work, *(f"{gas[currency]:,}" for currency in CURRENCIES)) for work, gas in figures.floor.items()]
    return _markdown(("least work", *CURRENCIES), rows)


def _case_row(figures: Figures, case: Case) -> list[str]:
    row, found = [case.name, case.floor], figures.cases[case.name]
    for currency in CURRENCIES:
        if currency in found:
            floor = figures.floor[case.floor][currency]
            row += [f"{found[currency]:,}", f"{found[currency] / floor:.2f}"]
        else:
            row += ["", ""]
    return row


def function_gas(figures: Figures, function: str) -> str:
    """What a function's page says of its gas."""
    named = [case for case in CASES if case.function == function]
    intro = "**Gas**, measured as [gas.md](../gas.md) says"
    if len(named) == 1:
        [case] = named
        found = figures.cases[case.name]
        if case.currencies == (NATIVE,):
            return f"{intro}: {found[NATIVE]:,}.\n"
        return f"{intro}: {', '.join(f'{gas:,} {currency}' for currency, gas in found.items())}.\n"
    rows = [
        (
            case.name.partition(", ")[2] or "plain",
            *(f"{figures.cases[case.name][currency]:,}" for currency in case.currencies),
        )
        for case in named
    ]
    return f"{intro}:\n\n{_markdown(('circumstances', *CURRENCIES), rows)}\n"
