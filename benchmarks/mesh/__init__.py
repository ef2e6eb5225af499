"""How long a model takes to measure in full, beside the least that trimesh does with it."""
