"""What the platform costs: `./run python -m benchmarks [ingest|letters|all] [--quick]`. No network, ratios side by side."""
