"""What the platform costs: `./run python -m benchmarks [ingest|letters|all] [--quick]`.

No network; ratios are taken within one run, side by side.
"""
