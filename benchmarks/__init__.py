"""What the platform costs: `./run python -m benchmarks [ingest|intake|letters|all] [--quick]`.

No network; ratios are taken within one run, side by side.
"""
