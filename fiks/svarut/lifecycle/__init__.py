"""How a letter moves on: the choice of channel, the next one after a refusal, reading, lesefrist, the print
order and the posting date.
"""
