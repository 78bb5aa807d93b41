"""Approval and release: four eyes, the content digest, the approver's sample, angrefrist, stop."""
