"""What the channels answer: their receipt feeds, what a receipt does to its letter, and the nightly
reconciliation.
"""
