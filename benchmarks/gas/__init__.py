"""Gas of every function of the contracts, from receipts of a chain, beside a floor measured in the same run.

`python -m benchmarks.gas` starts an Anvil of its own and prints; `--write` renews the snapshot and the pages.
"""
