"""The contracts of Infill: sources, the committed build, and what Python needs to deploy and call them."""
