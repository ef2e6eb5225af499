"""Slicers as child processes under limits, for whoever has a clean STL: PrusaSlicer, and CuraEngine as
WebAssembly. Imports nothing of ours; what is sliced for, and how, its callers say."""
