"""eDialog for the citizen: choose whom to write to, write, attach files, send. The routes are Min side's."""
