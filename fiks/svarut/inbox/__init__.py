"""«Post fra kommunen»: the receiver's letters, who may read them, and replies."""
