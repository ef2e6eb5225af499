"""How far estimates are from what a slicer says of the same parts."""
