"""Health endpoints: liveness, readiness, and the full state for operators."""
