"""What shows that the contracts' tests and proofs amount to something: `python -m tools.assurance.<name>`."""
