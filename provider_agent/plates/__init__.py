"""Which copies of an agreement are printed together, and where on the plate each of them lies."""
