"""The login session of a browser: its row, Flask's session on it, forms kept during a login, the chosen
organisation.
"""
