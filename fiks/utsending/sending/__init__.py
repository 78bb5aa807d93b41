"""From release to report: feeding letters to delivery, progress, stop, retry, reports."""
