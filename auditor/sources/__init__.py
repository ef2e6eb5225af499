"""Where facts come from: a node and a bundle. Neither is trusted; each is read within limits."""
