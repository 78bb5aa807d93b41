"""Give, change and end single grants."""
