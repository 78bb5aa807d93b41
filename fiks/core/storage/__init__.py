"""The object store, where documents lie encrypted: one object each, or many in a segment."""
