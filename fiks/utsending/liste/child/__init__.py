"""Reading a recipient list in a child process with hard limits."""
