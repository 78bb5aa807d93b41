"""Makes lists of any size with a register that answers for every row, from a seed: same seed, same bytes."""
