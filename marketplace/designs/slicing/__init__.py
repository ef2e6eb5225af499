"""A real slicer's word on a model, to estimate by: never what is printed."""
