"""How long a job takes on one printer, by its pace, and whether that is in time. Pure."""

from dataclasses import dataclass

from protocol.units import duration_text


@dataclass(frozen=True)
class Timing:
    """A job's estimate on a printer that keeps to it, and what is left until its deadline, in seconds; None
    where nothing is known, or time does not matter any more."""

    estimate: int | None = None
    left: float | None = None

    def expected(self, pace: float) -> int | None:
        """Seconds on a printer of this pace."""
        return None if self.estimate is None else round(self.estimate * pace)

    def late(self, pace: float) -> tuple[str, ...]:
        """Why a printer of this pace cannot make it in time; nothing where it can."""
        expected = self.expected(pace)
        if expected is None or self.left is None or expected <= self.left:
            return ()
        left = duration_text(max(self.left, 0))
        return (f"Printing would take about {duration_text(expected)} here, the deadline is in {left}.",)
