"""The receivers of a mailing: uploaded as a list or typed, read and controlled by workers."""
