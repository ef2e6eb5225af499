"""How long a model takes to measure, estimate and draw, beside the least that other programs do with it."""
