"""The world outside as one process: registers, mailboxes, Altinn and citizens, over their real protocols.

A fake of them, never of us: nothing of the product's logic lives here.
"""
