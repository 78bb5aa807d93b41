"""Pages of a mailing outside the steps: list, preview, approval, release, progress, letters, deletion."""
