"""eDialog for the citizen: choose whom to write to, write, send, and find it again. The routes are Min side's."""
