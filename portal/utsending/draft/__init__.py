"""The guided job in five steps: facts, receivers, control, letter, summary."""
