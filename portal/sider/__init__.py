"""The portal's own pages: front door, help, privacy, accessibility statement."""
