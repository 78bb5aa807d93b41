"""Log and metric plumbing: the request id on every log line, counters that start at 0."""
