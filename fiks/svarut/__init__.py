"""SvarUt: letters, from intake or release to the last receipt, and what sender and receiver see of them."""
