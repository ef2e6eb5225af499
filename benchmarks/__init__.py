"""Measurements: each benchmark is a package that prints ours, its peers, the limit and the ratio."""
